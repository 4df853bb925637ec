import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bridge, type ConversationView, type ErrorCode, type MessageView } from "../../bridge";
import { pace, state } from "../../bridge/fake";
import { scenarios } from "../../bridge/fake/scenarios";
import { failure, refuse } from "../../bridge/fake/state";
import { conversation, field, show, stopAll } from "../../test/chat";
import { causeTitle, errors } from "../../text/errors";

afterEach(() => {
  vi.restoreAllMocks();
  stopAll();
});

/** The failed answer of a cause. */
const failed = (code: ErrorCode): MessageView =>
  scenarios
    .failures()
    .conversations.find(({ title }) => title === code)
    ?.messages.at(-1) as MessageView;

describe("a failure", () => {
  const codes = scenarios
    .failures()
    .conversations.map(({ title }) => title)
    .filter((title): title is ErrorCode => title in errors);

  it.each(codes)("%s says what happened and offers what mends it", async (code) => {
    await show("failures", `c-${code}`);
    const parts = { provider: "Anthropic", last4: "4f2a", model: "Claude Sonnet 4.5" };
    const told = conversation(`c-${code}`)?.messages.at(-1)?.failure ?? null;
    const title = await screen.findByText(causeTitle(code, parts, told));
    const note = title.closest(".note") as HTMLElement;
    await waitFor(() => expect(note.querySelectorAll("button").length).toBeGreaterThan(1));
    expect(within(note).getByText(new RegExp(`^${code}`))).toBeInTheDocument();
    await userEvent.click(within(note).getByRole("button", { name: "Copy details" }));
    expect(state.copied).toContain("request id: req_011CSHoEeqs5C35K2UUqR7Fy");
  });

  it("opens the provider's own page and answers with another model", async () => {
    await show("failures", "c-out_of_credit", { nextAnswer: { text: "From this computer.", pieceMs: 1 } });
    const opened = vi.spyOn(bridge, "providerPageOpen");
    await userEvent.click(await screen.findByRole("button", { name: "Add credit at Anthropic" }));
    expect(opened).toHaveBeenCalledWith("anthropic", "billing");
    expect(screen.getByText("Not sent, not billed")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Answer with llama3.3:70b, on this computer" }));
    expect(await screen.findByText("From this computer.")).toBeInTheDocument();
    expect(screen.queryByText("Your Anthropic account is out of funds")).toBeNull();
  });

  it("checks the key again where that was asked, and sends nothing that is paid for", async () => {
    pace.checkMs = 0;
    await show("failures", "c-permission_missing");
    const sent = vi.spyOn(bridge, "chatSend");
    const checked = vi.spyOn(bridge, "keysRecheck");
    await userEvent.click(await screen.findByRole("button", { name: "Check again" }));
    expect(await screen.findByText("Anthropic accepts the key. It lists 11 models.")).toBeInTheDocument();
    expect(checked.mock.calls).toEqual([["k-anthropic"]]);
    expect(sent).not.toHaveBeenCalled();
  });

  it("that cannot be checked says so", async () => {
    await show("failures", "c-model_unavailable");
    vi.spyOn(bridge, "keysRecheck").mockImplementation(async () => refuse("not_found"));
    await userEvent.click(await screen.findByRole("button", { name: "Check again" }));
    expect(await screen.findByText("The key could not be checked (not_found)")).toBeInTheDocument();
  });

  it("in the middle of an answer says that it broke off, and first offers to go on from there", async () => {
    await show("working", "c-backfill", {
      nextAnswer: {
        text: "It begins with",
        pieceMs: 1,
        failure: failure("overloaded", { status: 529, begun: true, billed: "unknown", retry: "backoff" }),
      },
    });
    await userEvent.type(await field(), "Compare.{Enter}");
    const note = (await screen.findByText("Anthropic is overloaded")).closest(".note") as HTMLElement;
    expect(note).toHaveTextContent("It broke the answer off; what arrived is kept.");
    expect(note).not.toHaveTextContent("turned the message away");
    const buttons = within(note.querySelector(".note__acts") as HTMLElement).getAllByRole("button");
    expect(buttons[0]).toHaveTextContent("Continue from here");
    expect(buttons[1]).toHaveTextContent("Try again");
  });

  it("of one model offers another of the same key where there is no other key", async () => {
    await show("failures", "c-overloaded", { models: scenarios.working().models.slice(0, 1) });
    expect(await screen.findByRole("button", { name: "Answer with Claude Opus 4.1" })).toBeInTheDocument();
  });

  it("says when it may be asked again, and counts down the last hour", async () => {
    const messages = (at: number) => [
      { ...failed("daily_quota"), id: "d1", failure: failure("daily_quota", { retryAt: at }) },
    ];
    const conversationOf = (at: number) => ({
      ...(scenarios.failures().conversations[0] as ConversationView),
      id: "c-q",
      messages: messages(at),
    });
    await show("failures", "c-q", { conversations: [conversationOf(Date.now() + 125_000)] });
    expect(await screen.findByText(/^It may be asked again in/)).toHaveTextContent(/in 2:0\d\.$/);
    cleanup();
    const tomorrow = new Date(Date.now() + 26 * 3_600_000);
    await show("failures", "c-q", { conversations: [conversationOf(tomorrow.getTime())] });
    expect(await screen.findByText(/^It may be asked again on \w+ \d+ at \d\d:\d\d\.$/)).toBeInTheDocument();
    cleanup();
    await show("failures", "c-q", { conversations: [conversationOf(Date.now() - 1000)] });
    await screen.findByText(causeTitle("daily_quota", { provider: "Anthropic" }));
    expect(screen.queryByText(/It may be asked again/)).toBeNull();
  });

  it("leads to replacing the key that was revoked", async () => {
    await show("failures", "c-key_disabled");
    await userEvent.click(await screen.findByRole("button", { name: "Replace key" }));
    expect(await screen.findByText(/"kind":"replace","keyId":"k-anthropic"/)).toBeInTheDocument();
  });

  it("opens the message for editing where the message is at fault", async () => {
    await show("failures", "c-content_blocked");
    await userEvent.click(await screen.findByRole("button", { name: "Edit message" }));
    expect(await screen.findByRole("textbox", { name: "Edit your message" })).toHaveFocus();
  });

  it("waits in sight, with the ways out of it", async () => {
    await show("working", "c-backfill", {
      nextAnswer: {
        text: "Here it is.",
        pieceMs: 1,
        waitMs: 23_000,
        failure: failure("rate_limited", { status: 429, retry: "after_delay" }),
      },
    });
    await userEvent.type(await field(), "Compare.{Enter}");
    expect(await screen.findByText("Anthropic asks us to slow down")).toBeInTheDocument();
    expect(screen.getByText(/Sending again by itself in/)).toHaveTextContent(
      /Nothing was billed as far as Anthropic told us\. Sending again by itself in 0:2\d\. Try 2 of 4\.$/,
    );
    const status = screen.getByText("Anthropic asks us to slow down. It is sent again by itself.");
    expect(status).toHaveAttribute("role", "status");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByText("Anthropic asks us to slow down")).toBeNull());
    expect(conversation("c-backfill")?.turnId).toBeNull();
  });
});

describe("an answer is held up", () => {
  it("without a connection: it goes out by itself, at a press, or not at all", async () => {
    await show("disconnected", "c-backfill");
    await userEvent.type(await field(), "Compare.{Enter}");
    expect(await screen.findByText("You are offline")).toBeInTheDocument();
    expect(screen.getByText(/goes out when the connection returns/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /^Answer with .*, on this computer$/ })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Try now" }));
    expect(await screen.findByText("Here it is.")).toBeInTheDocument();
    expect(screen.queryByText("You are offline")).toBeNull();
  });

  it("by a full disk: it stays on screen, can be copied, and is saved once there is room", async () => {
    await show("unsaved", "c-backfill", { nextAnswer: { text: "Here it is.", pieceMs: 1, isUnsaved: true } });
    await userEvent.type(await field(), "Compare.{Enter}");
    expect(await screen.findByText("There is no room to save")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Stop/ })).toBeNull();
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
    expect(screen.getByText("Here it is.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Copy answer" }));
    await waitFor(() => expect(state.copied).toBe("Here it is."));
    await userEvent.click(screen.getByRole("button", { name: "Save again" }));
    await waitFor(() => expect(screen.queryByText("There is no room to save")).toBeNull());
    expect(screen.getByText("Here it is.")).toBeInTheDocument();
    expect(conversation("c-backfill")?.turnId).toBeNull();
  });
});
