/** Taking a key out of use, with the words that name where it is. */
import { bridge, type KeyView, type StoreView } from "../../bridge";
import { toast } from "../../kit";
import { t } from "../../text";
import { codeOf } from "../failures";

/** Whose key it is, as the list calls it: the provider, or what the user called an endpoint of their own. */
export const keyOwner = (key: KeyView): string =>
  key.provider === "openai_compatible" && key.label !== "" ? key.label : key.providerName;

/** A key as it is called in sentences: "Anthropic ··4f2a". */
export const keyName = (key: KeyView): string =>
  key.last4 ? `${keyOwner(key)} ··${key.last4}` : key.label || keyOwner(key);

function removedText(key: KeyView, store: string): string {
  const names = { name: keyName(key), store, provider: keyOwner(key) };
  switch (key.place) {
    case "system":
      return t("keys.removed", names);
    case "vault":
      return t("keys.removed", { ...names, store: t("store.vaultName") });
    case "vault_aside":
      return t("keys.removedSetAside", { ...names, store: t("store.vaultName") });
    case "set_aside":
      return t("keys.removedSetAside", names);
    case "session":
      return t("keys.removedMemory", names);
    case "missing":
    case "session_ended":
      return t("keys.forgotten", names);
    case "none":
      return t("keys.removedEndpoint", names);
  }
}

/** Takes a key out of use; "Undo" brings it back while the backend keeps it. */
export async function removeKey(key: KeyView, store: StoreView): Promise<void> {
  const { undoUntil } = await bridge.keysRemove(key.id);
  toast({
    title: removedText(key, store.name),
    undoUntil,
    undo: () => {
      bridge.keysRestore(key.id).catch((error: unknown) => {
        toast({ title: t("projects.failed", { code: codeOf(error) }) });
      });
    },
  });
}
