/**
 * Builds the tree from the splitter's pieces: each is parsed once, when it is complete. A reference that stood before
 * its definition is parsed once more when the definition comes.
 */
import type { Definitions } from "./lexer";
import type { Pieces } from "./splitter";
import { type Allowance, type Block, CHUNK_LINES, type Code, type Item, languageOf, parse, type Row } from "./tree";

const GROUP_SIZE = 32;
const MOST_REFERENCES = 1000;
const MOST_DEFINITIONS = 1000;
/** So many characters are parsed once more at most, however many definitions come. */
const MOST_PARSED_AGAIN = 1_000_000;

type OpenList = { kind: "list"; start: number | null; items: Item[] };
type OpenTable = { kind: "table"; block: Extract<Block, { kind: "table" }>; beyond: string[] };
type OpenCode = { kind: "code"; language: string; chunks: string[]; lines: string[] };
type Open = OpenList | OpenTable | OpenCode;

export class TreeBuilder implements Pieces {
  /** Grows with every piece: what was parsed of the open one is out of date when it has changed. */
  position = 0;
  parsedCharacters = 0;
  private readonly closed: (readonly Block[])[] = [];
  private count = 0;
  private open: Open | null = null;
  /** Blocks that may refer to a label that is not defined yet: how to parse them again. */
  private readonly waiting = new Map<string, Set<() => void>>();
  private references = 0;
  private parsedAgain = 0;
  private defined = 0;

  constructor(
    private readonly definitions: Definitions,
    private readonly allowance: Allowance,
  ) {}

  groups(): readonly (readonly Block[])[] {
    return [...this.closed];
  }

  /** The groups that cannot gain a block any more. */
  fullGroups(): readonly (readonly Block[])[] {
    return this.closed.slice(0, Math.floor(this.count / GROUP_SIZE));
  }

  /** A builder that goes on from the last group with what is not certain yet, and changes nothing here. */
  ahead(): TreeBuilder {
    const ahead = new TreeBuilder(Object.create(this.definitions), { ...this.allowance });
    const last = this.closed.at(-1);
    if (last && last.length < GROUP_SIZE) {
      ahead.closed.push(last);
      ahead.count = last.length;
    }
    const open = this.open;
    if (open?.kind === "list") ahead.open = { ...open, items: [...open.items] };
    if (open?.kind === "code") ahead.open = { ...open, chunks: [...open.chunks], lines: [...open.lines] };
    if (open?.kind === "table") {
      ahead.open = { ...open, block: { ...open.block, rows: [...open.block.rows] }, beyond: [...open.beyond] };
    }
    return ahead;
  }

  flow(text: string): void {
    const before = { ...this.allowance };
    const blocks = this.parsed(text, this.allowance);
    const at = this.count;
    for (const block of blocks) this.push(block);
    if (blocks.length === 0) return;
    this.awaitDefinitions(text, () => {
      const again = this.parsed(text, { ...before });
      if (again.length !== blocks.length) return;
      again.forEach((block, index) => {
        this.replace(at + index, block);
      });
    });
  }

  codeOpen(info: string): void {
    this.position += 1;
    this.open = { kind: "code", language: languageOf(info), chunks: [], lines: [] };
  }

  codeLine(line: string): void {
    this.position += 1;
    if (this.open?.kind !== "code") return;
    if (this.open.lines.length === CHUNK_LINES) {
      this.open.chunks.push(this.open.lines.join("\n"));
      this.open.lines = [];
    }
    this.open.lines.push(line);
  }

  codeClose(byFence: boolean): void {
    if (this.open?.kind !== "code") return;
    const { language, chunks, lines } = this.open;
    const code: Code = {
      kind: "code",
      language,
      closed: byFence,
      chunks: [...chunks, ...(lines.length > 0 ? [lines.join("\n")] : [])],
    };
    this.close(code);
  }

  tableOpen(head: string, delimiter: string): void {
    this.position += 1;
    const block = this.parsed(`${head}\n${delimiter}`, this.allowance)[0];
    if (block?.kind === "table") this.open = { kind: "table", block, beyond: [] };
    else
      this.open = {
        kind: "table",
        block: { kind: "table", align: [], head: [], rows: [] },
        beyond: [head, delimiter],
      };
  }

  row(line: string): void {
    this.position += 1;
    if (this.open?.kind !== "table") return;
    const { block, beyond } = this.open;
    const columns = block.head.length;
    if (beyond.length > 0 || columns > this.allowance.cells) {
      beyond.push(line);
      return;
    }
    this.allowance.cells -= columns;
    block.rows.push(this.rowOf(line, columns));
  }

  tableClose(): void {
    if (this.open?.kind !== "table") return;
    const { block, beyond } = this.open;
    if (block.head.length > 0) this.close(block);
    if (beyond.length > 0) this.close({ kind: "plain", text: beyond.join("\n") });
  }

  listOpen(start: number | null): void {
    this.position += 1;
    this.open = { kind: "list", start, items: [] };
  }

  item(text: string): void {
    this.position += 1;
    if (this.open?.kind !== "list") return;
    const { items } = this.open;
    const before = { ...this.allowance };
    items.push(itemFrom(this.parsed(text, this.allowance)));
    const [at, index] = [this.count, items.length - 1];
    this.awaitDefinitions(text, () => {
      const item = itemFrom(this.parsed(text, { ...before }));
      items[index] = item;
      const list = this.blockAt(at);
      if (list?.kind === "list") this.replace(at, { ...list, items: list.items.with(index, item) });
    });
  }

  listClose(): void {
    if (this.open?.kind !== "list") return;
    this.close(this.open);
  }

  private close(block: Block): void {
    this.open = null;
    this.push(block);
  }

  private push(block: Block): void {
    this.position += 1;
    const group = this.closed.at(-1);
    if (group && group.length < GROUP_SIZE) this.closed[this.closed.length - 1] = [...group, block];
    else this.closed.push([block]);
    this.count += 1;
  }

  private blockAt(at: number): Block | undefined {
    return this.closed[Math.floor(at / GROUP_SIZE)]?.[at % GROUP_SIZE];
  }

  private replace(at: number, block: Block): void {
    const group = this.closed[Math.floor(at / GROUP_SIZE)];
    if (group) this.closed[Math.floor(at / GROUP_SIZE)] = group.with(at % GROUP_SIZE, block);
  }

  private parsed(text: string, allowance: Allowance): Block[] {
    this.parsedCharacters += text.length;
    const blocks = parse(text, this.definitions, allowance);
    if (text.includes("]:") && this.defined < MOST_DEFINITIONS) {
      const known = this.defined;
      this.defined = Object.keys(this.definitions).length;
      if (this.defined > known) this.define();
    }
    return blocks;
  }

  private rowOf(line: string, columns: number): Row {
    const allowance = { ...this.allowance, cells: columns * 2 };
    // Under a head without words: the table's own may be long, and is read already.
    const parsed = this.parsed(`${"|".repeat(columns + 1)}\n${"|-".repeat(columns)}|\n${line}`, allowance)[0];
    this.allowance.links = allowance.links;
    this.allowance.work = allowance.work;
    const row = parsed?.kind === "table" ? parsed.rows[0] : undefined;
    return row ?? [[{ kind: "text", text: line }]];
  }

  private awaitDefinitions(text: string, again: () => void): void {
    const parseAgain = () => {
      this.parsedAgain += text.length;
      if (this.parsedAgain <= MOST_PARSED_AGAIN) again();
    };
    for (const found of text.matchAll(/\[([^[\]\\]{1,200})\]/g)) {
      if (this.references >= MOST_REFERENCES) return;
      const label = normalised(found[1] ?? "");
      if (label in this.definitions) continue;
      this.references += 1;
      const waiting = this.waiting.get(label);
      if (waiting) waiting.add(parseAgain);
      else this.waiting.set(label, new Set([parseAgain]));
    }
  }

  private define(): void {
    const due = new Set<() => void>();
    for (const [label, blocks] of this.waiting) {
      if (!(label in this.definitions)) continue;
      this.waiting.delete(label);
      for (const parseAgain of blocks) due.add(parseAgain);
    }
    for (const parseAgain of due) parseAgain();
  }
}

function itemFrom(blocks: Block[]): Item {
  const [first, ...rest] = blocks;
  if (first?.kind !== "list") return { checked: null, blocks };
  const [item, ...others] = first.items;
  if (!item) return { checked: null, blocks: rest };
  return { checked: item.checked, blocks: [...item.blocks, ...others.flatMap((other) => other.blocks), ...rest] };
}

function normalised(label: string): string {
  return label.toLowerCase().replace(/\s+/g, " ");
}
