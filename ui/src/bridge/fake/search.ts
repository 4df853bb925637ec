/** Search in memory: words as they begin, newest first. Without the index's knowledge of scripts and accents. */
import type { Backend } from "../backend";
import type { ConversationView, PieceView } from "../bindings";
import { refuse, type State } from "./state";
import { conversationOf, hideFrom } from "./workspace";

type SearchCommands = Pick<Backend, "search" | "searchOpen">;

const AROUND = 60;

/** The words of what was typed, each a pattern that its beginning must match. */
function wordsOf(typed: string): RegExp[] {
  const words = typed.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "giu"));
}

function matches(text: string, words: RegExp[]): boolean {
  return words.length > 0 && words.every((word) => text.search(word) !== -1);
}

function pieces(text: string, words: RegExp[]): PieceView[] {
  const hits = words.flatMap((word) =>
    [...text.matchAll(word)].map((hit) => ({ at: hit.index, length: hit[0].length })),
  );
  const all: PieceView[] = [];
  let end = 0;
  for (const { at, length } of hits.sort((a, b) => a.at - b.at)) {
    if (at < end) continue;
    if (at > end) all.push({ text: text.slice(end, at), isHit: false });
    end = at + length;
    all.push({ text: text.slice(at, end), isHit: true });
  }
  return end < text.length ? [...all, { text: text.slice(end), isHit: false }] : all;
}

function excerpt(text: string, words: RegExp[]): PieceView[] {
  const line = text.replace(/\s+/g, " ");
  const first = Math.min(...words.map((word) => line.search(word)).filter((at) => at !== -1));
  const from = Math.max(0, first - AROUND);
  const cut = line.slice(from, first + 2 * AROUND);
  return pieces(`${from > 0 ? "…" : ""}${cut}${first + 2 * AROUND < line.length ? "…" : ""}`, words);
}

/** The search commands over `state`. */
export function searchCommands(state: State): SearchCommands {
  const projectName = (id: string | null) => state.projects.find((each) => each.id === id)?.name ?? null;
  const messagesOf = (conversation: ConversationView) => [
    ...conversation.messages,
    ...conversation.messages.flatMap(({ versions, id }) =>
      versions.filter((each) => each !== id).flatMap((each) => state.versions.get(each) ?? []),
    ),
  ];
  return {
    search: async (typed, limit) => {
      if (state.isSearchBroken) refuse("storage");
      const words = wordsOf(typed);
      const messages = state.conversations
        .flatMap((conversation) =>
          messagesOf(conversation).map((message) => ({
            id: message.id,
            conversationId: conversation.id,
            title: conversation.title,
            project: projectName(conversation.projectId),
            role: message.role,
            createdAt: message.createdAt,
            text: message.text,
          })),
        )
        .filter(({ text }) => matches(text, words))
        .sort((a, b) => b.createdAt - a.createdAt);
      return {
        projects: state.projects
          .filter(({ name }) => matches(name, words))
          .map(({ id, name }) => ({ id, name: pieces(name, words) })),
        conversations: state.conversations
          .filter(({ title }) => matches(title, words))
          .map(({ id, title, projectId }) => ({
            id,
            title: pieces(title, words),
            project: projectName(projectId),
            updatedAt: state.changedAt.get(id) ?? 0,
          })),
        messages: messages.slice(0, limit).map(({ text, ...found }) => ({ ...found, excerpt: excerpt(text, words) })),
        more: messages.length > limit,
        unindexed: state.unindexed,
      };
    },
    searchOpen: async (messageId) => {
      const conversation =
        state.conversations.find((each) => messagesOf(each).some(({ id }) => id === messageId)) ?? refuse("not_found");
      if (conversation.messages.some(({ id }) => id === messageId)) return conversation;
      const at = conversation.messages.findIndex(({ versions }) =>
        versions.some((version) => (state.versions.get(version) ?? []).some(({ id }) => id === messageId)),
      );
      const shown = conversation.messages[at] ?? refuse("not_found");
      const version = shown.versions.find((each) =>
        (state.versions.get(each) ?? []).some(({ id }) => id === messageId),
      );
      const hidden = state.versions.get(version ?? "") ?? refuse("not_found");
      const before = hideFrom(state, conversation, at);
      const { versions } = shown;
      const changed = {
        ...conversationOf(state, conversation.id),
        messages: [
          ...before,
          ...hidden.map((each, place) =>
            place === 0 ? { ...each, versions, version: versions.indexOf(each.id) } : each,
          ),
        ],
      };
      state.conversations = state.conversations.map((each) => (each.id === changed.id ? changed : each));
      return changed;
    },
  };
}
