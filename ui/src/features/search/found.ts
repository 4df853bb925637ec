/** What a search found, as one list of rows in groups. */
import type {
  FoundConversationView,
  FoundMessageView,
  FoundProjectView,
  SearchView,
  WorkspaceView,
} from "../../bridge";
import { t } from "../../text";

/** A row that can be chosen. */
export type Row =
  | { kind: "project"; project: FoundProjectView }
  | { kind: "conversation"; conversation: FoundConversationView }
  | { kind: "message"; message: FoundMessageView }
  | { kind: "older" };

export interface Group {
  label: string;
  items: Row[];
}

const MOST_RECENT = 6;

/** The row's own key, and its plain words for those who do not see it. */
export function keyOf(row: Row): string {
  switch (row.kind) {
    case "project":
      return row.project.id;
    case "conversation":
      return row.conversation.id;
    case "message":
      return row.message.id;
    case "older":
      return row.kind;
  }
}

export function groupsOf({ projects, conversations, messages, more }: SearchView): Group[] {
  const groups: Group[] = [
    { label: t("search.projects"), items: projects.map((project) => ({ kind: "project", project })) },
    {
      label: t("search.conversations"),
      items: conversations.map((conversation) => ({ kind: "conversation", conversation })),
    },
    {
      label: t("search.messages"),
      items: [
        ...messages.map((message): Row => ({ kind: "message", message })),
        ...(more ? [{ kind: "older" } as const] : []),
      ],
    },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

/** Before anything is typed: what was worked on last. */
export function recentOf(workspace: WorkspaceView | undefined): Group[] {
  const items = (workspace?.conversations ?? []).slice(0, MOST_RECENT).map(
    ({ id, title, projectId, updatedAt }): Row => ({
      kind: "conversation",
      conversation: {
        id,
        title: title === "" ? [] : [{ text: title, isHit: false }],
        project: workspace?.projects.find((project) => project.id === projectId)?.name ?? null,
        updatedAt,
      },
    }),
  );
  return items.length > 0 ? [{ label: t("search.recent"), items }] : [];
}
