/** Applies what the system and the preferences say about looks to the root element. */
import { useEffect } from "react";
import type { Os } from "../bridge";
import { usePreferences } from "../preferences";

const platforms: Record<Os, string> = { mac: "mac", windows: "win", linux: "linux" };

/** Theme, text size, font and platform, on `<html>`. */
export function useAppearance(os: Os): void {
  const { theme, textSize, systemFont } = usePreferences();
  const root = document.documentElement;
  // Key names are written while rendering, so the platform must stand before the first paint.
  if (root.dataset.platform !== platforms[os]) root.dataset.platform = platforms[os];
  useEffect(() => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.style.fontSize = textSize === 100 ? "" : `${textSize}%`;
    root.toggleAttribute("data-system-font", systemFont);
  }, [theme, textSize, systemFont]);
}
