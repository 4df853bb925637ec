/**
 * The kept parser (`marked`, the fastest of those measured on answers and on hostile text) as Brasskey sets it up:
 * GitHub's Markdown with maths, and without HTML. What looks like a tag stays text; only `<br>` is a line break.
 *
 * It returns the parser's own tokens; `tree.ts` decides which of them may be shown. It must never render anything.
 */
import { Lexer, Marked, type MarkedOptions, type TokenizerExtension, type Tokens } from "marked";

/** Definitions of reference links (`[label]: address`), by normalised label. */
export type Definitions = Record<string, Pick<Tokens.Link | Tokens.Image, "href" | "title">>;

/** A formula, as our own extensions put it among the parser's tokens. */
export interface MathsToken extends Tokens.Generic {
  type: "maths";
  tex: string;
  display: boolean;
}

const LONGEST_INLINE_FORMULA = 1000;

/**
 * `$…$` is a formula only where a price cannot be meant: no space inside the dollars, no digit after them, and what
 * starts with a digit must hold something that only a formula holds.
 */
function dollarFormula(source: string): { raw: string; tex: string } | undefined {
  if (source.startsWith("$$")) {
    const end = source.indexOf("$$", 2);
    const tex = end > 2 ? source.slice(2, end) : "";
    if (!tex.trim() || tex.length > LONGEST_INLINE_FORMULA || tex.includes("\n\n")) return undefined;
    return { raw: source.slice(0, end + 2), tex };
  }
  const scope = source.slice(1, LONGEST_INLINE_FORMULA);
  const found = /^(?:[^\\$\n]|\\[^\n])+?(?=\$)/.exec(scope);
  if (!found) return undefined;
  const tex = found[0];
  const after = source.charAt(tex.length + 2);
  if (/^\s|\s$/.test(tex) || /\d/.test(after)) return undefined;
  if (/^\d/.test(tex) && !/[\\^_={}]/.test(tex) && !/^\d+[a-zA-Z]?$/.test(tex)) return undefined;
  return { raw: source.slice(0, tex.length + 2), tex };
}

function firstFormula(source: string): number | undefined {
  const at = source.search(/\$|\\[([]/);
  return at < 0 ? undefined : at;
}

const inlineMaths: TokenizerExtension = {
  name: "maths",
  level: "inline",
  start: firstFormula,
  tokenizer(source): MathsToken | undefined {
    if (source.startsWith("$")) {
      const found = dollarFormula(source);
      return found && { type: "maths", display: source.startsWith("$$"), ...found };
    }
    const close = source.startsWith("\\(") ? "\\)" : source.startsWith("\\[") ? "\\]" : undefined;
    if (!close) return undefined;
    const end = source.indexOf(close, 2);
    if (end < 3 || end > LONGEST_INLINE_FORMULA) return undefined;
    const tex = source.slice(2, end);
    if (!tex.trim() || tex.includes("\n\n")) return undefined;
    return { type: "maths", raw: source.slice(0, end + 2), tex, display: close === "\\]" };
  },
};

const blockMaths: TokenizerExtension = {
  name: "mathsBlock",
  level: "block",
  start: (source) => {
    const at = source.search(/(?:^|\n) {0,3}(?:\$\$|\\\[)/);
    return at < 0 ? undefined : at;
  },
  tokenizer(source) {
    const open = /^ {0,3}(\$\$|\\\[)/.exec(source);
    if (!open) return undefined;
    const close = open[1] === "$$" ? "$$" : "\\]";
    const from = open[0].length;
    const end = source.indexOf(close, from);
    if (end < 0) return undefined;
    const tex = source.slice(from, end);
    const rest = /^[ \t]*(?:\n|$)/.exec(source.slice(end + 2, end + 200));
    if (!rest || !tex.trim() || /\n[ \t]*\n/.test(tex)) return undefined;
    return { type: "mathsBlock", raw: source.slice(0, end + 2 + rest[0].length), tex };
  },
};

const lineBreakTag: TokenizerExtension = {
  name: "br",
  level: "inline",
  start: (source) => {
    const at = source.indexOf("<br");
    return at < 0 ? undefined : at;
  },
  tokenizer(source) {
    const found = /^<br ?\/?>/i.exec(source);
    return found ? { type: "br", raw: found[0] } : undefined;
  },
};

/** Where plain text ends: at a character that may begin something, or before an address. Linear, unlike the default. */
const PLAIN_TEXT = /^(?:[\\`*_~[\]!<&$]|[^\\`*_~[\]!<&$\n]+?(?=[\\`*_~[\]!<&$\n]| {2,}\n|\bhttps?:\/\/|$)|\n)/i;
const ADDRESS = /^https?:\/\/[^\s<>"'`]{1,2000}/i;

const marked = new Marked({
  gfm: true,
  extensions: [inlineMaths, blockMaths, lineBreakTag],
  tokenizer: {
    html: () => undefined,
    tag: () => undefined,
    // A footnote's text is text, not the target of a link.
    def: (source) => (/^ {0,3}\[\^/.test(source) ? undefined : false),
    url(source) {
      const found = ADDRESS.exec(source);
      if (!found) return undefined;
      const address = withoutTrailingPunctuation(found[0]);
      return {
        type: "link",
        raw: address,
        text: address,
        href: address,
        tokens: [{ type: "text", raw: address, text: address, escaped: false }],
      };
    },
    inlineText(source) {
      const found = PLAIN_TEXT.exec(source);
      const text = found ? found[0] : source.charAt(0);
      return { type: "text", raw: text, text, escaped: false };
    },
  },
});

/** A sentence's full stop or closing bracket does not belong to the address in it. */
function withoutTrailingPunctuation(address: string): string {
  let end = address.length;
  for (;;) {
    const last = address.charAt(end - 1);
    if (last === ")") {
      const kept = address.slice(0, end);
      if (kept.split("(").length >= kept.split(")").length) break;
    } else if (!/[?!.,:;*_~'"\]]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

/** Tokens of a piece of text. `definitions` are those known so far; new ones are added to it. */
export function lex(text: string, definitions: Definitions): Tokens.Generic[] {
  const lexer = new Lexer(marked.defaults as MarkedOptions);
  lexer.tokens.links = definitions as typeof lexer.tokens.links;
  return lexer.lex(text) as Tokens.Generic[];
}

/** Whether two lines are the head of a table, by the parser's own rule. */
export function isTable(head: string, delimiter: string): boolean {
  return lex(`${head}\n${delimiter}`, {})[0]?.type === "table";
}
