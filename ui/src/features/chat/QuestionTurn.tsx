/** A question, as it was written, and the field to write it anew. */
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import type { MessageView, ModelRef } from "../../bridge";
import { Button, IconButton } from "../../kit";
import { format, t } from "../../text";
import { CopyButton } from "../markdown";
import { useConversation } from "./conversation";
import { useEdit } from "./drafts";
import { useGrowing } from "./useGrowing";
import { VersionSwitcher } from "./VersionSwitcher";

interface QuestionTurnProps {
  message: MessageView;
  /** What became of it, where it was not answered. */
  fate: string | null;
  isEditing: boolean;
  /** Why it cannot be edited now. */
  editBlocked: string | null;
  /** Who answers when it is sent again. */
  model: ModelRef | null;
}

export const QuestionTurn = memo(function QuestionTurn({
  message,
  fate,
  isEditing,
  editBlocked,
  model,
}: QuestionTurnProps) {
  const { edit } = useConversation();
  return (
    <article className="turn" aria-label={t("chat.you")} data-message={message.id} tabIndex={-1}>
      <div className="turn__body">
        {isEditing ? (
          <QuestionEditor message={message} model={model} />
        ) : (
          <>
            <div className="says" dir="auto">
              {message.text}
            </div>
            <div className="turn__acts">
              <CopyButton text={() => message.text} />
              <IconButton
                size="s"
                icon="edit"
                label={t("chat.edit")}
                disabledReason={editBlocked}
                onClick={() => edit(message.id)}
              />
              <VersionSwitcher message={message} />
            </div>
          </>
        )}
      </div>
      <div className="ledger">
        <span>{format.clockTime(message.createdAt)}</span>
        {fate === null ? null : <span>{fate}</span>}
      </div>
    </article>
  );
});

function QuestionEditor({ message, model }: { message: MessageView; model: ModelRef | null }) {
  const { ask, edit, takesFocus } = useConversation();
  const { text, change, forget } = useEdit(message.id, message.text);
  const [isSending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useGrowing(field, text);
  useEffect(() => {
    const element = field.current;
    if (!element || !takesFocus()) return;
    element.focus();
    element.setSelectionRange(element.value.length, element.value.length);
  }, [takesFocus]);
  const leave = () => {
    forget();
    edit(null);
  };
  const send = async () => {
    if (text.trim() === "" || model === null || isSending) return;
    setSending(true);
    // Refused, it stays open with what was written.
    if (await ask({ kind: "edited", questionId: message.id, text }, model)) leave();
    setSending(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="says says--editing">
      <textarea
        ref={field}
        className="composer__text"
        aria-label={t("chat.editQuestion")}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="row">
        <span className="hint grow">{t("chat.editKeeps")}</span>
        <Button size="s" variant="ghost" onClick={leave}>
          {t("kit.cancel")}
        </Button>
        <Button
          size="s"
          variant="primary"
          onClick={send}
          busy={isSending}
          disabledReason={text.trim() === "" ? t("chat.empty") : model === null ? t("chat.blocked.noModel") : null}
        >
          {t("chat.sendAgain")}
        </Button>
      </div>
    </div>
  );
}
