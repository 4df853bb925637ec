/** A text that does not grow, parsed once. */
import { useMemo } from "react";
import { MarkdownDocument } from "./document";
import { Markdown } from "./Markdown";

export default function WholeText({ text }: { text: string }) {
  const document = useMemo(() => MarkdownDocument.of(text), [text]);
  return <Markdown document={document} />;
}
