/** Where the side bar is: beside the screen, hidden, or, in a narrow window, over the screen until one goes somewhere. */
import { type RefObject, useEffect, useRef, useState } from "react";
import { useChangePreferences, usePreferences } from "../preferences";
import { useRoute } from "../route";
import { useIsNarrow } from "./narrow";

interface SideBarPlace {
  place: "beside" | "hidden" | "over";
  /** Shows or hides it; null where it stays. */
  toggle: (() => void) | null;
  /** The button that shows or hides it, whichever is on screen. */
  button: RefObject<HTMLButtonElement | null>;
}

export function useSideBar(): SideBarPlace {
  const route = useRoute();
  const { sidebarHidden } = usePreferences();
  const change = useChangePreferences();
  const isNarrow = useIsNarrow();
  const [isOver, setOver] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const inSettings = route.screen === "settings";
  const isHidden = isNarrow ? !isOver : sidebarHidden && !inSettings;

  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes it.
  useEffect(() => setOver(false), [route, isNarrow]);
  // One button takes the other's place, so the focus would be lost.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it is shown or hidden.
  useEffect(() => {
    if (document.activeElement === document.body) button.current?.focus();
  }, [isHidden]);

  const toggle = () => (isNarrow ? setOver(!isOver) : change({ sidebarHidden: !sidebarHidden }));
  return {
    place: isHidden ? "hidden" : isNarrow ? "over" : "beside",
    toggle: inSettings && !isNarrow ? null : toggle,
    button,
  };
}
