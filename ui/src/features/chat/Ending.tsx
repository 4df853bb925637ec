/** Under an answer that ended before it was complete: why, and the way on. */
import type { MessageView } from "../../bridge";
import { Button } from "../../kit";
import { t } from "../../text";
import { useConversation } from "./conversation";
import { goOn, partsOf } from "./parts";

interface EndingProps {
  message: MessageView;
  ending: NonNullable<MessageView["ending"]>;
  /** Nothing was asked after it. */
  isLast: boolean;
  /** Why it cannot be gone on with now. */
  askBlocked: string | null;
}

export function Ending({ message, ending, isLast, askBlocked }: EndingProps) {
  const { conversationId, ask } = useConversation();
  const { model, text } = message;
  const canGoOn = ending === "length" && isLast && text !== "";
  return (
    <p className="turn__end">
      {endingLine(message, ending)}
      {canGoOn && model ? (
        <Button size="s" disabledReason={askBlocked} onClick={() => ask(goOn(conversationId), model)}>
          {t("act.continueHere")}
        </Button>
      ) : null}
    </p>
  );
}

/** Why it ended, as a sentence. */
export function endingLine(message: MessageView, ending: NonNullable<MessageView["ending"]>): string {
  const { provider, model } = partsOf(message);
  return t(`chat.ending.${ending}`, { provider, model: model ?? message.model?.model ?? t("chat.theModel") });
}
