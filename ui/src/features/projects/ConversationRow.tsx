/** A conversation in the side bar. */
import type { ConversationSummary } from "../../bridge";
import { Icon, IconButton, InlineName, rowActions } from "../../kit";
import { navigate, useRoute } from "../../route";
import { t } from "../../text";
import { deleteConversation, renameConversation, titleOf } from "./actions";
import { ConversationMenu } from "./ConversationMenu";
import { name, useList } from "./list";

export function ConversationRow({ conversation, sub }: { conversation: ConversationSummary; sub: boolean }) {
  const route = useRoute();
  const naming = useList((state) => state.naming);
  const isShown = route.screen === "conversation" && route.id === conversation.id;
  const title = titleOf(conversation);
  if (naming?.what === "conversation" && naming.id === conversation.id && naming.where === "sidebar") {
    return (
      <li className={sub ? "side__naming side__naming--sub" : "side__naming"}>
        <InlineName
          label={t("projects.title")}
          value={title}
          onKeep={(next) => renameConversation(conversation.id, next)}
          onLeave={() => name(null)}
        />
      </li>
    );
  }
  return (
    <li className="side__row">
      <button
        type="button"
        data-roving
        className={sub ? "side__item side__item--sub" : "side__item"}
        aria-current={isShown ? "page" : undefined}
        title={title}
        onClick={() => navigate({ screen: "conversation", id: conversation.id })}
        onKeyDown={(event) => {
          if (event.key === "F2") name({ what: "conversation", id: conversation.id, where: "sidebar" });
          if (event.key === "Delete") deleteConversation(conversation, isShown);
        }}
      >
        {sub ? null : <Icon name="chat" />}
        <span>{title}</span>
        {conversation.answering ? <span className="live" role="img" aria-label={t("projects.answering")} /> : null}
      </button>
      <ConversationMenu
        conversation={conversation}
        where="sidebar"
        trigger={<IconButton {...rowActions} size="s" icon="more" label={t("projects.actions", { name: title })} />}
      />
    </li>
  );
}
