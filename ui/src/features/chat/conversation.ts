/** What can be done in the conversation on screen. One object for all of its messages; it changes only with the conversation. */
import { createContext, useContext } from "react";
import type { Ask, ModelRef } from "../../bridge";

export interface ConversationActions {
  conversationId: string;
  /** Asks, and shows the refusal if there is one; true when it is on its way. */
  ask: (ask: Ask, model: ModelRef) => Promise<boolean>;
  /** Stops what is running, then asks. */
  stopAndAsk: (ask: Ask, model: ModelRef) => void;
  /** Opens a question for editing. */
  edit: (questionId: string | null) => void;
  /** Whether the field of the question that was opened is to take the focus: once, not each time its row is drawn anew. */
  takesFocus: () => boolean;
  /** Shows another version of a message. */
  showVersion: (messageId: string) => void;
}

const Actions = createContext<ConversationActions | null>(null);
export const ConversationProvider = Actions.Provider;

export function useConversation(): ConversationActions {
  const actions = useContext(Actions);
  if (!actions) throw new Error("outside of a conversation");
  return actions;
}
