/**
 * Markdown that nobody wrote: random pieces of it, and documents by a grammar. `BRASSKEY_FUZZ_MINUTES` gives each property so
 * long; `BRASSKEY_FUZZ_SEED` repeats a run. A failure tells its seed and the smallest text that shows it.
 */
import { cleanup, render } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MarkdownDocument } from "./document";
import { Markdown } from "./Markdown";
import { drawn, expectAllowed } from "./shown.fixture";
import { textOf } from "./text.fixture";

const MINUTES = Number(process.env.BRASSKEY_FUZZ_MINUTES ?? 0);
const SEED = Number(process.env.BRASSKEY_FUZZ_SEED ?? Date.now() % 2 ** 31);

/** So often in a short run, for so long in a long one. */
const runs = (times: number): fc.Parameters<unknown> =>
  MINUTES > 0
    ? { seed: SEED, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: MINUTES * 60_000 }
    : { seed: SEED, numRuns: times };
const patience = MINUTES * 60_000 + 60_000;

const MARKS = (
  "* ** _ __ ~ ~~ ` `` ``` ```js ~~~ # ### - + 1. 2) > | |-|-| --- === [ ] ( ) [a] ![ ]( ](https://sink.example/) [a]: <br> <br/> <a <!-- --> " +
  "<script> </script> <img/src=x/onerror=x> $ $$ \\( \\) \\[ \\] \\ & &amp; &#106; &colon; ! : ; javascript: data: https://sink.example/x " +
  "<https://sink.example> a@sink.example www.sink.example [^1] [x] {a} \u0000 \u202e \u200b \ufeff \u2028 é 漢 שלום 👩‍👩‍👧 \u0301"
).split(" ");
const BREAKS = [" ", " ", "  ", "\n", "\n", "\n\n", "\t", "    ", "  \n", "\r\n", "\r", ""];

const word = fc.stringMatching(/^[a-z]{5,8}$/);
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 4, arbitrary: fc.constantFrom(...BREAKS) },
  { weight: 3, arbitrary: word },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...MARKS), fc.nat(60)).map(([mark, times]) => mark.repeat(times)) },
);
const noise = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

const indented = (text: string, by: string): string => text.replaceAll("\n", `\n${by}`);

/** Documents as answers are, in which every word is to be read: none stands in an address or a definition. */
const { block } = fc.letrec<{ block: string; inline: string; line: string }>((tie) => ({
  inline: fc.oneof(
    { weight: 6, arbitrary: word },
    {
      weight: 2,
      arbitrary: fc.constantFrom("*", "_", "~", "`", "$", "<", ">", "&", "!", "\\", "1", ".", "\u200b", "é"),
    },
    { weight: 1, arbitrary: tie("line").map((text) => `**${text}**`) },
    { weight: 1, arbitrary: tie("line").map((text) => `_${text}_`) },
    { weight: 1, arbitrary: word.map((text) => `\`${text}\``) },
    { weight: 1, arbitrary: word.map((text) => `$${text}$`) },
    { weight: 1, arbitrary: word.map((text) => `[${text}](https://sink.example/x)`) },
    { weight: 1, arbitrary: word.map((text) => `![${text}](https://sink.example/x)`) },
    { weight: 1, arbitrary: word.map((text) => `<b onclick=x>${text}</b>`) },
  ),
  line: fc.array(tie("inline"), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(" ")),
  block: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: fc.array(tie("line"), { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 6 }), tie("line"))
        .map(([level, text]) => `${"#".repeat(level)} ${text}`),
    },
    { weight: 1, arbitrary: fc.constant("---") },
    { weight: 1, arbitrary: fc.array(word, { minLength: 1 }).map((words) => `\`\`\`js\n${words.join("\n")}\n\`\`\``) },
    { weight: 1, arbitrary: word.map((text) => `$$\n${text}\n$$`) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(word, word), { minLength: 1 })
        .map((rows) => `| a | b |\n|---|---|\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie("block"), { minLength: 1, maxLength: 3 })
        .map((items) => items.map((item) => `- ${indented(item, "  ")}`).join("\n")),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie("block"), { minLength: 1, maxLength: 3 })
        .map((items) => items.map((item, at) => `${at + 1}. ${indented(item, "   ")}`).join("\n\n")),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie("block"), { minLength: 1, maxLength: 2 })
        .map((blocks) => `> ${indented(blocks.join("\n\n"), "> ")}`),
    },
  ),
}));
const answer = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => blocks.join("\n\n"));

const anything = fc.oneof(
  noise,
  answer,
  fc.tuple(answer, noise, answer).map((parts) => parts.join("\n")),
);
const cuts = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 });

/** The same text as it arrives, in pieces of these sizes, over and over, looked at after each. */
function streamed(
  text: string,
  sizes: readonly number[],
  look: (document: MarkdownDocument) => void,
): MarkdownDocument {
  const document = new MarkdownDocument();
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = 1 + (sizes[turn % sizes.length] ?? 0);
    document.append(text.slice(at, at + size));
    look(document);
    at += size;
  }
  document.finish();
  return document;
}

describe(`any Markdown, from seed ${SEED}`, () => {
  it(
    "is the same tree whole and in any pieces, and never throws",
    () => {
      const property = fc.property(anything, cuts, (text, sizes) => {
        const arrived = streamed(text, sizes, (document) => document.groups());
        expect(arrived.groups().flat()).toEqual(MarkdownDocument.of(text).groups().flat());
      });
      fc.assert(property, runs(300));
    },
    patience,
  );

  it(
    "is allowed elements only, at every moment, and the same elements in the end",
    async () => {
      const property = fc.asyncProperty(anything, cuts, async (text, sizes) => {
        const whole = render(<Markdown document={MarkdownDocument.of(text)} />);
        const view = render(<Markdown document={new MarkdownDocument()} caret />);
        let looks = 0;
        const arrived = streamed(text, sizes, (document) => {
          looks += 1;
          if (looks % 8 !== 0) return;
          view.rerender(<Markdown document={document} caret />);
          expectAllowed(view.container);
        });
        view.rerender(<Markdown document={arrived} />);
        await drawn();
        expectAllowed(whole.container);
        expectAllowed(view.container);
        expect(view.container.innerHTML).toBe(whole.container.innerHTML);
        cleanup();
      });
      await fc.assert(property, runs(40));
    },
    patience,
  );

  it(
    "loses no word",
    () => {
      const property = fc.property(answer, (text) => {
        const seen = textOf(MarkdownDocument.of(text).groups().flat());
        const hidden = text.replaceAll("](https://sink.example/x)", "]").replaceAll("```js", "```");
        for (const each of new Set(hidden.match(/[a-z]{5,}/g))) {
          expect(seen.split(each).length, each).toBeGreaterThanOrEqual(hidden.split(each).length);
        }
      });
      fc.assert(property, runs(300));
    },
    patience,
  );
});
