/** Answers in memory: `state.nextAnswer` streams word by word, with a cost that counts up. */
import type { Backend } from "../backend";
import type { Ask, ConversationView, MessageView, ModelRef, PayerView, TokensView, TurnEvent } from "../bindings";
import { announce, failure, message, newId, refuse, type State } from "./state";
import { changeConversation, conversationOf, createConversation, hideFrom } from "./workspace";

type ChatCommands = Pick<Backend, Extract<keyof Backend, `chat${string}`> | "modelsList" | "usageTotals">;

function offered(state: State, model: ModelRef): { name: string; payer: PayerView; priced: boolean } {
  for (const group of state.models) {
    const found = group.models.find((each) => each.model.keyId === model.keyId && each.model.model === model.model);
    if (found) return { name: found.name, payer: group.payer, priced: found.inputPrice !== null };
  }
  return refuse("invalid_input");
}

/** Refuses what the mode in force, its terms or the licence do not pay for. */
function refuseWithoutPayer(state: State, model: ModelRef): void {
  const { kind } = offered(state, model).payer;
  if (kind === "nobody") return;
  const { mode, terms } = state.billing;
  if ((mode === "byok") !== (kind === "user_key")) refuse("other_mode");
  const documents = ["terms", mode === "byok" ? "byok" : "vendor"];
  if (terms.some(({ document, acceptedAt }) => documents.includes(document) && acceptedAt === null))
    refuse("terms_due");
  const { licence } = state.account;
  if (!licence) refuse("sign_in_needed");
  if (licence.state.state === "limited") refuse("licence_lapsed");
  if (licence.state.state === "revoked") refuse("licence_revoked");
}

/** How often the backend sends what came. */
const SEND_MS = 33;

/** The chat commands over `state`. */
export function chatCommands(state: State): ChatCommands {
  return {
    modelsList: async () => state.models,
    usageTotals: async (conversationId) => ({
      month: state.monthTotal,
      monthOf: new Date().toISOString().slice(0, 7),
      conversation:
        conversationId === null
          ? null
          : { amount: conversationOf(state, conversationId).messages.length > 0 ? "0.0482" : "0", unknown: 0 },
    }),
    chatEstimate: async (_conversationId, textChars, model) => {
      const { payer, priced } = offered(state, model);
      return payer.kind === "nobody"
        ? { amount: null, free: true }
        : { amount: priced ? (0.02 + textChars * 0.00001).toFixed(6) : null, free: false };
    },
    chatStop: async (turnId) => {
      state.turns.get(turnId)?.stop();
      return null;
    },
    chatTryNow: async (turnId) => {
      state.turns.get(turnId)?.tryNow();
      return null;
    },
    chatSend: async ({ ask, model }, onEvent) => {
      refuseWithoutPayer(state, model);
      if (ask.kind !== "again" && ask.text.trim() === "") refuse("invalid_input");
      const { name, payer, priced } = offered(state, model);
      const conversation = askedIn(state, ask);
      if (conversation.turnId) refuse("busy");

      const { before, question, answer } = asked(state, conversation, ask);
      Object.assign(answer, { state: "open", model, modelName: name, payer } satisfies Partial<MessageView>);
      const turnId = newId(state, "turn");
      changeConversation(state, conversation.id, {
        title: conversation.title || question.text.slice(0, 60),
        draft: ask.kind === "question" ? "" : conversation.draft,
        model,
        turnId,
        messages: [...before, question, answer],
      });
      if (ask.kind === "question") state.drafts.delete(conversation.id);
      if (ask.kind === "first") state.drafts.delete("");

      const plan = planFor(state, question.text);
      const words = piecesOf(plan);
      let written = "";
      let pieces = 0;
      let isHeld = false;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const tokens = (): TokensView => ({
        input: 1204,
        inputUncached: 1204,
        cacheRead: 0,
        cacheWrite: 0,
        output: Math.ceil(written.length / 4),
        reasoning: 0,
      });
      const cost = () => (0.0036 + Math.ceil(written.length / 4) * 0.000015).toFixed(6);
      const end = (how: "done" | "stopped" | "failed") => {
        clearTimeout(timer);
        if (!state.turns.delete(turnId)) return;
        const free = payer.kind === "nobody";
        const ended: MessageView = {
          ...answer,
          text: written,
          thinking: plan.thinking ?? "",
          state: how,
          failure: how === "failed" ? (plan.failure ?? null) : null,
          ending: how === "done" ? (plan.ending ?? null) : null,
          receipt: {
            model: model.model,
            modelName: name,
            payer,
            tokens: written === "" ? null : tokens(),
            cost: free
              ? { kind: "free" }
              : !priced
                ? { kind: "unknown", reason: "no_price", atLeast: null }
                : written === ""
                  ? { kind: "known", amount: "0", source: "provider", asOf: "2026-11-20", toBeConfirmed: false }
                  : {
                      kind: "known",
                      amount: cost(),
                      source: "LiteLLM 1.109.1",
                      asOf: "2026-11-20",
                      toBeConfirmed: false,
                    },
            firstTokenMs: 640,
            durationMs: 2100,
            requestId: "req_011CSHoEeqs5C35K2UUqR7Fy",
          },
        };
        const shown = conversationOf(state, conversation.id).messages.map((each) =>
          each.id === answer.id ? ended : each,
        );
        changeConversation(state, conversation.id, { turnId: null, messages: shown });
        onEvent({ kind: "ended", answer: ended });
        announce(state, { what: "usage" });
      };
      let begunAt = 0;
      const piece = (): string => {
        if (plan.charactersPerSecond === undefined) return words.splice(0, plan.pieceWords ?? 1).join("");
        begunAt ||= performance.now();
        const due = Math.ceil(((performance.now() - begunAt + SEND_MS) / 1000) * plan.charactersPerSecond);
        return plan.text.slice(written.length, due);
      };
      const write = () => {
        if (pieces === plan.holdAfter) return;
        pieces += 1;
        const word = piece();
        if (word === "") {
          if (plan.isUnsaved && !isHeld) {
            isHeld = true;
            onEvent({ kind: "unsaved" });
          } else end(plan.failure ? "failed" : "done");
          return;
        }
        written += word;
        const thinking = pieces === 1 ? (plan.thinking ?? "") : "";
        const delta: TurnEvent = {
          kind: "delta",
          text: word,
          thinking,
          tokens: tokens(),
          costSoFar: priced ? cost() : null,
          costIsEstimate: false,
        };
        onEvent(delta);
        timer = setTimeout(write, plan.charactersPerSecond === undefined ? (plan.pieceMs ?? 20) : SEND_MS);
      };
      const begin = () => {
        if (plan.isOffline) {
          onEvent({ kind: "offline", failure: failure("offline", { billed: "not_sent", retry: "backoff" }) });
          return;
        }
        if (plan.waitMs === undefined || !plan.failure) {
          timer = setTimeout(write, plan.pieceMs ?? 20);
          return;
        }
        const { waitMs } = plan;
        state.nextAnswer = { ...plan, waitMs: 0 };
        onEvent({ kind: "waiting", failure: plan.failure, attempt: 2, attempts: 4, retryAt: Date.now() + waitMs });
        timer = setTimeout(resume, waitMs);
      };
      const resume = () => {
        clearTimeout(timer);
        if (!isHeld) onEvent({ kind: "sending" });
        timer = setTimeout(write, plan.pieceMs ?? 20);
      };
      state.turns.set(turnId, { conversationId: conversation.id, stop: () => end("stopped"), tryNow: resume });
      begin();
      return { id: turnId, conversationId: conversation.id, question, answer };
    },
  };
}

function planFor(state: State, question: string): State["nextAnswer"] {
  const text = state.answers.get(question);
  if (text === undefined) return state.nextAnswer;
  // A long one in larger pieces: what matters is where they are cut.
  return { text, pieceMs: 4, pieceCharacters: Math.max(3, Math.ceil(text.length / 150)) };
}

function piecesOf(plan: State["nextAnswer"]): string[] {
  const piece = plan.pieceCharacters ? new RegExp(`[^]{1,${plan.pieceCharacters}}`, "gu") : /\S+\s*/g;
  return plan.text.match(piece) ?? [];
}

/** The conversation that something is asked in; a first question begins one. */
function askedIn(state: State, ask: Ask): ConversationView {
  switch (ask.kind) {
    case "first":
      return createConversation(state, ask.projectId);
    case "question":
      return conversationOf(state, ask.conversationId);
    case "again":
    case "edited": {
      const asked = ask.kind === "again" ? ask.answerId : ask.questionId;
      return state.conversations.find((each) => each.messages.some(({ id }) => id === asked)) ?? refuse("not_found");
    }
  }
}

/** The question and the answer that is to come, and what stands before them; what they replace is kept as a version. */
function asked(state: State, conversation: ConversationView, ask: Ask) {
  const { messages } = conversation;
  const version = (replaced: MessageView | undefined, role: MessageView["role"], text: string) => {
    const id = newId(state, "message");
    const versions = [...(replaced?.versions ?? []), id];
    return message(id, role, text, { versions, version: versions.length - 1 });
  };
  if (ask.kind === "again") {
    const at = messages.findIndex(({ id }) => id === ask.answerId);
    const before = hideFrom(state, conversation, at);
    const question = before.at(-1) ?? refuse("not_found");
    return { before: before.slice(0, -1), question, answer: version(messages[at], "assistant", "") };
  }
  const at = ask.kind === "edited" ? messages.findIndex(({ id }) => id === ask.questionId) : messages.length;
  const before = hideFrom(state, conversation, at);
  return { before, question: version(messages[at], "user", ask.text), answer: version(undefined, "assistant", "") };
}
