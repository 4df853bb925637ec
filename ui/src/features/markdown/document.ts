/**
 * A message's Markdown as it grows. Closed blocks are parsed once and frozen; only the open tail is parsed again, and
 * a tail that is long is parsed again only when it has grown by an eighth, so the work for a whole answer is linear in
 * its length. A text taken in one piece and the same text in any chunks end in equal trees: there is one way.
 */
import { type Definitions, workOf } from "./lexer";
import { Splitter } from "./splitter";
import { type Block, fullAllowance } from "./tree";
import { TreeBuilder } from "./treeBuilder";

/** The blocks in order, in groups: a group's identity changes only when one of its blocks does. */
export type Groups = readonly (readonly Block[])[];

/** Up to this length, and this much work, the tail is parsed anew with every piece that arrives. */
const SHORT_TAIL = 4096;
const LIGHT_TAIL = 1_000_000;
/** A last line of marks alone waits for what it will be: "-" may become a heading's underline or a list. */
const UNDECIDED = /^[ \t]*(?:[-+*=_#>`~|$\\:[\]() \t]{1,200}|\d{1,9}[.)]?[ \t]*)$/;
const UNDECIDED_IN_CODE = /^ {0,3}[`~]+$/;

export class MarkdownDocument {
  /** The whole text so far. */
  text = "";
  private readonly definitions: Definitions = Object.create(null);
  private readonly splitter = new Splitter();
  private readonly built = new TreeBuilder(this.definitions, fullAllowance());
  private partial = "";
  private endedInReturn = false;
  private finished = false;
  private shown: Groups | null = null;
  private parsedTail: { groups: Groups; position: number; text: string } | null = null;
  private tailCharacters = 0;

  /** A whole text, as from the history. */
  static of(text: string): MarkdownDocument {
    const document = new MarkdownDocument();
    document.append(text);
    document.finish();
    return document;
  }

  /** Characters given to the parser so far, for the test that the work stays linear. */
  get parsedCharacters(): number {
    return this.built.parsedCharacters + this.tailCharacters;
  }

  append(text: string): void {
    if (text === "" || this.finished) return;
    this.text += text;
    this.shown = null;
    let rest = this.endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.endedInReturn = text.endsWith("\r");
    if (rest.includes("\r")) rest = rest.replace(/\r\n?/g, "\n");
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      this.splitter.push(this.partial + rest.slice(0, end), this.built);
      this.partial = "";
      rest = rest.slice(end + 1);
    }
    this.partial += rest;
  }

  /** Nothing more will come. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.shown = null;
    if (this.partial !== "") this.splitter.push(this.partial, this.built);
    this.partial = "";
    this.splitter.end(this.built);
  }

  /** What is shown now. */
  groups(): Groups {
    this.shown ??= this.finished ? this.built.groups() : [...this.built.fullGroups(), ...this.tail()];
    return this.shown;
  }

  /** The last group with the open piece. */
  private tail(): Groups {
    const undecided = this.splitter.inCode ? UNDECIDED_IN_CODE : UNDECIDED;
    const partial = undecided.test(this.partial) ? "" : this.partial;
    const text = this.splitter.pending === "" ? partial : `${this.splitter.pending}\n${partial}`;
    const position = this.built.position;
    const before = this.parsedTail;
    const isHeavy = text.length > SHORT_TAIL || workOf(text) > LIGHT_TAIL;
    if (isHeavy && before?.position === position && text.length < before.text.length * 1.125) {
      return [...before.groups, [{ kind: "plain", text: text.slice(before.text.length) }]];
    }
    this.tailCharacters += text.length;
    const ahead = this.built.ahead();
    const splitter = this.splitter.copy();
    if (partial !== "") splitter.push(splitter.inCode ? partial : closeOpenMarks(partial), ahead);
    splitter.end(ahead);
    this.parsedTail = { groups: ahead.groups(), position, text };
    return this.parsedTail.groups;
  }
}

/** Emphasis, code and links that are still being written are shown as what they are about to be. */
function closeOpenMarks(line: string): string {
  if ((line.split("`").length - 1) % 2 === 1) return `${line}\``;
  const link = openLink(line);
  if (link !== null) return link;
  if ((line.split("**").length - 1) % 2 === 1) {
    return line.endsWith("**") ? line.slice(0, -2) : `${line.trimEnd().replace(/\*$/, "")}**`;
  }
  return line;
}

/** The line with its last link as the words of it, where its address is still being written. */
function openLink(line: string): string | null {
  const close = line.lastIndexOf("](");
  if (close < 0 || /[)\s]/.test(line.slice(close + 2))) return null;
  const open = line.lastIndexOf("[", close - 1);
  if (open < 0 || line.slice(open, close).includes("]")) return null;
  const before = line.slice(0, line.charAt(open - 1) === "!" ? open - 1 : open);
  return before + line.slice(open + 1, close);
}
