/** Whether the window is too narrow for a side bar beside the screen: a small window, or a large zoom. */
import { useSyncExternalStore } from "react";

const tooNarrow = () => window.matchMedia("(max-width: 700px)");

function subscribe(listen: () => void): () => void {
  const query = tooNarrow();
  query.addEventListener("change", listen);
  return () => query.removeEventListener("change", listen);
}

export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => tooNarrow().matches);
