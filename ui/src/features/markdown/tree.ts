/**
 * The tree that is shown: a closed list of nodes without attributes, built from the parser's tokens. Whatever is not on
 * the list becomes the text it was written as, so no markup of a model's reaches the document by another way than this.
 */
import type { Tokens } from "marked";
import { decodeEntities } from "./entities";
import { type Definitions, lex, type MathsToken, type Work } from "./lexer";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "strong" | "emphasis" | "deleted"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "maths"; tex: string; display: boolean }
  | { kind: "break" }
  | { kind: "link"; href: string; children: Inline[] }
  /** `host` is null for an image that is part of the text itself. */
  | { kind: "image"; host: string | null; alt: string };

export type Alignment = "left" | "center" | "right" | null;
/** `checked` is null for an item that is not a task. */
export type Item = { checked: boolean | null; blocks: Block[] };
export type Row = Inline[][];
/** `chunks` are the lines, up to {@link CHUNK_LINES} each, so that a growing block changes only its last chunk. */
export type Code = { kind: "code"; language: string; chunks: string[]; closed: boolean };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; start: number | null; items: Item[] }
  | { kind: "table"; align: Alignment[]; head: Row; rows: Row[] }
  | { kind: "maths"; tex: string }
  | { kind: "rule" }
  | { kind: "plain"; text: string }
  | Code;

/** What one message may hold; beyond it, plain text. */
const LIMITS = {
  depth: 100,
  cells: 10_000,
  links: 1_000,
  addressBytes: 2_000,
  pieceCharacters: 32_768,
  work: 20_000_000,
} as const;
export const CHUNK_LINES = 64;

/** What is left of a message's limits. Spent as its pieces are closed, in the order of the text. */
export interface Allowance extends Work {
  cells: number;
  links: number;
}

export function fullAllowance(): Allowance {
  return { cells: LIMITS.cells, links: LIMITS.links, work: LIMITS.work };
}

/** Containers that open on one line (`> > - >`), and indentation, bound how deep the parser will recurse. */
function isTooDeep(text: string): boolean {
  let deepest = 0;
  for (const found of text.matchAll(/^[ \t]*(?:(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)*/gm)) {
    const prefix = found[0];
    if (prefix.length <= LIMITS.depth) continue;
    const markers = prefix.replace(/[ \t\d]/g, "").length;
    const indentation = prefix.length - prefix.trimStart().length;
    deepest = Math.max(deepest, markers + Math.floor(indentation / 2));
  }
  return deepest > LIMITS.depth;
}

/** The blocks of a piece of text. `definitions` gains those found in it; `allowance` is spent. */
export function parse(text: string, definitions: Definitions, allowance: Allowance): Block[] {
  if (text.length > LIMITS.pieceCharacters || isTooDeep(text)) return [{ kind: "plain", text }];
  let tokens: Tokens.Generic[];
  try {
    tokens = lex(text, definitions, allowance);
  } catch (error) {
    // The parser recurses with the nesting of emphasis; what is too deep for it is shown as written.
    if (error instanceof RangeError) return [{ kind: "plain", text }];
    throw error;
  }
  return blocksOf(tokens, allowance, 0);
}

function blocksOf(tokens: Tokens.Generic[], allowance: Allowance, depth: number): Block[] {
  const blocks: Block[] = [];
  for (const token of tokens) {
    const block = blockOf(token, allowance, depth);
    if (block) blocks.push(block);
  }
  return blocks;
}

function blockOf(token: Tokens.Generic, allowance: Allowance, depth: number): Block | null {
  if (depth > LIMITS.depth) return { kind: "plain", text: token.raw };
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "paragraph":
    case "text":
      return { kind: "paragraph", children: inlinesOf(token, allowance, depth) };
    case "heading":
      return { kind: "heading", level: Number(token.depth), children: inlinesOf(token, allowance, depth) };
    case "hr":
      return { kind: "rule" };
    case "blockquote":
      return { kind: "quote", blocks: blocksOf(token.tokens ?? [], allowance, depth + 1) };
    case "list": {
      const list = token as unknown as Tokens.List;
      return {
        kind: "list",
        start: list.ordered ? Number(list.start || 0) : null,
        items: list.items.map((item) => itemOf(item, allowance, depth + 1)),
      };
    }
    case "code":
      return codeOf(token as unknown as Tokens.Code);
    case "mathsBlock":
      return { kind: "maths", tex: String(token.tex).trim() };
    case "table":
      return tableOf(token as unknown as Tokens.Table, allowance, depth);
    default:
      return { kind: "plain", text: token.raw };
  }
}

function itemOf(item: Tokens.ListItem, allowance: Allowance, depth: number): Item {
  // The parser may leave the box of a task among the item's tokens; it is shown from `checked`.
  const tokens = (item.tokens as Tokens.Generic[]).filter((token) => token.type !== "checkbox");
  return { checked: item.task ? Boolean(item.checked) : null, blocks: blocksOf(tokens, allowance, depth) };
}

function codeOf(token: Tokens.Code): Code {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(token.raw)?.[1];
  const lastLine = token.raw.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const closed = fence === undefined || (token.raw.includes("\n") && lastLine.startsWith(fence));
  return { kind: "code", language: languageOf(token.lang ?? ""), chunks: chunksOf(token.text.split("\n")), closed };
}

/** The first word after the fence: a language or a file's name. */
export function languageOf(info: string): string {
  return decodeEntities(info.trim().split(/\s/, 1)[0] ?? "").slice(0, 80);
}

function chunksOf(lines: string[]): string[] {
  const chunks: string[] = [];
  for (let from = 0; from < lines.length; from += CHUNK_LINES) {
    chunks.push(lines.slice(from, from + CHUNK_LINES).join("\n"));
  }
  return chunks;
}

/** The lines of a code block, without a line break at the end: pasted into a terminal it must not run by itself. */
export function textOf(code: Code): string {
  return code.chunks.join("\n");
}

function tableOf(table: Tokens.Table, allowance: Allowance, depth: number): Block {
  const cells = table.header.length * (table.rows.length + 1);
  if (cells > allowance.cells) return { kind: "plain", text: table.raw };
  allowance.cells -= cells;
  const rowOf = (row: Tokens.TableCell[]): Row =>
    row.map((cell) => inlinesOf(cell as unknown as Tokens.Generic, allowance, depth));
  return { kind: "table", align: table.align, head: rowOf(table.header), rows: table.rows.map(rowOf) };
}

function inlinesOf(token: Tokens.Generic, allowance: Allowance, depth: number): Inline[] {
  if (!token.tokens) return [{ kind: "text", text: decodeEntities(String(token.text ?? token.raw)) }];
  return joined((token.tokens as Tokens.Generic[]).flatMap((child) => inlineOf(child, allowance, depth)));
}

function inlineOf(token: Tokens.Generic, allowance: Allowance, depth: number): Inline[] {
  if (depth > LIMITS.depth) return [{ kind: "text", text: token.raw }];
  switch (token.type) {
    case "text":
      return token.tokens
        ? inlinesOf(token, allowance, depth + 1)
        : [{ kind: "text", text: decodeEntities(String(token.text)) }];
    case "escape":
      return [{ kind: "text", text: String(token.text) }];
    case "strong":
      return [{ kind: "strong", children: inlinesOf(token, allowance, depth + 1) }];
    case "em":
      return [{ kind: "emphasis", children: inlinesOf(token, allowance, depth + 1) }];
    case "del":
      return [{ kind: "deleted", children: inlinesOf(token, allowance, depth + 1) }];
    case "codespan":
      return [{ kind: "code", text: String(token.text) }];
    case "br":
      return [{ kind: "break" }];
    case "maths": {
      const { tex, display } = token as MathsToken;
      return [{ kind: "maths", tex: tex.trim(), display }];
    }
    case "link":
      return linkOf(token, allowance, depth);
    case "image":
      return [{ kind: "image", host: hostOf(String(token.href)), alt: decodeEntities(String(token.text)) }];
    default:
      return [{ kind: "text", text: token.raw }];
  }
}

function linkOf(token: Tokens.Generic, allowance: Allowance, depth: number): Inline[] {
  const children = inlinesOf(token, allowance, depth + 1);
  const href = openableAddress(decodeEntities(String(token.href)));
  if (href === null || allowance.links <= 0) return children;
  allowance.links -= 1;
  return [{ kind: "link", href, children: joined(children.flatMap(withoutLinks)) }];
}

/** The words of a link without links of their own: there would be two places to go to under one press. */
function withoutLinks(inline: Inline): Inline[] {
  if (!("children" in inline)) return [inline];
  const children = joined(inline.children.flatMap(withoutLinks));
  return inline.kind === "link" ? children : [{ ...inline, children }];
}

/** Neighbouring texts as one, so that the tree does not depend on where the parser happened to stop. */
function joined(inlines: Inline[]): Inline[] {
  const kept: Inline[] = [];
  for (const inline of inlines) {
    const last = kept.at(-1);
    if (inline.kind === "text" && last?.kind === "text") last.text += inline.text;
    else kept.push(inline);
  }
  return kept;
}

/** The address if it is of a kind that Brasskey may open (https, http, mailto), else null: the link is then only text. */
function openableAddress(address: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (address.length > LIMITS.addressBytes || /[\u0000-\u0020\u007f\\]/.test(address)) return null;
  // The standard of the web reads more as an address than a person does.
  if (!/^(?:https?:\/\/[^/]|mailto:)/i.test(address)) return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  return url.username || url.password ? null : address;
}

function hostOf(address: string): string | null {
  try {
    return new URL(address, "https://unknown.invalid").host.replace(/^unknown\.invalid$/, "") || null;
  } catch {
    return null;
  }
}
