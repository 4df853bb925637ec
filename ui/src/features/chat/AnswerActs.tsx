/** What can be done with an answer: copy it, ask again, ask another model, go through its versions. */
import type { MessageView } from "../../bridge";
import { IconButton } from "../../kit";
import { t } from "../../text";
import { CopyButton } from "../markdown";
import { ModelPicker, useModelGroups } from "../models";
import { useConversation } from "./conversation";
import { VersionSwitcher } from "./VersionSwitcher";

export function AnswerActs({ message, askBlocked }: { message: MessageView; askBlocked: string | null }) {
  const { ask } = useConversation();
  const { groups } = useModelGroups();
  const { model } = message;
  return (
    <div className="turn__acts">
      {message.text === "" ? null : <CopyButton text={() => message.text} />}
      {model ? (
        <>
          <IconButton
            size="s"
            icon="refresh"
            label={t("chat.regenerate")}
            disabledReason={askBlocked}
            onClick={() => ask({ kind: "again", answerId: message.id }, model)}
          />
          <ModelPicker
            groups={groups}
            value={model}
            onChoose={(chosen) => ask({ kind: "again", answerId: message.id }, chosen)}
            trigger={<IconButton size="s" icon="swap" label={t("chat.regenerateWith")} disabledReason={askBlocked} />}
          />
        </>
      ) : null}
      <VersionSwitcher message={message} />
    </div>
  );
}
