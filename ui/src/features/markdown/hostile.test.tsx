/** What someone who means harm makes a model say is text, while it arrives, cut anywhere, and afterwards. */
import { act, render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { hostileMessages } from "../../bridge/fake/hostile";
import { MarkdownDocument } from "./document";
import { Markdown } from "./Markdown";
import { drawn, expectAllowed, shown } from "./shown.fixture";

const messages = hostileMessages.map(({ kind, name, text }) => [`${kind}/${name}`, text] as const);
/** A message is read at each of its prefixes up to this length; the rest in pieces. */
const CUT_EVERYWHERE = 700;
const PICTURES = 12;

function cuts(text: string): number[] {
  const everywhere = Math.min(text.length, CUT_EVERYWHERE);
  const piece = Math.max(1, Math.ceil((text.length - everywhere) / 40));
  const far = Array.from(
    { length: Math.ceil((text.length - everywhere) / piece) },
    (_, at) => everywhere + (at + 1) * piece,
  );
  return [...Array.from({ length: everywhere }, (_, at) => at + 1), ...far];
}

/** Every address that a press would lead to. */
function addresses(document: MarkdownDocument): string[] {
  const found: string[] = [];
  JSON.stringify(document.groups(), (key, value: unknown) => {
    if (key === "href") found.push(String(value));
    return value;
  });
  return found;
}

describe("a hostile message", () => {
  it("is one of many, each with a name of its own", () => {
    expect(messages.length).toBeGreaterThan(100);
    expect(new Set(hostileMessages.map(({ name }) => name)).size).toBe(messages.length);
  });

  it.each(messages)("is allowed elements only, and goes nowhere by itself: %s", async (_, text) => {
    expectAllowed(await shown(text));
    for (const address of addresses(MarkdownDocument.of(text))) expect(address).toMatch(/^(?:https?:\/\/|mailto:)/i);
  });

  it.each(messages)("is the same at every prefix while it arrives: %s", async (_, text) => {
    const document = new MarkdownDocument();
    const view = render(<Markdown document={document} caret />);
    const all = cuts(text);
    let from = 0;
    for (const [at, to] of all.entries()) {
      document.append(text.slice(from, to));
      from = to;
      for (const address of addresses(document)) expect(address).toMatch(/^(?:https?:\/\/|mailto:)/i);
      if (at % Math.ceil(all.length / PICTURES) === 0) {
        view.rerender(<Markdown document={document} caret />);
        expectAllowed(view.container);
      }
    }
    document.finish();
    expect(document.groups()).toEqual(MarkdownDocument.of(text).groups());
    view.rerender(<Markdown document={document} />);
    await drawn();
    await act(async () => undefined);
    expectAllowed(view.container);
  });
});
