/** A text field that grows with its text, up to a third of the window; then it scrolls. */
import { type RefObject, useLayoutEffect } from "react";

/** So much text fills any field: laying it out twice at each key, only to learn that, would hold up the next one. */
const FULL = 20_000;

export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    const most = window.innerHeight / 3;
    if (text.length < FULL) element.style.height = "auto";
    element.style.height = `${text.length < FULL ? Math.min(element.scrollHeight, most) : most}px`;
  }, [field, text]);
}
