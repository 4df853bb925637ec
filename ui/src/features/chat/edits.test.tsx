import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bridge } from "../../bridge";
import { refuse } from "../../bridge/fake/state";
import { navigate } from "../../route";
import { conversation, field, show, stopAll } from "../../test/chat";

const editor = () => screen.findByRole("textbox", { name: "Edit your message" });

async function editLast(text: string) {
  await userEvent.type(await field(), "{ArrowUp}");
  await userEvent.clear(await editor());
  await userEvent.type(await editor(), text);
}

afterEach(() => {
  vi.restoreAllMocks();
  stopAll();
});

describe("a question in other words", () => {
  it("stays in its field when it is refused, and goes out when it is sent again", async () => {
    await show("working", "c-export", { nextAnswer: { text: "Edited answer.", pieceMs: 1 } });
    const send = vi.spyOn(bridge, "chatSend").mockImplementationOnce(async () => refuse("terms_due"));
    await editLast("In other words");
    await userEvent.click(screen.getByRole("button", { name: "Send again" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The terms wait for you");
    expect(await editor()).toHaveValue("In other words");
    await userEvent.click(screen.getByRole("button", { name: "Send again" }));
    expect(await screen.findByText("Edited answer.")).toBeInTheDocument();
    expect(send).toHaveBeenCalledTimes(2);
    expect(conversation("c-export")?.messages.at(-2)?.text).toBe("In other words");
    await waitFor(async () => expect(await field()).toHaveFocus());
  });

  it("is there again when the conversation was left in between, and leaves the focus to the message", async () => {
    await show("working", "c-export");
    await editLast("In other words");
    act(() => navigate({ screen: "conversation", id: "c-refund" }));
    await waitFor(() => expect(screen.queryByRole("textbox", { name: "Edit your message" })).toBeNull());
    act(() => navigate({ screen: "conversation", id: "c-export" }));
    expect(await editor()).toHaveValue("In other words");
    expect(await field()).toHaveFocus();
  });

  it("is given up with Esc", async () => {
    await show("working", "c-export");
    await editLast("In other words{Escape}");
    expect(screen.queryByRole("textbox", { name: "Edit your message" })).toBeNull();
    await userEvent.type(await field(), "{ArrowUp}");
    expect(await editor()).toHaveValue(
      "The nightly export locks the orders table for about 40 seconds. Can it stream instead?",
    );
  });
});
