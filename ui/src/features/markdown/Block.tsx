/** One block of the tree as elements. */
import { memo, type ReactNode } from "react";
import { t } from "../../text";
import { CodeBlock } from "./CodeBlock";
import { Inlines } from "./Inline";
import { Maths } from "./Maths";
import type { Alignment, Block, Item, Row } from "./tree";

interface BlockProps {
  block: Block;
  /** The caret stands at the end of this block. */
  caret?: boolean;
}

const Caret = () => <span className="caret" aria-hidden="true" />;

export const BlockView = memo(function BlockView({ block, caret = false }: BlockProps): ReactNode {
  const end = caret ? <Caret /> : null;
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Inlines inlines={block.children} />
          {end}
        </p>
      );
    case "heading": {
      // The window's own headings are h1 and h2.
      const Heading = `h${Math.min(6, block.level + 2)}` as "h3";
      return (
        <Heading className={`prose__h prose__h--${block.level}`}>
          <Inlines inlines={block.children} />
          {end}
        </Heading>
      );
    }
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} caret={caret} />
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item keeps its place for good.
        <ItemView key={index} item={item} caret={caret && index === block.items.length - 1} />
      ));
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "table":
      return <TableView head={block.head} rows={block.rows} align={block.align} />;
    case "code":
      return <CodeBlock code={block} caret={caret} />;
    case "maths":
      return <Maths tex={block.tex} display />;
    case "rule":
      return <hr />;
    case "plain":
      return (
        <p className="prose__plain">
          {block.text}
          {end}
        </p>
      );
    default:
      return block satisfies never;
  }
});

function Blocks({ blocks, caret }: { blocks: Block[]; caret: boolean }) {
  return blocks.map((block, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its place for good.
    <BlockView key={index} block={block} caret={caret && index === blocks.length - 1} />
  ));
}

const ItemView = memo(function ItemView({ item, caret }: { item: Item; caret: boolean }) {
  const task = item.checked !== null;
  return (
    <li className={task ? "prose__task" : undefined}>
      {task ? (
        <input
          type="checkbox"
          className="check"
          checked={item.checked ?? false}
          disabled
          aria-label={t("markdown.task")}
        />
      ) : null}
      <Blocks blocks={item.blocks} caret={caret} />
    </li>
  );
});

function TableView({ head, rows, align }: { head: Row; rows: Row[]; align: Alignment[] }) {
  return (
    // A wide table scrolls by itself; the keyboard must reach it to scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section className="prose__table" aria-label={t("markdown.table")} tabIndex={0}>
      <table className="table table--tight">
        <thead>
          <tr>
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column keeps its place.
              <th key={index} scope="col" className={alignment(align[index])}>
                <Inlines inlines={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row keeps its place for good.
            <RowView key={index} row={row} align={align} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const RowView = memo(
  function RowView({ row, align }: { row: Row; align: Alignment[] }) {
    return (
      <tr>
        {row.map((cell, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column keeps its place.
          <td key={index} className={alignment(align[index])}>
            <Inlines inlines={cell} />
          </td>
        ))}
      </tr>
    );
  },
  (before, after) => before.row === after.row,
);

function alignment(align: Alignment | undefined): string | undefined {
  return align ? `align-${align}` : undefined;
}
