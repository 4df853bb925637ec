/** The side bar's list: projects with their conversations, then the conversations in no project. */
import { useQuery } from "@tanstack/react-query";
import { type ConversationSummary, queries } from "../../bridge";
import { Icon, InlineName, useRoving } from "../../kit";
import { navigate, useRoute } from "../../route";
import { keyLabel, shortcuts, useNumberShortcut, useShortcut } from "../../shortcuts";
import { format, t } from "../../text";
import { ErrorNote } from "../failures";
import { openSearch } from "../search";
import { createProject } from "./actions";
import { ConversationList } from "./ConversationList";
import { name, ofProjects, useList } from "./list";
import { ProjectRow } from "./ProjectRow";

/** The conversations as they stand in the list, from top to bottom. */
function inOrder(projects: { id: string }[], conversations: ConversationSummary[]): ConversationSummary[] {
  const byProject = ofProjects(conversations);
  return [...projects.map(({ id }) => id as string | null), null].flatMap((id) => byProject.get(id) ?? []);
}

export function ProjectList() {
  const { data, error, refetch } = useQuery(queries.workspace);
  const { data: totals } = useQuery(queries.totals(null));
  const route = useRoute();
  const naming = useList((state) => state.naming);
  const roving = useRoving<HTMLDivElement>();
  const projects = data?.projects ?? [];
  const conversations = data?.conversations ?? [];

  const step = (by: 1 | -1) => {
    const order = inOrder(projects, conversations);
    const at = route.screen === "conversation" ? order.findIndex(({ id }) => id === route.id) : -1;
    const next = order[at === -1 ? (by === 1 ? 0 : order.length - 1) : at + by];
    if (next) navigate({ screen: "conversation", id: next.id });
  };
  useShortcut("previousConversation", () => step(-1));
  useShortcut("nextConversation", () => step(1));
  useNumberShortcut((number) => {
    const project = projects[number - 1];
    if (!project) return;
    const newest = conversations.find(({ projectId }) => projectId === project.id);
    navigate(newest ? { screen: "conversation", id: newest.id } : { screen: "new", projectId: project.id });
  });
  useShortcut("newProject", () => name({ what: "newProject" }));

  const byProject = ofProjects(conversations);
  const homeless = byProject.get(null) ?? [];
  return (
    <div className="side" {...roving}>
      <button
        type="button"
        data-roving
        className="side__item"
        aria-current={route.screen === "new" && route.projectId === null ? "page" : undefined}
        onClick={() => navigate({ screen: "new", projectId: null })}
      >
        <Icon name="edit" />
        <span>{t("projects.newConversation")}</span>
        <kbd className="kbd">{keyLabel(shortcuts.newConversation.keys)}</kbd>
      </button>
      <button type="button" data-roving className="side__item" aria-haspopup="dialog" onClick={openSearch}>
        <Icon name="search" />
        <span>{t("search.title")}</span>
        <kbd className="kbd">{keyLabel(shortcuts.search.keys)}</kbd>
      </button>
      <h2 className="side__head">
        <span>{t("projects.heading")}</span>
        {projects.length > 0 && totals ? <span>{format.month(totals.monthOf)}</span> : null}
      </h2>
      {error ? <ErrorNote bare error={error} onRetry={refetch} /> : null}
      {data && projects.length === 0 ? <p className="hint side__hint">{t("projects.none")}</p> : null}
      <ul>
        {projects.map((project) => (
          <ProjectRow key={project.id} project={project} conversations={byProject.get(project.id) ?? []} />
        ))}
      </ul>
      {naming?.what === "newProject" ? (
        <div className="side__naming">
          <InlineName label={t("projects.name")} value="" onKeep={createProject} onLeave={() => name(null)} />
        </div>
      ) : (
        <button type="button" data-roving className="side__item" onClick={() => name({ what: "newProject" })}>
          <Icon name="plus" />
          <span>{t("projects.newProject")}</span>
          <kbd className="kbd">{keyLabel(shortcuts.newProject.keys)}</kbd>
        </button>
      )}
      {homeless.length > 0 ? (
        <>
          <h2 className="side__head">{t("projects.noProject")}</h2>
          <ConversationList projectId={null} conversations={homeless} />
        </>
      ) : null}
    </div>
  );
}
