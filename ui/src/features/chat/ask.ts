/**
 * Asking: sends through the backend, puts the question and the open answer into the conversation, which a first question
 * begins, and the kept answer in their place at the end. Refusals are thrown to the caller, who keeps what was typed; nothing
 * is sent twice.
 */
import type { QueryClient } from "@tanstack/react-query";
import {
  type Ask,
  bridge,
  type ConversationView,
  type MessageView,
  type ModelRef,
  queries,
  type TurnView,
} from "../../bridge";
import { keepDocument } from "./documents";
import { TurnListener } from "./TurnListener";

/** Asks through the backend; `client` holds the conversation on screen. */
export function asker(client: QueryClient): (ask: Ask, model: ModelRef) => Promise<TurnView> {
  const change = (id: string, next: (conversation: ConversationView) => ConversationView) =>
    client.setQueryData(queries.conversation(id).queryKey, (conversation) => conversation && next(conversation));

  const ended = (id: string, answer: MessageView) =>
    change(id, (conversation) => ({
      ...conversation,
      turnId: null,
      messages: conversation.messages.map((message) => (message.id === answer.id ? answer : message)),
    }));

  return async (ask, model) => {
    const listener = new TurnListener((conversationId, answer, document) => {
      keepDocument(answer.id, document);
      ended(conversationId, answer);
    });
    const turn = await bridge.chatSend({ ask, model }, listener.hear);
    const { queryKey } = queries.conversation(turn.conversationId);
    // A reading that is under way was begun before the question was there; its result would take the question away again.
    await client.cancelQueries({ queryKey });
    if (ask.kind === "first") client.setQueryData(queryKey, begun(ask.projectId, model, turn));
    else {
      change(turn.conversationId, (conversation) => ({
        ...conversation,
        model,
        turnId: turn.id,
        draft: ask.kind === "question" ? "" : conversation.draft,
        messages: [...messagesBefore(conversation.messages, ask, turn.question), turn.question, turn.answer],
      }));
    }
    listener.begin(turn);
    return turn;
  };
}

/** A conversation of which there is its first question. Its title is in the list of conversations. */
function begun(projectId: string | null, model: ModelRef, turn: TurnView): ConversationView {
  const { conversationId: id, question, answer } = turn;
  return { id, projectId, title: "", messages: [question, answer], draft: "", model, turnId: turn.id };
}

/** What stays on screen above the question of a turn, which may have been asked before, or in other words. */
function messagesBefore(messages: readonly MessageView[], ask: Ask, question: MessageView): readonly MessageView[] {
  const replaced = ask.kind === "edited" ? ask.questionId : question.id;
  const at = messages.findIndex(({ id }) => id === question.id || id === replaced);
  return at === -1 ? messages : messages.slice(0, at);
}
