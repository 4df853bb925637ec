/** What the list of projects remembers while the window is open: what is folded, what is being named. */
import { create } from "zustand";

/** What is being named, and where its field stands. */
export type Naming =
  | { what: "newProject" }
  | { what: "project"; id: string }
  | { what: "conversation"; id: string; where: "sidebar" | "titlebar" };

interface List {
  folded: ReadonlySet<string>;
  naming: Naming | null;
}

/** The list's own state. */
export const useList = create<List>(() => ({ folded: new Set(), naming: null }));

/** Begins to name something, or stops. */
export function name(naming: Naming | null): void {
  useList.setState({ naming });
}

/** Folds a project or opens it. */
export function fold(projectId: string, folded: boolean): void {
  useList.setState((state) => {
    const next = new Set(state.folded);
    if (folded) next.add(projectId);
    else next.delete(projectId);
    return { folded: next };
  });
}
