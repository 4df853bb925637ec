/** A whole text as Markdown, for screens that are not made of it: the parser is loaded when the text is shown. */
import { lazy, Suspense } from "react";

const WholeText = lazy(() => import("./WholeText"));

export function MarkdownText({ text }: { text: string }) {
  return (
    <Suspense fallback={null}>
      <WholeText text={text} />
    </Suspense>
  );
}
