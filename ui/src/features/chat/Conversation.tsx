/** A conversation: its messages, the answer that is being written, and the field for the next message. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Ask, bridge, type ConversationView, type ModelRef, queries } from "../../bridge";
import { layerIsOpen, toast } from "../../kit";
import { useShortcut } from "../../shortcuts";
import { t } from "../../text";
import { codeOf } from "../failures";
import { useModelChoice } from "../models";
import { Announcer } from "./Announcer";

import { Composer, type ComposerHandle } from "./Composer";
import { type ConversationActions, ConversationProvider } from "./conversation";
import { copyText } from "./copyText";
import { isEdited } from "./drafts";
import { Refusal } from "./Refusal";
import { Thread } from "./Thread";
import { liveTurnId, useIsUnsaved, useLiveId, whenEnded } from "./turns";
import { useAsk } from "./useAsk";
import "./chat.css";

interface Refused {
  error: unknown;
  model: ModelRef;
}

interface ConversationProps {
  conversation: ConversationView;
  /** The message to show, where one was looked for. */
  at: { messageId: string } | null;
}

export default function Conversation({ conversation, at }: ConversationProps) {
  const { id, messages, turnId } = conversation;
  const liveId = useLiveId(id);
  const client = useQueryClient();
  const ask = useAsk();
  const model = useModelChoice(id);
  const composer = useRef<ComposerHandle>(null);
  // Who left in the middle of an edit finds it open again.
  const [editing, setEditing] = useState(() => messages.find((message) => isEdited(message.id))?.id ?? null);
  const focusIsDue = useRef(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [isSending, setSending] = useState(false);
  const isAnswering = turnId !== null || liveId !== null;
  const isUnsaved = useIsUnsaved(id);

  const send = useCallback(
    async (what: Ask, of: ModelRef): Promise<boolean> => {
      setRefused(null);
      setSending(true);
      try {
        await ask(what, of);
        return true;
      } catch (error) {
        setRefused({ error, model: of });
        return false;
      } finally {
        setSending(false);
      }
    },
    [ask],
  );
  const stop = useCallback(() => {
    const running = liveTurnId(id) ?? turnId;
    if (running === null) return;
    bridge.chatStop(running).catch((error: unknown) => toast({ title: t("chat.stopFailed", { code: codeOf(error) }) }));
  }, [id, turnId]);

  const actions = useMemo<ConversationActions>(
    () => ({
      conversationId: id,
      ask: send,
      stopAndAsk: (what, of) => {
        stop();
        whenEnded(id).then(() => send(what, of));
      },
      edit: (questionId) => {
        focusIsDue.current = questionId !== null;
        setEditing(questionId);
        if (questionId === null) composer.current?.focus();
      },
      takesFocus: () => {
        const isDue = focusIsDue.current;
        focusIsDue.current = false;
        return isDue;
      },
      showVersion: (messageId) => {
        bridge.conversationsShowVersion(messageId).then(
          (shown) => client.setQueryData(queries.conversation(id).queryKey, shown),
          (error: unknown) => toast({ title: t("chat.versionFailed", { code: codeOf(error) }) }),
        );
      },
    }),
    [id, send, stop, client],
  );

  const lastAnswer = messages.findLast(({ role }) => role === "assistant");
  const lastQuestion = messages.findLast(({ role }) => role === "user");
  useEscape(isAnswering && !isUnsaved, stop);
  useShortcut("retry", () => {
    // A complete answer is not asked for again by accident.
    if (!lastAnswer?.model || lastAnswer.state === "done" || isAnswering) return;
    actions.ask({ kind: "again", answerId: lastAnswer.id }, lastAnswer.model);
  });
  useShortcut("copyAnswer", () => {
    if (lastAnswer) copyText(lastAnswer.text);
  });

  return (
    <ConversationProvider value={actions}>
      <Thread
        messages={messages}
        liveId={liveId}
        editing={editing}
        askBlocked={isAnswering ? t("chat.waitForEnd") : null}
        model={model}
        at={at}
      />
      <Announcer answer={lastAnswer} isAnswering={isAnswering} />
      {refused ? (
        <div className="turn turn--refusal">
          <Refusal error={refused.error} model={refused.model} onDismiss={() => setRefused(null)} />
        </div>
      ) : null}
      <Composer
        ref={composer}
        conversationId={id}
        stored={conversation.draft}
        placeholder={isAnswering ? t("chat.writeNext") : t("chat.reply")}
        onSend={(text, of) => send({ kind: "question", conversationId: id, text }, of)}
        isSending={isSending || isUnsaved}
        onStop={isAnswering && !isUnsaved ? stop : null}
        onEditLast={lastQuestion && !isAnswering ? () => actions.edit(lastQuestion.id) : undefined}
        autoFocus={at === null}
      />
    </ConversationProvider>
  );
}

/** Esc stops the answer, unless a layer is open that it closes. */
function useEscape(isActive: boolean, act: () => void): void {
  useEffect(() => {
    if (!isActive) return;
    const hear = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || layerIsOpen()) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [isActive, act]);
}
