/** Words and figures of the interface. */
export * as format from "./format";
export { type MessageKey, rich, t } from "./messages";
