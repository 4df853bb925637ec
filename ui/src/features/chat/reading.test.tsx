import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { state } from "../../bridge/fake";
import { field, show, stopAll } from "../../test/chat";

const log = () => screen.getByRole("log");
/** Scrolls as a wheel does. */
function scrollTo(top: number) {
  log().scrollTop = top;
  fireEvent.scroll(log());
}

/** A browser never scrolls above the top. */
const scrolled = vi.fn(function (this: Element, { top = 0 }: ScrollToOptions) {
  this.scrollTop = Math.max(top, 0);
  setTimeout(() => fireEvent.scroll(this));
});

beforeEach(() => {
  Element.prototype.scrollTo = scrolled as unknown as Element["scrollTo"];
  // jsdom has no layout: what scrolls is as high as the list that stands in it.
  vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockImplementation(function (this: HTMLElement) {
    const list = this.firstElementChild;
    return list instanceof HTMLElement && list.className === "thread__all" ? Number.parseFloat(list.style.height) : 0;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  stopAll();
});

describe("what is read stays where it is", () => {
  it("when another version is shown and shown again; the question just asked is shown at the end", async () => {
    await show("answers", "c-ends", { nextAnswer: { text: "Asked anew.", pieceMs: 1 } });
    await screen.findByText("2 of 3");
    await waitFor(() => expect(log().scrollTop).toBeGreaterThan(0));
    scrollTo(0);
    scrolled.mockClear();
    await userEvent.click(screen.getAllByRole("button", { name: "Next version" }).at(-1) as HTMLElement);
    await screen.findByText("3 of 3");
    await userEvent.click(screen.getAllByRole("button", { name: "Previous version" }).at(-1) as HTMLElement);
    await screen.findByText("2 of 3");
    await act(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(log().scrollTop).toBe(0);
    await userEvent.type(await field(), "One more.{Enter}");
    await waitFor(() => expect(log().scrollTop).toBeGreaterThan(0));
    expect(await screen.findByText("Asked anew.")).toBeInTheDocument();
  });

  it("with the keyboard on it, however far it is scrolled away", async () => {
    await show("long", "c-long");
    await screen.findByText(/^Question 2500:/);
    const message = screen.getByText(/^Question 2500:/).closest<HTMLElement>("article");
    act(() => message?.focus());
    scrollTo(1000);
    await waitFor(() => expect(screen.queryByText(/^Question 2499:/)).toBeNull());
    expect(message).toHaveFocus();
    await userEvent.keyboard("c");
    await waitFor(() => expect(state.copied).toMatch(/^Question 2500/));
    await userEvent.keyboard("e");
    const editor = await screen.findByRole("textbox", { name: "Edit your message" });
    await userEvent.type(editor, "!");
    scrollTo(1000);
    expect(within(message as HTMLElement).getByRole("textbox")).toHaveFocus();
    expect(editor).toHaveValue("Question 2500: what does step 4998 do?!");
  });
});

describe("a selection", () => {
  it("stays while the text that it is in grows", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "one two three four ".repeat(200), pieceMs: 20 } });
    await userEvent.type(await field(), "Count.{Enter}");
    const words = await screen.findByText(/^one two three/);
    const text = words.firstChild as Text;
    const selection = document.getSelection() as Selection;
    selection.setBaseAndExtent(text, 4, text, 7);
    const length = text.length;
    await waitFor(() => expect(text.length).toBeGreaterThan(length + 20));
    expect(selection.toString()).toBe("two");
  });
});
