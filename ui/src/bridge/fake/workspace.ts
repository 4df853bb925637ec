/** Projects, conversations and drafts in memory. */
import type { Backend } from "../backend";
import type { ConversationView, MessageView } from "../bindings";
import { announce, newId, refuse, type State } from "./state";

type WorkspaceCommands = Pick<
  Backend,
  "workspaceView" | Extract<keyof Backend, `projects${string}` | `conversations${string}` | `drafts${string}`>
>;

/** The open conversation with this id. */
export function conversationOf(state: State, id: string): ConversationView {
  return state.conversations.find((each) => each.id === id) ?? refuse("not_found");
}

/** A new, empty conversation. */
export function createConversation(state: State, projectId: string | null): ConversationView {
  const created: ConversationView = {
    id: newId(state, "conversation"),
    projectId,
    title: "",
    messages: [],
    draft: "",
    model: null,
    turnId: null,
  };
  state.conversations = [created, ...state.conversations];
  state.changedAt.set(created.id, Date.now());
  return created;
}

/** Keeps a message and what follows it as a version that is not shown; what stands before it stays. */
export function hideFrom(state: State, { messages }: ConversationView, at: number): MessageView[] {
  const [first, ...following] = messages.slice(at);
  if (first) state.versions.set(first.id, [first, ...following]);
  return messages.slice(0, at);
}

/** Changes a conversation and says so. */
export function changeConversation(state: State, id: string, more: Partial<ConversationView>): ConversationView {
  const changed = { ...conversationOf(state, id), ...more };
  state.conversations = state.conversations.map((each) => (each.id === id ? changed : each));
  state.changedAt.set(id, Date.now());
  announce(state, { what: "conversation", id }, { what: "workspace" });
  return changed;
}

/** The workspace commands over `state`. */
export function workspaceCommands(state: State): WorkspaceCommands {
  const changed = () => announce(state, { what: "workspace" });
  return {
    workspaceView: async () => ({
      projects: [...state.projects].sort((a, b) => a.name.localeCompare(b.name)),
      conversations: state.conversations
        .map(({ id, projectId, title, turnId }) => ({
          id,
          projectId,
          title,
          updatedAt: state.changedAt.get(id) ?? 0,
          answering: turnId !== null,
        }))
        .sort((a, b) => b.updatedAt - a.updatedAt),
    }),
    projectsCreate: async (name) => {
      if (name.trim() === "") refuse("invalid_input");
      const project = { id: newId(state, "project"), name: name.trim(), spentThisMonth: "0" };
      state.projects = [...state.projects, project];
      changed();
      return project;
    },
    projectsRename: async (id, name) => {
      state.projects = state.projects.map((each) => (each.id === id ? { ...each, name } : each));
      changed();
      return null;
    },
    projectsDelete: async (id) => {
      const project = state.projects.find((each) => each.id === id) ?? refuse("not_found");
      const conversations = state.conversations.filter((each) => each.projectId === id);
      state.deletedProjects.set(id, { project, conversations });
      state.projects = state.projects.filter((each) => each.id !== id);
      state.conversations = state.conversations.filter((each) => each.projectId !== id);
      changed();
      return null;
    },
    projectsRestore: async (id) => {
      const deleted = state.deletedProjects.get(id) ?? refuse("not_found");
      state.projects = [...state.projects, deleted.project];
      state.conversations = [...state.conversations, ...deleted.conversations];
      changed();
      return null;
    },
    conversationsOpen: async (id) => conversationOf(state, id),
    conversationsRename: async (id, title) => {
      changeConversation(state, id, { title });
      return null;
    },
    conversationsMove: async (id, projectId) => {
      changeConversation(state, id, { projectId });
      return null;
    },
    conversationsDelete: async (id) => {
      state.deletedConversations.set(id, conversationOf(state, id));
      state.conversations = state.conversations.filter((each) => each.id !== id);
      changed();
      return null;
    },
    conversationsRestore: async (id) => {
      const deleted = state.deletedConversations.get(id) ?? refuse("not_found");
      state.conversations = [...state.conversations, deleted];
      changed();
      return null;
    },
    conversationsShowVersion: async (messageId) => {
      const conversation =
        state.conversations.find((each) => each.messages.some(({ versions }) => versions.includes(messageId))) ??
        refuse("not_found");
      const at = conversation.messages.findIndex(({ versions }) => versions.includes(messageId));
      const [shown] = conversation.messages.slice(at);
      if (!shown || shown.id === messageId) return conversation;
      const [other, ...following] = state.versions.get(messageId) ?? refuse("not_found");
      const before = hideFrom(state, conversation, at);
      const { versions } = shown;
      const chosen = other ? [{ ...other, versions, version: versions.indexOf(messageId) }] : [];
      return changeConversation(state, conversation.id, { messages: [...before, ...chosen, ...following] });
    },
    conversationsChooseModel: async (id, model) => {
      changeConversation(state, id, { model });
      return null;
    },
    draftsSave: async (conversationId, text) => {
      if (state.isDiskFull) refuse("storage");
      state.drafts.set(conversationId ?? "", text);
      if (conversationId) {
        state.conversations = state.conversations.map((each) =>
          each.id === conversationId ? { ...each, draft: text } : each,
        );
      }
      return null;
    },
    draftsRead: async (conversationId) => state.drafts.get(conversationId ?? "") ?? "",
  };
}
