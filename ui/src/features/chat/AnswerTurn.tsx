/**
 * An answer: what the model thought and said, how it ended, what it cost, and what can be done with it. While it is written
 * this alone reads the running turn, so that a frame of text redraws nothing else; when it ends its elements stay.
 */
import { memo } from "react";
import type { MessageView } from "../../bridge";
import { Button, Note } from "../../kit";
import { t } from "../../text";
import { Markdown } from "../markdown";
import { AnswerActs } from "./AnswerActs";
import { useConversation } from "./conversation";
import { documentOf } from "./documents";
import { Ending } from "./Ending";
import { FailureNote } from "./FailureNote";
import { HoldNote } from "./HoldNote";
import { Ledger, LiveLedger } from "./Ledger";
import { Patience } from "./Patience";
import { goOn } from "./parts";
import { Thinking } from "./Thinking";
import { useLiveTurn } from "./turns";

interface AnswerTurnProps {
  message: MessageView;
  /** Who is billed from here on, where that changed. */
  newPayer: "user_key" | "plan" | null;
  /** Nothing was asked after it. */
  isLast: boolean;
  /** It is being written now. */
  isLive: boolean;
  /** The question above it. */
  questionId: string | null;
  /** Why another answer cannot be asked for now. */
  askBlocked: string | null;
}

export const AnswerTurn = memo(function AnswerTurn({
  message,
  newPayer,
  isLast,
  isLive,
  questionId,
  askBlocked,
}: AnswerTurnProps) {
  const { conversationId } = useConversation();
  const live = useLiveTurn(isLive ? conversationId : null);
  const { state, failure, ending, modelName } = message;
  const document = live ? live.document : documentOf(message);
  const thinking = live ? live.thinking : message.thinking;
  const hasText = document.text !== "";
  const isSilent = !hasText && thinking === "";
  const hold = live?.hold ?? null;
  const isWriting = live !== null && hold === null && (hasText || isSilent);
  return (
    <article
      className="turn"
      aria-label={modelName ?? t("chat.answer")}
      aria-busy={isLive || undefined}
      data-message={message.id}
      tabIndex={-1}
    >
      <div className="turn__body">
        {newPayer === null ? null : (
          <p className="turn__payer">{newPayer === "plan" ? t("chat.fromHerePlan") : t("chat.fromHereKeys")}</p>
        )}
        {thinking === "" ? null : <Thinking text={thinking} isLive={isLive && !hasText} />}
        {hasText || isWriting ? <Markdown document={document} caret={isWriting} /> : null}
        {live && isSilent && !hold ? <Patience live={live} /> : null}
        {live && hold ? <HoldNote live={live} hold={hold} /> : null}
        {state === "failed" && failure ? (
          <FailureNote
            message={message}
            failure={failure}
            isLast={isLast}
            questionId={questionId}
            askBlocked={askBlocked}
          />
        ) : null}
        {state === "done" && ending ? (
          <Ending message={message} ending={ending} isLast={isLast} askBlocked={askBlocked} />
        ) : null}
        {state === "stopped" ? <p className="turn__end">{t("chat.stopped")}</p> : null}
        {state === "interrupted" ? <Interrupted message={message} isLast={isLast} askBlocked={askBlocked} /> : null}
        {isLive ? null : <AnswerActs message={message} askBlocked={askBlocked} />}
      </div>
      {live ? (
        hold && hold.kind !== "unsaved" ? null : (
          <LiveLedger live={live} />
        )
      ) : isSilent && !message.receipt ? null : (
        <Ledger modelName={modelName} payer={message.payer} receipt={message.receipt} />
      )}
    </article>
  );
});

function Interrupted({ message, isLast, askBlocked }: Pick<AnswerTurnProps, "message" | "isLast" | "askBlocked">) {
  const { conversationId, ask } = useConversation();
  const { id, model, text } = message;
  return (
    <Note
      tone="info"
      icon="stop"
      title={t("chat.interruptedTitle")}
      actions={
        model && isLast ? (
          <>
            {text === "" ? null : (
              <Button disabledReason={askBlocked} onClick={() => ask(goOn(conversationId), model)}>
                {t("act.continueHere")}
              </Button>
            )}
            <Button disabledReason={askBlocked} onClick={() => ask({ kind: "again", answerId: id }, model)}>
              {t("chat.regenerate")}
            </Button>
          </>
        ) : null
      }
    >
      <p>{t("chat.interrupted")}</p>
    </Note>
  );
}
