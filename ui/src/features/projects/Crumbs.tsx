/** Where the open conversation stands: its project and its title, which can be edited in place. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../bridge";
import { Icon, IconButton, InlineName } from "../../kit";
import { useRoute } from "../../route";
import { t } from "../../text";
import { renameConversation, titleOf } from "./actions";
import { ConversationMenu } from "./ConversationMenu";
import { name, useList } from "./list";

export function Crumbs() {
  const { data } = useQuery(queries.workspace);
  const route = useRoute();
  const naming = useList((state) => state.naming);
  if (!data || route.screen === "settings") return null;
  const conversation =
    route.screen === "conversation" ? data.conversations.find(({ id }) => id === route.id) : undefined;
  const projectId = route.screen === "new" ? route.projectId : conversation?.projectId;
  const project = data.projects.find(({ id }) => id === projectId);
  const isNaming = naming?.what === "conversation" && naming.where === "titlebar" && naming.id === conversation?.id;
  return (
    <>
      <ol className="crumbs grow" aria-label={t("shell.location")} data-tauri-drag-region>
        {project ? (
          <li>
            <span className="crumbs__text">{project.name}</span>
            {conversation ? <Icon name="chev-r" size="s" /> : null}
          </li>
        ) : null}
        {conversation ? (
          <li>
            {isNaming ? (
              <InlineName
                label={t("projects.title")}
                value={titleOf(conversation)}
                onKeep={(next) => renameConversation(conversation.id, next)}
                onLeave={() => name(null)}
              />
            ) : (
              <h1 className="crumbs__text" aria-current="page">
                {titleOf(conversation)}
              </h1>
            )}
          </li>
        ) : null}
      </ol>
      {conversation ? (
        <ConversationMenu
          conversation={conversation}
          where="titlebar"
          trigger={<IconButton icon="more" label={t("shell.conversationActions")} />}
        />
      ) : null}
    </>
  );
}
