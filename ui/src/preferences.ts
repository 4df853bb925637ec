/** The window's own preferences, with what holds where nothing was chosen. Kept by the backend, applied by the shell. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { bridge, type Preferences, queries } from "./bridge";
import { toast } from "./kit";
import { t } from "./text";

const DEFAULTS: Required<Preferences> = {
  theme: "system",
  textSize: 100,
  systemFont: false,
  returnKey: "sends",
  sidebarHidden: false,
  sidebarWidth: 244,
};

/** The preferences in force. */
export function usePreferences(): Required<Preferences> {
  const { data } = useQuery(queries.preferences);
  return { ...DEFAULTS, ...data };
}

/** Changes some of them: at once on screen, and taken back with a word when they could not be kept. */
export function useChangePreferences(): (change: Partial<Required<Preferences>>) => void {
  const client = useQueryClient();
  return (change) => {
    const { queryKey } = queries.preferences;
    const before = client.getQueryData(queryKey) ?? {};
    const after = { ...before, ...change };
    client.setQueryData(queryKey, after);
    bridge.preferencesSet(after).catch(() => {
      client.setQueryData(queryKey, before);
      toast({ title: t("preferences.notKept") });
    });
  };
}
