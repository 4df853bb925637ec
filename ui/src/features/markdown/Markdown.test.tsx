import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { loadScenario, state } from "../../bridge/fake";
import { LinkDialog } from "../links";
import { corpus } from "./corpus.fixture";
import { MarkdownDocument } from "./document";
import { Markdown } from "./Markdown";
import { expectAllowed, shown } from "./shown.fixture";

beforeEach(() => loadScenario("working"));

describe("what a model says", () => {
  it.each(Object.entries(corpus))("becomes allowed elements only: %s", async (_, text) => {
    expectAllowed(await shown(text));
  });

  it("has the same elements after streaming as from the history", async () => {
    const text = Object.values(corpus).join("\n\n");
    const whole = await shown(text);
    const document = new MarkdownDocument();
    const view = render(<Markdown document={document} caret />);
    for (let at = 0; at < text.length; at += 7) {
      document.append(text.slice(at, at + 7));
      view.rerender(<Markdown document={document} caret />);
    }
    document.finish();
    view.rerender(<Markdown document={document} />);
    await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
    expect(view.container.innerHTML).toBe(whole.innerHTML);
  });

  it("keeps the elements of closed blocks while more arrives", () => {
    const document = new MarkdownDocument();
    document.append("First paragraph.\n\nSecond ");
    const view = render(<Markdown document={document} caret />);
    const first = screen.getByText("First paragraph.");
    const second = screen.getByText(/^Second/);
    document.append("paragraph.\n\nThird");
    view.rerender(<Markdown document={document} caret />);
    expect(screen.getByText("First paragraph.")).toBe(first);
    expect(screen.getByText("Second paragraph.")).toBe(second);
  });

  it("is shown as formulas, colours and a table", async () => {
    const container = await shown('$$\nx^2\n$$\n\n```rust\nlet a = "b";\n```\n\n| a |\n|---|\n| 1 |');
    await waitFor(() => expect(container.querySelector("math msup")).not.toBeNull());
    await waitFor(() => expect(container.querySelector(".code-key")).toHaveTextContent("let"));
    expect(container.querySelector(".code-str")).toHaveTextContent('"b"');
    expect(screen.getByRole("columnheader", { name: "a" })).toBeInTheDocument();
  });

  it("stays whole where code is nested deeper than its colours can be", async () => {
    const code = "${".repeat(5000);
    const container = await shown(`\`\`\`bash\n${code}\n\`\`\``);
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(container.querySelector("pre")).toHaveTextContent(code);
  });

  it("shows hidden characters in code", async () => {
    await shown("```sh\nrm \u202e-fr\n```");
    expect(screen.getByText("U+202E")).toBeInTheDocument();
  });
});

describe("hidden characters", () => {
  it("are written into the text where there are too many to be marked one by one", async () => {
    const container = await shown(`\`${"a\u200b".repeat(3000)}\``);
    const marks = container.querySelectorAll(".prose__hidden").length;
    expect(marks).toBeLessThanOrEqual(500);
    expect(container.textContent?.match(/U\+200B/g)).toHaveLength(3000);
    expect(container.textContent).not.toContain("\u200b");
  });
});

describe("a person", () => {
  it("copies code without a line break at its end", async () => {
    render(<Markdown document={MarkdownDocument.of("```sh\nls\npwd\n```")} />);
    await userEvent.click(screen.getByRole("button", { name: "Copy" }));
    expect(state.copied).toBe("ls\npwd");
    expect(await screen.findByRole("button", { name: "Copied" })).toBeInTheDocument();
  });

  it("sees where a link goes before it is opened, and Esc opens nothing", async () => {
    render(
      <>
        <Markdown document={MarkdownDocument.of("[the manual](https://example.com/a?b=c)")} />
        <LinkDialog />
      </>,
    );
    await userEvent.click(screen.getByRole("button", { name: "the manual" }));
    expect(await screen.findByText(/It goes to/)).toHaveTextContent("example.com");
    expect(screen.getByText("https://example.com/a?b=c")).toBeInTheDocument();
    expect(screen.getByText("This link carries 6 bytes of data.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Stay here" })).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(state.opened).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "the manual" }));
    await userEvent.click(await screen.findByRole("button", { name: "Open in browser" }));
    expect(state.opened).toEqual(["https://example.com/a?b=c"]);
  });
});
