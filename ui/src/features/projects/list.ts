/** What the list of projects remembers while the window is open: what is folded, what is being named. */
import { create } from "zustand";
import type { ConversationSummary } from "../../bridge";

/** What is being named, and where its field stands. */
export type Naming =
  | { what: "newProject" }
  | { what: "project"; id: string }
  | { what: "conversation"; id: string; where: "sidebar" | "titlebar" };

/** How many conversations of a project are in the list, and how many come with each press. */
export const SHOWN_AT_FIRST = 100;
export const SHOWN_MORE = 200;

interface List {
  folded: ReadonlySet<string>;
  /** How many conversations are shown, by project, where it is more than at first; `null` for those of no project. */
  shown: ReadonlyMap<string | null, number>;
  naming: Naming | null;
}

/** The list's own state. */
export const useList = create<List>(() => ({
  folded: new Set(),
  shown: new Map(),
  naming: null,
}));

/** Conversations by project, in their order; `null` is no project. */
export function ofProjects(conversations: readonly ConversationSummary[]): Map<string | null, ConversationSummary[]> {
  const byProject = new Map<string | null, ConversationSummary[]>();
  for (const each of conversations) {
    const others = byProject.get(each.projectId);
    if (others) others.push(each);
    else byProject.set(each.projectId, [each]);
  }
  return byProject;
}

/** Begins to name something, or stops. */
export function name(naming: Naming | null): void {
  useList.setState({ naming });
}

/** Shows more of a project's conversations. */
export function showMore(projectId: string | null): void {
  useList.setState(({ shown }) => ({
    shown: new Map(shown).set(projectId, (shown.get(projectId) ?? SHOWN_AT_FIRST) + SHOWN_MORE),
  }));
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
