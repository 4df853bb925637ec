/** Gathers a turn's events and shows them once a frame: text arrives faster than it can be drawn. */
import type { MessageView, TurnEvent, TurnView } from "../../bridge";
import { MarkdownDocument } from "../markdown";
import { type LiveTurn, removeTurn, showTurn } from "./turns";

/** Gathers a turn's events from the moment it is asked for, before its ids are known. */
export class TurnListener {
  private conversationId: string | null = null;
  private live: Omit<LiveTurn, "id" | "answer"> & Partial<Pick<LiveTurn, "id" | "answer">> = {
    document: new MarkdownDocument(),
    thinking: "",
    tokens: null,
    costSoFar: null,
    costIsEstimate: false,
    hasBegun: false,
    hold: null,
    startedAt: Date.now(),
  };
  private text = "";
  private frame: number | null = null;
  private ended: MessageView | null = null;

  /** `onEnded` receives the answer as it is kept, with its document. */
  constructor(
    private readonly onEnded: (conversationId: string, answer: MessageView, document: MarkdownDocument) => void,
  ) {}

  /** The backend has begun: from now on the turn is shown. */
  begin(turn: TurnView): void {
    this.conversationId = turn.conversationId;
    this.live = { ...this.live, id: turn.id, answer: turn.answer };
    this.flush();
    if (this.ended) this.end(this.ended);
  }

  readonly hear = (event: TurnEvent): void => {
    switch (event.kind) {
      case "delta":
        this.text += event.text;
        this.live = {
          ...this.live,
          thinking: this.live.thinking + event.thinking,
          tokens: event.tokens ?? this.live.tokens,
          costSoFar: event.costSoFar ?? this.live.costSoFar,
          costIsEstimate: event.costIsEstimate,
          hasBegun: true,
          hold: null,
        };
        break;
      case "waiting": {
        const { failure, attempt, attempts, retryAt } = event;
        this.live = { ...this.live, hold: { kind: "wait", failure, attempt, attempts, retryAt } };
        break;
      }
      case "offline":
        this.live = { ...this.live, hold: { kind: "offline", failure: event.failure } };
        break;
      case "sending":
        this.live = { ...this.live, hold: null, startedAt: Date.now() };
        break;
      case "unsaved":
        this.live = { ...this.live, hold: { kind: "unsaved" } };
        break;
      case "ended":
        this.end(event.answer);
        return;
    }
    this.frame ??= requestAnimationFrame(this.flush);
  };

  private readonly flush = (): void => {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.text !== "") this.live.document.append(this.text);
    this.text = "";
    const { id, answer } = this.live;
    if (this.conversationId === null || id === undefined || answer === undefined) return;
    showTurn(this.conversationId, { ...this.live, id, answer });
  };

  private end(answer: MessageView): void {
    this.ended = answer;
    if (this.conversationId === null) return;
    const { conversationId } = this;
    this.flush();
    this.live.document.finish();
    this.onEnded(conversationId, answer, this.live.document);
    removeTurn(conversationId);
  }
}
