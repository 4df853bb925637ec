/** What of a tree can be read. */
import type { Block, Inline } from "./tree";

export function textOf(blocks: readonly Block[]): string {
  const inline = (each: Inline): string =>
    "children" in each
      ? each.children.map(inline).join("")
      : each.kind === "text" || each.kind === "code"
        ? each.text
        : each.kind === "maths"
          ? each.tex
          : each.kind === "image"
            ? each.alt
            : "";
  return blocks
    .map((block) => {
      switch (block.kind) {
        case "paragraph":
        case "heading":
          return block.children.map(inline).join("");
        case "quote":
          return textOf(block.blocks);
        case "list":
          return block.items.map((item) => textOf(item.blocks)).join("\n");
        case "table":
          return [block.head, ...block.rows]
            .map((row) => row.map((cell) => cell.map(inline).join("")).join("|"))
            .join("\n");
        case "code":
          return block.chunks.join("\n");
        case "maths":
          return block.tex;
        case "plain":
          return block.text;
        default:
          return "";
      }
    })
    .join("\n");
}
