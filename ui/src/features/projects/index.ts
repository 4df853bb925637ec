/** Projects and the list of conversations. */
export { Crumbs } from "./Crumbs";
export { ProjectList } from "./ProjectList";
