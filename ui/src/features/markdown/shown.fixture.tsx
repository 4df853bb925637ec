/** What a model says as it is shown, and the closed list of what may come of it. */
import { act, render } from "@testing-library/react";
import { expect } from "vitest";
import { MarkdownDocument } from "./document";
import { Markdown } from "./Markdown";

const TAGS = new Set(
  (
    "div p h3 h4 h5 h6 strong em del code pre span br hr ul ol li input blockquote section table thead tbody tr th td figure " +
    "figcaption button svg path circle rect math semantics annotation mrow mi mo mn ms mtext mspace msup msub msubsup mfrac " +
    "msqrt mroot munder mover munderover mtable mtr mtd mpadded mphantom menclose mstyle"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "class dir type title aria-label aria-hidden aria-live tabindex scope start checked disabled viewBox d cx cy r x y width " +
    "height rx fill stroke stroke-width encoding display mathvariant mathsize stretchy fence separator accent lspace rspace " +
    "columnalign columnspacing rowspacing displaystyle scriptlevel mathcolor minsize maxsize linethickness movablelimits " +
    "voffset"
  ).split(" "),
);

/** Renders and waits until colours and formulas have been loaded and drawn. */
export async function shown(text: string): Promise<HTMLElement> {
  const { container } = render(<Markdown document={MarkdownDocument.of(text)} />);
  await drawn();
  return container;
}

/** Waits until colours and formulas have been loaded and drawn. */
export async function drawn(): Promise<void> {
  await act(async () => {
    await import("./highlight");
    await import("./maths");
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
}

/** Nothing but the elements and attributes of the list, nothing that runs, loads or leads somewhere, and nothing has run. */
export function expectAllowed(container: HTMLElement): void {
  for (const element of container.querySelectorAll("*")) {
    if (!TAGS.has(element.localName)) expect.fail(`element: ${element.outerHTML.slice(0, 200)}`);
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES.has(name)) expect.fail(`attribute ${name}: ${element.outerHTML.slice(0, 200)}`);
      // The title of a link says where it goes.
      if (name !== "title" && /javascript:|sink\.example/i.test(value)) expect.fail(`${name}="${value}"`);
    }
  }
  expect(Reflect.get(window, "__hostile")).toBeUndefined();
}
