/** Failures that no screen expects. */

export { CauseNote } from "./CauseNote";
export { codeOf } from "./details";
export { ErrorNote } from "./ErrorNote";
