/**
 * Markdown from a model or from history, as elements of a closed list of tags. It makes no request: links ask first,
 * images are words, formulas and colours come from trees. The same view serves a running answer and the history.
 */
import { memo } from "react";
import { BlockView } from "./Block";
import type { Groups, MarkdownDocument } from "./document";
import { GrowingText } from "./GrowingText";
import type { Block } from "./tree";
import "./markdown.css";

interface MarkdownProps {
  /** Read anew at each render; the owner renders when it has grown. */
  document: MarkdownDocument;
  /** Ends in the caret of an answer that is being written. */
  caret?: boolean;
}

export function Markdown({ document, caret = false }: MarkdownProps) {
  return <MarkdownGroups groups={document.groups()} caret={caret} />;
}

function MarkdownGroups({ groups, caret }: { groups: Groups; caret: boolean }) {
  return (
    <GrowingText as="div" className="prose">
      {groups.map((blocks, index) => (
        // Groups and blocks keep their places for good, so their places are their names.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above.
        <Group key={index} blocks={blocks} caret={caret && index === groups.length - 1} />
      ))}
      {caret && groups.length === 0 ? (
        <p>
          <span className="caret" aria-hidden="true" />
        </p>
      ) : null}
    </GrowingText>
  );
}

const Group = memo(function Group({ blocks, caret }: { blocks: readonly Block[]; caret: boolean }) {
  return blocks.map((block, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its place for good.
    <BlockView key={index} block={block} caret={caret && index === blocks.length - 1} />
  ));
});
