/** Projects and the list of conversations. */
export const projects = {
  "projects.newConversation": "New conversation",
  "projects.newProject": "New project",
  "projects.heading": "Projects",
  "projects.none": "A project groups conversations and what they cost.",
  "projects.noProject": "No project",
  "projects.more": "Show {count} more of {rest}",
  "projects.untitled": "New conversation",
  "projects.answering": "Answering",
  "projects.name": "Name of the project",
  "projects.title": "Title of the conversation",
  "projects.rename": "Rename",
  "projects.moveTo": "Move to",
  "projects.delete": "Delete",
  "projects.newHere": "New conversation here",
  "projects.actions": "Actions for {name}",
  "projects.deleted": "“{name}” was deleted",
  "projects.deletedProject":
    "{count, plural, =0 {The project “{title}” was deleted} one {The project “{title}” and # conversation were deleted} other {The project “{title}” and # conversations were deleted}}",
  "projects.moved": "“{name}” is now in {project}",
  "projects.movedOut": "“{name}” is in no project now",
  "projects.failed": "This did not work: {code}",
} as const;
