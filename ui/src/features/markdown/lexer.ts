/**
 * The kept parser (`marked`, the fastest of those measured on answers and on hostile text) as Brasskey sets it up:
 * GitHub's Markdown with maths, and without HTML. What looks like a tag stays text; only `<br>` is a line break.
 *
 * It returns the parser's own tokens; `tree.ts` decides which of them may be shown. It must never render anything.
 */
import { Lexer, Marked, type MarkedOptions, type Token, type TokenizerExtension, type Tokens } from "marked";

/** Definitions of reference links (`[label]: address`), by normalised label. */
export type Definitions = Record<string, Pick<Tokens.Link | Tokens.Image, "href" | "title">>;

/** A formula, as our own extensions put it among the parser's tokens. */
export interface MathsToken extends Tokens.Generic {
  type: "maths";
  tex: string;
  display: boolean;
}

const LONGEST_INLINE_FORMULA = 1000;
const LONGEST_DISPLAYED_FORMULA = 8000;

/** What is left of the work that the emphasis of one message may make. */
export interface Work {
  work: number;
}

/** The most that one paragraph may take of it. */
const MOST_WORK_OF_A_RUN = 4_000_000;

/**
 * `$…$` is a formula only where a price cannot be meant: no space inside the dollars, no digit after them, and what
 * starts with a digit must hold something that only a formula holds.
 */
function dollarFormula(source: string): { raw: string; tex: string } | undefined {
  if (source.startsWith("$$")) {
    const end = source.slice(0, LONGEST_INLINE_FORMULA + 4).indexOf("$$", 2);
    const tex = end > 2 ? source.slice(2, end) : "";
    if (!tex.trim() || tex.includes("\n\n")) return undefined;
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

// Inline extensions without `start`: it would be asked at each stretch of text and look through all that follows, and plain
// text ends before their first characters anyway (`PLAIN_TEXT`).

const inlineMaths: TokenizerExtension = {
  name: "maths",
  level: "inline",
  tokenizer(source): MathsToken | undefined {
    if (source.startsWith("$")) {
      const found = dollarFormula(source);
      return found && { type: "maths", display: source.startsWith("$$"), ...found };
    }
    const close = source.startsWith("\\(") ? "\\)" : source.startsWith("\\[") ? "\\]" : undefined;
    if (!close) return undefined;
    const end = source.slice(0, LONGEST_INLINE_FORMULA + close.length).indexOf(close, 2);
    if (end < 3) return undefined;
    const tex = source.slice(2, end);
    if (!tex.trim() || tex.includes("\n\n")) return undefined;
    return { type: "maths", raw: source.slice(0, end + 2), tex, display: close === "\\]" };
  },
};

/** A formula on lines of its own at the beginning of `source`. */
function displayedFormula(source: string): { raw: string; tex: string } | undefined {
  const open = /^ {0,3}(\$\$|\\\[)/.exec(source);
  if (!open) return undefined;
  const close = open[1] === "$$" ? "$$" : "\\]";
  const from = open[0].length;
  const end = source.slice(0, from + LONGEST_DISPLAYED_FORMULA).indexOf(close, from);
  if (end < 0) return undefined;
  const tex = source.slice(from, end);
  const rest = /^[ \t]*(?:\n|$)/.exec(source.slice(end + 2, end + 200));
  if (!rest || !tex.trim() || /\n[ \t]*\n/.test(tex)) return undefined;
  return { raw: source.slice(0, end + 2 + rest[0].length), tex };
}

const blockMaths: TokenizerExtension = {
  name: "mathsBlock",
  level: "block",
  // No `start` here either. What it would cut, a formula below a paragraph, the splitter has cut.
  tokenizer(source) {
    const found = displayedFormula(source);
    return found && { type: "mathsBlock", ...found };
  },
};

const lineBreakTag: TokenizerExtension = {
  name: "br",
  level: "inline",
  tokenizer(source) {
    const found = /^<br ?\/?>/i.exec(source);
    return found ? { type: "br", raw: found[0] } : undefined;
  },
};

/**
 * Where plain text ends: at a character that may begin something, or before an address. Linear, unlike the default: ticks that
 * open nothing are text together, and a run of spaces is looked at once.
 */
const PLAIN_TEXT = /^(?:`+|[\\*_~[\]!<&$]|[^\\`*_~[\]!<&$\n]+?(?=[\\`*_~[\]!<&$\n]|(?<! ) {2,}\n|\bhttps?:\/\/|$)|\n)/i;
const ADDRESS = /^https?:\/\/[^\s<>"'`]{1,2000}/i;

const UNDERLINE = /\n {0,3}(?:=+|-+) *(?:\n|$)/;
const LONGEST_UNDERLINED = 2000;

const marked = new Marked({
  gfm: true,
  extensions: [inlineMaths, blockMaths, lineBreakTag],
  tokenizer: {
    html: () => undefined,
    tag: () => undefined,
    // The parser asks at each line of an item, and looks for the underline as far as the lines go.
    lheading: (source) => (UNDERLINE.test(source.slice(0, LONGEST_UNDERLINED)) ? false : undefined),
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
  let unopened = address.split(")").length - address.split("(").length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    if (last === ")") {
      if (unopened <= 0) break;
      unopened -= 1;
    } else if (!/[?!.,:;*_~'"\]]/.test(last)) break;
  }
  return address.slice(0, end);
}

/**
 * The parser, within bounds: where a mark of emphasis has no partner it looks for one to the end of the paragraph, so marks
 * that mean harm cost the square of their number. What would cost too much is shown as it was written.
 */
class BoundedLexer extends Lexer {
  constructor(private readonly left: Work) {
    super(marked.defaults as MarkedOptions);
  }

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    const work = workOf(source);
    if (work > MOST_WORK_OF_A_RUN || work > this.left.work) {
      tokens.push({ type: "text", raw: source, text: source, escaped: false });
      return tokens;
    }
    this.left.work -= work;
    return super.inlineTokens(source, tokens);
  }
}

/** What the emphasis of a text may cost at worst: the places where there is some, times the length. */
export function workOf(text: string): number {
  let places = 0;
  for (const _ of text.matchAll(/\*+|_+|~+/g)) places += 1;
  return places * text.length;
}

/** Tokens of a piece of text. `definitions` are those known so far; new ones are added to it. `left` is spent. */
export function lex(text: string, definitions: Definitions, left: Work): Tokens.Generic[] {
  const lexer = new BoundedLexer(left);
  lexer.tokens.links = definitions as typeof lexer.tokens.links;
  return lexer.lex(text) as Tokens.Generic[];
}

/** Whether two lines are the head of a table, by the parser's own rule. */
export function isTable(head: string, delimiter: string): boolean {
  // The cells do not matter, and are not read.
  return lex(`${head}\n${delimiter}`, {}, { work: 0 })[0]?.type === "table";
}
