/** One tab stop for a list: arrows, Home and End move inside it, → opens or goes to a row's actions, ← goes back. */
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";

const ITEM = "[data-roving]";

/** Marks the actions button beside an item. */
export const rowActions = { "data-row-actions": true, tabIndex: -1 } as const;

interface Roving<T extends HTMLElement> {
  ref: RefObject<T | null>;
  onKeyDown: (event: KeyboardEvent<T>) => void;
  onFocus: (event: { target: EventTarget }) => void;
}

/** Props for the container; its items carry `data-roving`. */
export function useRoving<T extends HTMLElement>(): Roving<T> {
  const ref = useRef<T>(null);
  const items = () => [...(ref.current?.querySelectorAll<HTMLElement>(ITEM) ?? [])];

  const stopAt = (stop: HTMLElement | undefined) => {
    for (const item of items()) item.tabIndex = item === stop ? 0 : -1;
  };

  useEffect(() => {
    const all = items();
    if (all.filter((item) => item.tabIndex === 0).length === 1) return;
    stopAt(all.find((item) => item.getAttribute("aria-current") === "page") ?? all[0]);
  });

  const onKeyDown = (event: KeyboardEvent<T>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
    const { target } = event;
    const row = target.closest("li");
    if (event.key === "ArrowLeft" && target.hasAttribute("data-row-actions")) {
      row?.querySelector<HTMLElement>(ITEM)?.focus();
      return;
    }
    if (!target.matches(ITEM)) return;
    const all = items();
    const at = all.indexOf(target);
    const expanded = target.getAttribute("aria-expanded");
    const actions = () => target.parentElement?.querySelector<HTMLElement>("[data-row-actions]")?.focus();
    switch (event.key) {
      case "ArrowDown":
        all[at + 1]?.focus();
        break;
      case "ArrowUp":
        all[at - 1]?.focus();
        break;
      case "Home":
        all[0]?.focus();
        break;
      case "End":
        all.at(-1)?.focus();
        break;
      case "ArrowRight":
        if (expanded === "false") target.click();
        else actions();
        break;
      case "ArrowLeft":
        if (expanded === "true") target.click();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const onFocus = ({ target }: { target: EventTarget }) => {
    if (target instanceof HTMLElement && target.matches(ITEM)) stopAt(target);
  };

  return { ref, onKeyDown, onFocus };
}
