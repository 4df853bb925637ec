/**
 * Cuts Markdown into pieces line by line, so that a piece that is closed never changes, whatever follows. What the
 * pieces mean is the parser's business (`tree.ts`); this only knows where one can end.
 *
 * A line is looked at once. Cutting depends on complete lines alone, never on how they arrived.
 */
import { isTable } from "./lexer";

/** What the splitter tells, in the order of the text. */
export interface Pieces {
  /** A complete piece: a paragraph, heading, rule, quote, formula or indented code. */
  flow(text: string): void;
  codeOpen(info: string): void;
  codeLine(line: string): void;
  /** `byFence` is false where the text ended first. */
  codeClose(byFence: boolean): void;
  tableOpen(head: string, delimiter: string): void;
  row(line: string): void;
  tableClose(): void;
  /** `start` is null for a list without numbers. */
  listOpen(start: number | null): void;
  /** A complete item with its marker. */
  item(text: string): void;
  listClose(): void;
}

type Mode = "none" | "paragraph" | "quote" | "indented" | "maths" | "code" | "table" | "list";

const BLANK = /^[ \t]*$/;
const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$/;
const QUOTE = /^ {0,3}>/;
const MARKER = /^( *)([-+*]|(\d{1,9})([.)]))(?:([ \t]+)(?=\S)|[ \t]*$)/;
const MATHS = /^ {0,3}(\$\$|\\\[)(.*)$/;
const DELIMITER = /^ {0,3}\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)*[ \t]*(?:\|[ \t]*)?$/;

interface Marker {
  /** The bullet, or what follows the number: items of one list share it. */
  type: string;
  number: number | null;
  indent: number;
  /** Columns before the item's text: what is indented so far belongs to the item. */
  content: number;
  empty: boolean;
}

function markerOf(line: string): Marker | null {
  const found = MARKER.exec(line);
  if (!found) return null;
  const [, lead = "", mark = "", number, delimiter, gap] = found;
  const space = gap === undefined || gap.length > 4 ? 1 : gap.length;
  return {
    type: delimiter ?? mark,
    number: number === undefined ? null : Number.parseInt(number, 10),
    indent: lead.length,
    content: lead.length + mark.length + space,
    empty: gap === undefined,
  };
}

function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns += 1;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Whether a line begins a block even where a paragraph is open. */
function interrupts(line: string): boolean {
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || MATHS.test(line)) return true;
  const marker = markerOf(line);
  return marker !== null && !marker.empty && marker.indent < 4 && (marker.number === null || marker.number === 1);
}

export class Splitter {
  /** The text of the open piece; lines of open code and rows of an open table have been told already. */
  pending = "";
  private mode: Mode = "none";
  private lastLine = "";
  private fence = { mark: "", indent: 0 };
  private mathsClose = "";
  private marker: Marker = { type: "", number: null, indent: 0, content: 0, empty: true };
  private blanks = 0;

  /** A splitter that stands where this one stands, to look ahead with. */
  copy(): Splitter {
    return Object.assign(new Splitter(), this);
  }

  get inCode(): boolean {
    return this.mode === "code";
  }

  /** Takes a complete line without its line break. */
  push(line: string, pieces: Pieces): void {
    this[this.mode](line, pieces);
  }

  /** The text is over: what is open is closed. */
  end(pieces: Pieces): void {
    switch (this.mode) {
      case "none":
        return;
      case "code":
        pieces.codeClose(false);
        break;
      case "table":
        pieces.tableClose();
        break;
      case "list":
        this.closeList(pieces);
        break;
      default:
        pieces.flow(this.pending);
    }
    this.reset();
  }

  private reset(): void {
    this.mode = "none";
    this.pending = "";
    this.lastLine = "";
    this.blanks = 0;
  }

  private open(mode: Mode, line: string): void {
    this.mode = mode;
    this.pending = line;
    this.lastLine = line;
  }

  private append(line: string): void {
    this.pending += `${"\n".repeat(this.blanks + 1)}${line}`;
    this.blanks = 0;
    this.lastLine = line;
  }

  private closeFlow(pieces: Pieces): void {
    pieces.flow(this.pending);
    this.reset();
  }

  private closeList(pieces: Pieces): void {
    pieces.item(this.pending);
    pieces.listClose();
    this.reset();
  }

  private none(line: string, pieces: Pieces): void {
    if (BLANK.test(line)) return;
    const fence = FENCE.exec(line);
    const marker = markerOf(line);
    const maths = MATHS.exec(line);
    if (fence) {
      this.open("code", "");
      this.fence = { mark: fence[2] ?? "", indent: fence[1]?.length ?? 0 };
      pieces.codeOpen(fence[3] ?? "");
    } else if (HEADING.test(line) || RULE.test(line)) {
      pieces.flow(line);
    } else if (QUOTE.test(line)) {
      this.open("quote", line);
    } else if (marker && marker.indent < 4) {
      pieces.listOpen(marker.number);
      this.marker = marker;
      this.open("list", line);
    } else if (maths) {
      this.mathsClose = maths[1] === "$$" ? "$$" : "\\]";
      this.open(maths[2]?.includes(this.mathsClose) ? "paragraph" : "maths", line);
    } else {
      this.open(indentOf(line) >= 4 ? "indented" : "paragraph", line);
    }
  }

  private paragraph(line: string, pieces: Pieces): void {
    if (BLANK.test(line)) {
      this.closeFlow(pieces);
    } else if (DELIMITER.test(line) && isTable(this.lastLine, line)) {
      const head = this.lastLine;
      const before = this.pending.length - head.length - 1;
      if (before > 0) pieces.flow(this.pending.slice(0, before));
      this.open("table", "");
      pieces.tableOpen(head, line);
    } else if (UNDERLINE.test(line)) {
      this.append(line);
      this.closeFlow(pieces);
    } else if (interrupts(line)) {
      this.closeFlow(pieces);
      this.none(line, pieces);
    } else {
      this.append(line);
    }
  }

  private quote(line: string, pieces: Pieces): void {
    if (QUOTE.test(line) || (!BLANK.test(line) && !interrupts(line))) {
      this.append(line);
    } else {
      this.closeFlow(pieces);
      this.none(line, pieces);
    }
  }

  private indented(line: string, pieces: Pieces): void {
    if (BLANK.test(line)) {
      this.blanks += 1;
    } else if (indentOf(line) >= 4) {
      this.append(line);
    } else {
      this.closeFlow(pieces);
      this.none(line, pieces);
    }
  }

  private maths(line: string, pieces: Pieces): void {
    if (BLANK.test(line)) {
      this.closeFlow(pieces);
      return;
    }
    this.append(line);
    if (line.trimEnd().endsWith(this.mathsClose)) this.closeFlow(pieces);
    // What follows the formula on its last line goes on as a paragraph.
    else if (line.includes(this.mathsClose)) this.mode = "paragraph";
  }

  private code(line: string, pieces: Pieces): void {
    const closing = /^ {0,3}([`~]+)[ \t]*$/.exec(line)?.[1];
    if (closing?.startsWith(this.fence.mark) && closing === this.fence.mark.charAt(0).repeat(closing.length)) {
      pieces.codeClose(true);
      this.reset();
      return;
    }
    let from = 0;
    while (from < this.fence.indent && line.charAt(from) === " ") from += 1;
    pieces.codeLine(line.slice(from));
  }

  private table(line: string, pieces: Pieces): void {
    if (!BLANK.test(line) && !interrupts(line)) {
      pieces.row(line);
    } else {
      pieces.tableClose();
      this.reset();
      this.none(line, pieces);
    }
  }

  private list(line: string, pieces: Pieces): void {
    if (BLANK.test(line)) {
      this.blanks += 1;
      return;
    }
    const marker = RULE.test(line) ? null : markerOf(line);
    if (indentOf(line) >= this.marker.content) {
      this.append(line);
    } else if (marker && marker.indent < 4 && marker.type === this.marker.type) {
      pieces.item(this.pending);
      this.blanks = 0;
      this.marker = marker;
      this.open("list", line);
    } else if (this.blanks === 0 && !marker && !interrupts(line)) {
      this.append(line);
    } else {
      this.closeList(pieces);
      this.none(line, pieces);
    }
  }
}
