/** What can be done to projects and conversations. Deleting is taken back by "Undo"; a failure is said and changes nothing. */
import { bridge, type ConversationSummary, type ProjectView } from "../../bridge";
import { toast } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { codeOf } from "../failures";

/** The conversation's title as it is shown. */
export const titleOf = (conversation: Pick<ConversationSummary, "title">): string =>
  conversation.title || t("projects.untitled");

async function tried<R>(act: () => Promise<R>): Promise<R | undefined> {
  try {
    return await act();
  } catch (error) {
    toast({ title: t("projects.failed", { code: codeOf(error) }) });
    return undefined;
  }
}

/** Makes a project and shows its first, empty conversation. */
export async function createProject(name: string): Promise<void> {
  const project = await tried(() => bridge.projectsCreate(name));
  if (project) navigate({ screen: "new", projectId: project.id });
}

/** Renames a project. */
export const renameProject = (id: string, name: string) => tried(() => bridge.projectsRename(id, name));

/** Renames a conversation. */
export const renameConversation = (id: string, title: string) => tried(() => bridge.conversationsRename(id, title));

/** Deletes a project with its conversations. */
export async function deleteProject(project: ProjectView, count: number, isShown: boolean): Promise<void> {
  const deleted = await tried(() => bridge.projectsDelete(project.id));
  if (deleted === undefined) return;
  if (isShown) navigate({ screen: "new", projectId: null });
  toast({
    title: t("projects.deletedProject", { title: project.name, count }),
    undo: () => tried(() => bridge.projectsRestore(project.id)),
  });
}

/** Deletes a conversation. */
export async function deleteConversation(conversation: ConversationSummary, isShown: boolean): Promise<void> {
  const deleted = await tried(() => bridge.conversationsDelete(conversation.id));
  if (deleted === undefined) return;
  if (isShown) navigate({ screen: "new", projectId: conversation.projectId });
  toast({
    title: t("projects.deleted", { name: titleOf(conversation) }),
    undo: () => tried(() => bridge.conversationsRestore(conversation.id)),
  });
}

/** Moves a conversation into a project or out of one. */
export async function moveConversation(conversation: ConversationSummary, project: ProjectView | null): Promise<void> {
  const before = conversation.projectId;
  const moved = await tried(() => bridge.conversationsMove(conversation.id, project?.id ?? null));
  if (moved === undefined) return;
  const name = titleOf(conversation);
  toast({
    title: project ? t("projects.moved", { name, project: project.name }) : t("projects.movedOut", { name }),
    undo: () => tried(() => bridge.conversationsMove(conversation.id, before)),
  });
}
