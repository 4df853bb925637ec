/** Failures that no screen expects. */
export { codeOf } from "./details";
export { ErrorNote } from "./ErrorNote";
