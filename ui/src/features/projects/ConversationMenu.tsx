/** What can be done to one conversation, in the side bar and in the title bar. */
import { useQuery } from "@tanstack/react-query";
import { type ConversationSummary, queries } from "../../bridge";
import { Menu, type MenuEntry, type MenuProps } from "../../kit";
import { useRoute } from "../../route";
import { t } from "../../text";
import { exportMenu } from "../transfer";
import { deleteConversation, moveConversation } from "./actions";
import { name } from "./list";

interface ConversationMenuProps {
  conversation: ConversationSummary;
  trigger: MenuProps["trigger"];
  /** Where its name is edited. */
  where: "sidebar" | "titlebar";
}

export function ConversationMenu({ conversation, trigger, where }: ConversationMenuProps) {
  const { data } = useQuery(queries.workspace);
  const route = useRoute();
  const elsewhere = (data?.projects ?? []).filter(({ id }) => id !== conversation.projectId);
  const isShown = route.screen === "conversation" && route.id === conversation.id;
  const places: MenuEntry[] = [
    ...elsewhere.map(
      (project): MenuEntry => ({
        id: project.id,
        icon: "folder",
        label: project.name,
        onSelect: () => moveConversation(conversation, project),
      }),
    ),
    ...(conversation.projectId
      ? [
          {
            icon: "chat",
            label: t("projects.noProject"),
            onSelect: () => moveConversation(conversation, null),
          } as const,
        ]
      : []),
  ];
  return (
    <Menu
      trigger={trigger}
      items={[
        {
          icon: "edit",
          label: t("projects.rename"),
          onSelect: () => name({ what: "conversation", id: conversation.id, where }),
        },
        ...(places.length > 0 ? [{ icon: "folder", label: t("projects.moveTo"), items: places } as const] : []),
        exportMenu({ what: "conversation", id: conversation.id }),
        "line",
        { icon: "trash", label: t("projects.delete"), onSelect: () => deleteConversation(conversation, isShown) },
      ]}
    />
  );
}
