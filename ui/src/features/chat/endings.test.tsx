import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bridge, type ConversationView } from "../../bridge";
import { scenarios } from "../../bridge/fake/scenarios";
import { field, show, stopAll } from "../../test/chat";

afterEach(() => {
  vi.restoreAllMocks();
  stopAll();
});

/** The conversation of all ends, up to one of its messages. */
function upTo(id: string): ConversationView {
  const ends = scenarios.answers().conversations.find((each) => each.id === "c-ends") as ConversationView;
  return { ...ends, messages: ends.messages.slice(0, ends.messages.findIndex((each) => each.id === id) + 1) };
}

describe("an answer that ended before it was complete", () => {
  it("at its greatest length says so, and is gone on with", async () => {
    await show("answers", "c-length", { nextAnswer: { text: "does not block writers.", pieceMs: 1 } });
    expect(
      await screen.findByText("Stopped at the longest answer that Claude Sonnet 4.5 may give."),
    ).toBeInTheDocument();
    await userEvent.click(await screen.findByRole("button", { name: "Continue from here" }));
    expect(await screen.findByText("Continue exactly where you stopped.")).toBeInTheDocument();
    expect(await screen.findByText("does not block writers.")).toBeInTheDocument();
    // There is one place to go on from: the end.
    expect(screen.queryByRole("button", { name: "Continue from here" })).toBeNull();
  });

  it("by safety rules says so, also where nothing of it arrived", async () => {
    await show("answers", "c-refused");
    expect(await screen.findByText("Anthropic stopped the answer here by its safety rules.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Continue from here" })).toBeNull();
  });

  it("without a reason says that there is none", async () => {
    await show("answers", "c-other");
    expect(
      await screen.findByText("Claude Sonnet 4.5 ended its answer here, for a reason that it did not give."),
    ).toBeInTheDocument();
  });

  it("is announced with why it ended", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "It begins.", pieceMs: 1, ending: "length" } });
    await userEvent.type(await field(), "Go.{Enter}");
    expect(
      await screen.findByText(/^Answer ended\. It begins\. Stopped at the longest answer .* may give\. \$0/),
    ).toBeInTheDocument();
  });
});

describe("an answer that was cut off", () => {
  it("by the end of Brasskey is asked for again with a button", async () => {
    await show("answers", "c-ends", { nextAnswer: { text: "Asked anew.", pieceMs: 1 } });
    await screen.findByText("Brasskey closed while this was written");
    const [button] = screen.getAllByRole("button", { name: "Answer again" }).filter((each) => each.closest(".note"));
    await userEvent.click(button as HTMLElement);
    expect(await screen.findByText("Asked anew.")).toBeInTheDocument();
  });

  it.each([
    ["interrupted", "e10"],
    ["stopped", "e8"],
  ])("and is %s is asked for again with the shortcut", async (_, id) => {
    await show("answers", "c-ends", {
      conversations: [upTo(id)],
      nextAnswer: { text: "Asked anew.", pieceMs: 1 },
    });
    await field();
    await userEvent.keyboard("{Control>}r{/Control}");
    expect(await screen.findByText("Asked anew.")).toBeInTheDocument();
  });

  it("while a complete one is not", async () => {
    await show("answers", "c-ends", { conversations: [upTo("e6")] });
    const sent = vi.spyOn(bridge, "chatSend");
    await field();
    await userEvent.keyboard("{Control>}r{/Control}");
    await waitFor(() => expect(screen.getByText("Still the same.")).toBeInTheDocument());
    expect(sent).not.toHaveBeenCalled();
  });
});
