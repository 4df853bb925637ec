import { describe, expect, it } from "vitest";
import { hostileMessages } from "../../bridge/fake/hostile";
import { corpus } from "./corpus.fixture";
import { MarkdownDocument } from "./document";
import { lex } from "./lexer";
import { textOf } from "./text.fixture";
import { type Block, fullAllowance } from "./tree";

/** A repeatable source of chunk sizes. */
function chunks(text: string, seed: number): string[] {
  const pieces: string[] = [];
  let state = seed;
  for (let at = 0; at < text.length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    // Long texts in larger pieces: the test is about where they are cut, not about patience.
    const size = 1 + (state % (text.length > 2000 ? 900 : seed % 3 === 0 ? 3 : 40));
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function streamed(text: string, seed: number): MarkdownDocument {
  const document = new MarkdownDocument();
  for (const piece of chunks(text, seed)) {
    document.append(piece);
    document.groups();
  }
  document.finish();
  return document;
}

/** Everything that can be followed by more. */
const endless = Object.entries(corpus)
  .filter(([name]) => name !== "openCode")
  .map(([, text]) => text)
  .join("\n\n");

const blocksOf = (text: string): Block[] => MarkdownDocument.of(text).groups().flat();

describe("a document", () => {
  it("is the same tree whole and in any chunks", () => {
    const texts = Object.entries(corpus).map(([name, text]) => ({ name, text, seeds: 12 }));
    for (const { name, text, seeds } of [...texts, ...hostileMessages.map((each) => ({ ...each, seeds: 1 }))]) {
      const whole = blocksOf(text);
      for (let seed = 1; seed <= seeds; seed += 1) {
        expect(streamed(text, seed).groups().flat(), `${name}, seed ${seed}`).toEqual(whole);
      }
    }
  }, 60_000);

  it("is the same tree with line breaks of any kind, cut anywhere", () => {
    for (const text of Object.values(corpus)) {
      const whole = blocksOf(text);
      expect(streamed(text.replaceAll("\n", "\r\n"), 3).groups().flat()).toEqual(whole);
      expect(streamed(text.replaceAll("\n", "\r"), 3).groups().flat()).toEqual(whole);
    }
  });

  it("never changes a closed block when more follows", () => {
    const text = `${endless}\n\n`.repeat(4);
    const document = new MarkdownDocument();
    let before: readonly (readonly Block[])[] = [];
    for (const piece of chunks(text, 7)) {
      document.append(piece);
      const groups = document.groups();
      // All groups but the last two are full and keep their identity.
      for (let at = 0; at < before.length - 2; at += 1) expect(groups[at]).toBe(before[at]);
      before = groups;
    }
    expect(before.length).toBeGreaterThan(3);
  });

  it("cuts where the parser itself would", () => {
    for (const [name, text] of Object.entries(corpus)) {
      const kinds = lex(text, {}, fullAllowance()).filter((token) => !["space", "def"].includes(token.type));
      const expected = kinds.map(
        (token) =>
          ({ text: "paragraph", hr: "rule", blockquote: "quote", mathsBlock: "maths" })[token.type] ?? token.type,
      );
      expect(
        blocksOf(text).map((block) => block.kind),
        name,
      ).toEqual(expected);
    }
  });

  it("parses each closed piece once, whatever the length of the answer", () => {
    const section = endless;
    const work = (times: number): number => {
      const document = new MarkdownDocument();
      const text = `${section}\n\n`.repeat(times);
      for (let at = 0; at < text.length; at += 60) {
        document.append(text.slice(at, at + 60));
        document.groups();
      }
      document.finish();
      return document.parsedCharacters / text.length;
    };
    const short = work(2);
    expect(work(20)).toBeLessThan(short * 1.1);
  });

  it("stays linear where a single block never ends", () => {
    for (const unit of ["word ", "- item\n", "| a | b |\n", "> quoted\n", "code();\n", "1. one\n\n   two\n\n"]) {
      const head = unit.startsWith("|") ? "| x | y |\n|---|---|\n" : unit.startsWith("code") ? "```js\n" : "";
      const text = head + unit.repeat(Math.ceil(120_000 / unit.length));
      const document = new MarkdownDocument();
      for (let at = 0; at < text.length; at += 400) {
        document.append(text.slice(at, at + 400));
        document.groups();
      }
      document.finish();
      expect(document.parsedCharacters, unit).toBeLessThan(text.length * 40);
      expect(textOf(document.groups().flat()).length).toBeGreaterThan(20_000);
    }
  });

  it("reads a row without the head above it", () => {
    const head = `| ${"word ".repeat(6000)}| b |\n|---|---|\n`;
    const text = head + "| 1 | 2 |\n".repeat(4000);
    const document = MarkdownDocument.of(text);
    expect(document.parsedCharacters).toBeLessThan(text.length * 10);
    const table = document.groups().flat()[0];
    expect(table?.kind === "table" && table.rows[3999]).toEqual([
      [{ kind: "text", text: "1" }],
      [{ kind: "text", text: "2" }],
    ]);
  });

  it("reads a block again for the definitions that follow it only so often", () => {
    const labels = Array.from({ length: 900 }, (_, at) => `l${at}`);
    const uses = labels.map((label) => `[${label}]`).join(" ");
    const definitions = labels.map((label) => `[${label}]: https://example.com/${label}`);
    const together = MarkdownDocument.of(`${uses}\n\n${definitions.join("\n")}`);
    expect(together.parsedCharacters).toBeLessThan(200_000);
    expect(JSON.stringify(together.groups()).match(/"kind":"link"/g)).toHaveLength(900);
    expect(MarkdownDocument.of(`${uses}\n\n${definitions.join("\n\n")}`).parsedCharacters).toBeLessThan(1_200_000);
  });
});

describe("limits", () => {
  it("turns nesting beyond a hundred into plain text", () => {
    expect(blocksOf(`${">".repeat(101)} deep`)).toEqual([{ kind: "plain", text: `${">".repeat(101)} deep` }]);
    expect(blocksOf(`${">".repeat(99)} deep`)[0]?.kind).toBe("quote");
  });

  it("turns links beyond a thousand into plain text", () => {
    const links = JSON.stringify(blocksOf("[a](https://example.com)\n\n".repeat(1100))).match(/"kind":"link"/g);
    expect(links).toHaveLength(1000);
  });

  it("turns emphasis that costs too much into plain text, in one paragraph and in all of them", () => {
    const marks = (times: number) => `${"*a* ".repeat(times)}\n\n`;
    const emphasised = (text: string) => blocksOf(text).filter((block) => JSON.stringify(block).includes('"emphasis"'));
    expect(emphasised(marks(500) + marks(4000))).toHaveLength(1);
    expect(textOf(blocksOf(marks(4000))).trim()).toBe(marks(4000).trim());
    expect(emphasised(marks(500).repeat(100)).length).toBeLessThan(20);
    const facts = "**Name:** `value`\n".repeat(300);
    expect(JSON.stringify(blocksOf(facts)).match(/"kind":"strong"/g)).toHaveLength(300);
  });

  it("turns table cells beyond ten thousand into plain text", () => {
    const [table, rest] = blocksOf(`| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(6000)}`);
    expect(table?.kind === "table" && table.rows.length).toBe(4999);
    expect(rest?.kind).toBe("plain");
  });
});

describe("formulas and prices", () => {
  const formulas = (text: string): string[] =>
    [...JSON.stringify(blocksOf(text)).matchAll(/"kind":"maths","tex":"((?:[^"\\]|\\.)*)"/g)].map((found) =>
      JSON.parse(`"${found[1]}"`),
    );

  it("reads formulas", () => {
    expect(formulas("so $a_1 + b$ and \\(x^2\\), then $2x$")).toEqual(["a_1 + b", "x^2", "2x"]);
    expect(formulas("$$\n\\int_0^1 x\\,dx\n$$\n\n\\[ e = mc^2 \\]")).toEqual(["\\int_0^1 x\\,dx", "e = mc^2"]);
  });

  it("leaves prices alone", () => {
    for (const prices of [
      "$5 and $10",
      "from $3.00 to $15.00",
      "US$5, AU$7",
      "costs $5",
      "$12/month or $120/year",
      "`$a$`",
    ]) {
      expect(formulas(prices), prices).toEqual([]);
    }
  });

  it("leaves an unfinished formula as text", () => {
    expect(blocksOf("$$\nx = 1\n\nafter")).toHaveLength(2);
    expect(formulas("$$\nx = 1\n\nafter")).toEqual([]);
  });
});

describe("links and images", () => {
  const kinds = (text: string): string => JSON.stringify(blocksOf(text));

  it("are inert unless they go to https, http or mail", () => {
    for (const address of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "vbscript:x",
      "brasskey://auth",
      "//evil.example",
      "/relative",
      "https://user:pw@evil.example/",
      "https:evil.example",
      "https:/evil.example",
      "https:///evil.example",
      "https:\\\\evil.example",
      "https://evil.example\\@example.com",
    ]) {
      expect(kinds(`[text](${address})`), address).not.toContain('"kind":"link"');
      expect(kinds(`[text](<${address}>)`), address).not.toContain('"kind":"link"');
    }
    expect(kinds("[text](mailto:a@example.com)")).toContain('"kind":"link"');
  });

  it("find a definition that stands after its use", () => {
    expect(kinds("See [the manual][1].\n\nMore.\n\n[1]: https://example.com/manual")).toContain(
      '"href":"https://example.com/manual"',
    );
    expect(kinds("- See [the manual][m].\n\nMore.\n\n[M]: https://example.com/manual")).toContain(
      '"href":"https://example.com/manual"',
    );
  });

  it("hold no other link: the words of one lead where it leads", () => {
    for (const text of ["[<https://a.example>](https://b.example)", "[https://a.example](https://b.example)"]) {
      const link = { kind: "link", href: "https://b.example", children: [{ kind: "text", text: "https://a.example" }] };
      expect(blocksOf(text), text).toEqual([{ kind: "paragraph", children: [link] }]);
    }
  });

  it("show footnotes as text", () => {
    expect(textOf(blocksOf("A claim.[^1]\n\n[^1]: https://example.com"))).toContain("[^1]");
  });

  it("name the host of an image and never keep its address", () => {
    const image = blocksOf("![a chart](https://sink.example/p.png?d=secret)")[0];
    expect(image).toEqual({ kind: "paragraph", children: [{ kind: "image", host: "sink.example", alt: "a chart" }] });
  });
});
