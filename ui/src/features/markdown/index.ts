/** Markdown as it is shown everywhere in the window: answers, questions, terms. */
export { CopyButton } from "./CopyButton";
export { MarkdownDocument } from "./document";
export { GrowingText } from "./GrowingText";
export { Markdown } from "./Markdown";
export { MarkdownText } from "./MarkdownText";
