/** A project in the side bar with its conversations. */
import type { ConversationSummary, ProjectView } from "../../bridge";
import { Icon, IconButton, InlineName, Menu, rowActions } from "../../kit";
import { navigate, useRoute } from "../../route";
import { format, t } from "../../text";
import { exportMenu } from "../transfer";
import { deleteProject, renameProject } from "./actions";
import { ConversationList } from "./ConversationList";
import { fold, name, useList } from "./list";

interface ProjectRowProps {
  project: ProjectView;
  conversations: ConversationSummary[];
}

export function ProjectRow({ project, conversations }: ProjectRowProps) {
  const route = useRoute();
  const { folded, naming } = useList();
  const isOpen = !folded.has(project.id);
  const isShown =
    (route.screen === "new" && route.projectId === project.id) ||
    (route.screen === "conversation" && conversations.some(({ id }) => id === route.id));
  const remove = () => deleteProject(project, conversations.length, isShown);
  const begin = () => navigate({ screen: "new", projectId: project.id });
  if (naming?.what === "project" && naming.id === project.id) {
    return (
      <li className="side__naming">
        <InlineName
          label={t("projects.name")}
          value={project.name}
          onKeep={(next) => renameProject(project.id, next)}
          onLeave={() => name(null)}
        />
      </li>
    );
  }
  return (
    <li>
      <div className="side__row">
        <button
          type="button"
          data-roving
          className="side__item side__item--strong"
          aria-expanded={isOpen}
          aria-current={route.screen === "new" && route.projectId === project.id ? "page" : undefined}
          title={project.name}
          onClick={() => fold(project.id, isOpen)}
          onKeyDown={(event) => {
            if (event.key === "F2") name({ what: "project", id: project.id });
            if (event.key === "Delete") remove();
          }}
        >
          <Icon name="folder" />
          <span>{project.name}</span>
          <span className="num">{format.total(project.spentThisMonth)}</span>
        </button>
        <Menu
          trigger={
            <IconButton {...rowActions} size="s" icon="more" label={t("projects.actions", { name: project.name })} />
          }
          items={[
            { icon: "plus", label: t("projects.newHere"), onSelect: begin },
            { icon: "edit", label: t("projects.rename"), onSelect: () => name({ what: "project", id: project.id }) },
            exportMenu({ what: "project", id: project.id }),
            "line",
            { icon: "trash", label: t("projects.delete"), onSelect: remove },
          ]}
        />
      </div>
      {isOpen && conversations.length > 0 ? (
        <ConversationList projectId={project.id} conversations={conversations} />
      ) : null}
    </li>
  );
}
