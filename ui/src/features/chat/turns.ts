/**
 * The answers that are being written, by conversation. Only the live message reads one while it grows. A turn lives on while
 * another conversation is on screen, and leaves when its kept answer has taken its place.
 */
import { create } from "zustand";
import type { FailureView, MessageView, TokensView } from "../../bridge";
import type { MarkdownDocument } from "../markdown";

/** A wait before the request goes out again. */
export interface Wait {
  kind: "wait";
  failure: FailureView;
  attempt: number;
  attempts: number;
  retryAt: number;
}

/** What an answer is held up by: the provider, the network, or a disk that does not take what was written. */
export type Hold = Wait | { kind: "offline"; failure: FailureView } | { kind: "unsaved" };

/** What is known of a running answer. A new object for every frame that changed it. */
export interface LiveTurn {
  /** Handle for stop and "try now". */
  id: string;
  answer: MessageView;
  /** Grows in place. */
  document: MarkdownDocument;
  thinking: string;
  tokens: TokensView | null;
  costSoFar: string | null;
  /** It is counted from the text, not by the provider. */
  costIsEstimate: boolean;
  /** Something of the answer has come. */
  hasBegun: boolean;
  hold: Hold | null;
  /** When this try went out. */
  startedAt: number;
}

type Turns = Record<string, LiveTurn>;

const useTurns = create<Turns>(() => ({}));

/** The running answer of a conversation. */
export const useLiveTurn = (conversationId: string | null): LiveTurn | null =>
  useTurns((turns) => (conversationId === null ? undefined : turns[conversationId]) ?? null);

/** The message that is being written; does not change with each frame. */
export const useLiveId = (conversationId: string): string | null =>
  useTurns((turns) => turns[conversationId]?.answer.id ?? null);

/** The turn that is running in a conversation, as the backend knows it. */
export const liveTurnId = (conversationId: string): string | null => useTurns.getState()[conversationId]?.id ?? null;

/** Whether the answer is whole and waits for room on the disk: there is nothing left to stop. */
export const useIsUnsaved = (conversationId: string): boolean =>
  useTurns((turns) => turns[conversationId]?.hold?.kind === "unsaved");

/** Settles when the conversation's running answer has ended. */
export function whenEnded(conversationId: string): Promise<void> {
  if (!(conversationId in useTurns.getState())) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = useTurns.subscribe((turns) => {
      if (conversationId in turns) return;
      stop();
      resolve();
    });
  });
}

/** Shows a frame of a running answer. */
export function showTurn(conversationId: string, turn: LiveTurn): void {
  useTurns.setState({ [conversationId]: turn });
}

/** Takes an ended turn away. */
export function removeTurn(conversationId: string): void {
  useTurns.setState(({ [conversationId]: _, ...others }) => others, true);
}
