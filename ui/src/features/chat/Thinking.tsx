/** What the model thought before it answered, folded. */
import { Icon } from "../../kit";
import { t } from "../../text";
import { GrowingText } from "../markdown";

export function Thinking({ text, isLive = false }: { text: string; isLive?: boolean }) {
  return (
    <details className="thinking">
      <summary>
        <Icon name="chev-r" size="s" />
        {isLive ? t("chat.thinking") : t("chat.thought")}
      </summary>
      <GrowingText as="p">{text}</GrowingText>
    </details>
  );
}
