/**
 * The window's keyboard shortcuts: one registry for what is listed and what is heard. On Windows and Linux ⌘ is Ctrl, ⌥ is
 * Alt; nothing uses Ctrl+Alt, which is AltGr on many layouts.
 */
import { useEffect, useRef } from "react";
import { layerIsOpen } from "./kit";
import type { MessageKey } from "./text";

interface Shortcut {
  /** `mod` is ⌘ or Ctrl. */
  keys: string;
  /** What it does. */
  label: MessageKey;
}

/** Every shortcut, in the order of the list in the settings. */
export const shortcuts = {
  newConversation: { keys: "mod+n", label: "shortcut.newConversation" },
  newProject: { keys: "mod+shift+n", label: "shortcut.newProject" },
  search: { keys: "mod+k", label: "shortcut.search" },
  findEverywhere: { keys: "mod+shift+f", label: "shortcut.findEverywhere" },
  focusComposer: { keys: "mod+l", label: "shortcut.focusComposer" },
  switchModel: { keys: "mod+shift+m", label: "shortcut.switchModel" },
  retry: { keys: "mod+r", label: "shortcut.retry" },
  copyAnswer: { keys: "mod+shift+c", label: "shortcut.copyAnswer" },
  previousConversation: { keys: "alt+arrowup", label: "shortcut.previousConversation" },
  nextConversation: { keys: "alt+arrowdown", label: "shortcut.nextConversation" },
  project: { keys: "mod+1…9", label: "shortcut.project" },
  sidebar: { keys: "mod+\\", label: "shortcut.sidebar" },
  nextRegion: { keys: "f6", label: "shortcut.nextRegion" },
  previousRegion: { keys: "shift+f6", label: "shortcut.previousRegion" },
  settings: { keys: "mod+,", label: "shortcut.settings" },
  list: { keys: "mod+/", label: "shortcut.list" },
} as const satisfies Record<string, Shortcut>;

/** The name of a shortcut. */
export type ShortcutName = keyof typeof shortcuts;

const isMac = (): boolean => document.documentElement.dataset.platform === "mac";

/** The keys as this system writes them: "⇧⌘N" or "Ctrl+Shift+N". */
export function keyLabel(keys: string): string {
  const mac = isMac();
  const names: Record<string, string> = mac
    ? { mod: "⌘", shift: "⇧", alt: "⌥", arrowup: "↑", arrowdown: "↓", enter: "Return", escape: "Esc" }
    : { mod: "Ctrl", shift: "Shift", alt: "Alt", arrowup: "↑", arrowdown: "↓", enter: "Return", escape: "Esc" };
  const parts = keys.split("+").map((part) => names[part] ?? part.toUpperCase());
  if (!mac) return parts.join("+");
  const order = ["⌥", "⇧", "⌘"];
  return parts.sort((a, b) => rank(order, a) - rank(order, b)).join("");
}

const rank = (order: string[], part: string): number => (order.includes(part) ? order.indexOf(part) : order.length);

/** Whether a key press is this shortcut. */
function isPressed(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split("+");
  const mod = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const anyMod = event.metaKey || event.ctrlKey;
  return (
    event.key.toLowerCase() === parts.at(-1) &&
    (parts.includes("mod") ? mod : !anyMod) &&
    event.shiftKey === parts.includes("shift") &&
    event.altKey === parts.includes("alt")
  );
}

/** Acts on ⌘1 to ⌘9 with the number pressed. */
export function useNumberShortcut(act: (number: number) => void): void {
  useKeyDown((event) => {
    const number = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((each) => isPressed(event, `mod+${each}`));
    if (number === undefined) return;
    event.preventDefault();
    act(number);
  });
}

/** Acts on a shortcut wherever the focus is, except below an open dialog, sheet or menu. */
export function useShortcut(name: Exclude<ShortcutName, "project">, act: () => void): void {
  useKeyDown((event) => {
    if (!isPressed(event, shortcuts[name].keys)) return;
    event.preventDefault();
    act();
  });
}

function useKeyDown(hear: (event: KeyboardEvent) => void): void {
  const current = useRef(hear);
  useEffect(() => {
    current.current = hear;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && !event.isComposing && !layerIsOpen()) current.current(event);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
