/** The parsed Markdown of messages that were on screen, so that scrolling back and the end of an answer parse nothing anew. */
import type { MessageView } from "../../bridge";
import { MarkdownDocument } from "../markdown";

const MOST_REMEMBERED = 300;
const documents = new Map<string, MarkdownDocument>();

function remember(id: string, document: MarkdownDocument): void {
  documents.delete(id);
  documents.set(id, document);
  if (documents.size > MOST_REMEMBERED) documents.delete(documents.keys().next().value ?? "");
}

/** The document of a kept message. */
export function documentOf({ id, text }: Pick<MessageView, "id" | "text">): MarkdownDocument {
  const known = documents.get(id);
  const document = known?.text === text ? known : MarkdownDocument.of(text);
  remember(id, document);
  return document;
}

/** Keeps the document of an answer that has just ended. */
export function keepDocument(id: string, document: MarkdownDocument): void {
  remember(id, document);
}
