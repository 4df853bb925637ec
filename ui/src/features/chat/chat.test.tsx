import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bridge, type ConversationView, type ModelGroupView, queries } from "../../bridge";
import { state } from "../../bridge/fake";
import { scenarios } from "../../bridge/fake/scenarios";
import { announce, failure, refuse } from "../../bridge/fake/state";
import { navigate } from "../../route";
import { conversation, field, show, stopAll } from "../../test/chat";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  stopAll();
});

describe("asking", () => {
  it("answers a first question and shows what it cost and who pays", async () => {
    await show("ready", null);
    expect(await screen.findByRole("heading", { name: "Your key works. Ask it something." })).toBeInTheDocument();
    expect(screen.getByText(/Anthropic ··4f2a has 11 models/)).toBeInTheDocument();
    await userEvent.type(await field(), "What is a snapshot?{Enter}");
    const answer = await screen.findByRole("button", { name: /^Claude Sonnet 4\.5 ?\$0\.00\d\d.*Show the receipt$/ });
    expect(answer).toHaveTextContent("Your key ··4f2a");
    expect(screen.getByText("What is a snapshot?")).toBeInTheDocument();
    expect(await field()).toHaveValue("");
    await userEvent.click(answer);
    const receipt = await screen.findByRole("dialog", { name: "Receipt" });
    expect(receipt).toHaveTextContent(/Prices of LiteLLM 1\.109\.1/);
    expect(receipt).toHaveTextContent("Anthropic bills you, key Personal ··4f2a");
    expect(receipt).toHaveTextContent("req_011CSHoEeqs5C35K2UUqR7Fy");
  });

  it("says that a cost is so far while the answer is written, and Esc stops it and keeps what arrived", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "one two three four ".repeat(200), pieceMs: 5 } });
    await userEvent.type(await field(), "Count.{Enter}");
    expect(await screen.findByText(/so far$/)).toBeInTheDocument();
    expect(screen.getByRole("log", { name: "Conversation" })).toHaveAttribute("aria-busy", "true");
    expect(screen.getByText("Answering")).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    expect(await screen.findByText("Stopped. What arrived is kept.")).toBeInTheDocument();
    expect(conversation("c-backfill")?.messages.at(-1)?.text).toMatch(/^one two/);
    expect(screen.getByRole("log")).toHaveAttribute("aria-busy", "false");
  });

  it("keeps the elements of the answer when it ends", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "First paragraph.\n\nSecond paragraph.", pieceMs: 30 } });
    await userEvent.type(await field(), "Go.{Enter}");
    const first = await screen.findByText("First paragraph.");
    await screen.findByText(/^Answer finished/);
    expect(screen.getByText("First paragraph.")).toBe(first);
  });

  it("has only the messages near the view in the document, whatever the length", async () => {
    await show("long", "c-long");
    await screen.findAllByRole("article");
    expect(screen.getAllByRole("article").length).toBeLessThan(40);
  });

  it("announces a finished answer once, with its cost", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "A short answer.", pieceMs: 1 } });
    await userEvent.type(await field(), "Go.{Enter}");
    expect(await screen.findByText(/^Answer finished\. A short answer\. \$0\.00\d\d$/)).toBeInTheDocument();
  });

  it("takes along what is typed while the first question is on its way", async () => {
    await show("ready", null);
    const begin = bridge.chatSend;
    let go = () => {};
    vi.spyOn(bridge, "chatSend").mockImplementation(async (...sent) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return begin(...sent);
    });
    await userEvent.type(await field(), "Hello{Enter}");
    await userEvent.type(await field(), " And then?");
    act(() => go());
    await screen.findByRole("log", { name: "Conversation" });
    await waitFor(async () => expect(await field()).toHaveValue(" And then?"));
  });

  it("begins a conversation with its first question, in one call", async () => {
    await show("ready", null, { drafts: new Map([["", "from before"]]) });
    const sent = vi.spyOn(bridge, "chatSend");
    const message = await field();
    await userEvent.clear(message);
    await userEvent.type(message, "Hello{Enter}");
    expect(await screen.findByText("Hello")).toBeInTheDocument();
    expect(sent.mock.calls.map(([{ ask }]) => ask)).toEqual([{ kind: "first", projectId: null, text: "Hello" }]);
    expect(await field()).toHaveValue("");
    expect(state.conversations).toHaveLength(1);
  });

  it("asks a conversation for its messages once", async () => {
    const opened = vi.spyOn(bridge, "conversationsOpen");
    const listed = vi.spyOn(bridge, "modelsList");
    await show("answers", "c-ends");
    await screen.findAllByRole("button", { name: "Answer again" });
    await screen.findByRole("combobox", { name: /^Model:/ });
    expect(opened).toHaveBeenCalledOnce();
    expect(listed).toHaveBeenCalledOnce();
  });

  it("keeps a question that was just asked while the conversation is read anew, and Stop stops its answer", async () => {
    const client = await show("working", "c-export", { nextAnswer: { text: "word ".repeat(500), pieceMs: 5 } });
    await field();
    const before = conversation("c-export") as ConversationView;
    let arrive: (view: ConversationView) => void = () => undefined;
    vi.spyOn(bridge, "conversationsOpen").mockReturnValueOnce(
      new Promise((resolve) => {
        arrive = resolve;
      }),
    );
    client.invalidateQueries({ queryKey: queries.conversation("c-export").queryKey });
    // The backend does not say that the conversation changed before its answer has ended.
    state.listeners.clear();
    await userEvent.type(await field(), "And the index?{Enter}");
    await screen.findByText(/so far$/);
    await act(async () => arrive(before));
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(screen.getByText("And the index?")).toBeInTheDocument();
    // What runs is known from the turn itself, also where the reading did not tell.
    client.setQueryData(queries.conversation("c-export").queryKey, (read) => read && { ...read, turnId: null });
    await userEvent.click(screen.getByRole("button", { name: /^Stop/ }));
    expect(await screen.findByText("Stopped. What arrived is kept.")).toBeInTheDocument();
  });

  it("keeps the text and leaves no empty conversation behind when nothing could be sent", async () => {
    await show("ready", null);
    vi.spyOn(bridge, "chatSend").mockImplementation(async () => refuse("credential_store", { store: "locked" }));
    await userEvent.type(await field(), "Hello{Enter}");
    expect(await screen.findByRole("heading", { name: /locked/ })).toBeInTheDocument();
    expect(await field()).toHaveValue("Hello");
    expect(state.conversations).toEqual([]);
  });

  it("says why a message was refused and leads to what mends it", async () => {
    await show("working", "c-backfill");
    vi.spyOn(bridge, "chatSend").mockImplementation(async () => refuse("terms_due"));
    await userEvent.type(await field(), "Hello{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("The terms wait for you");
    await userEvent.click(screen.getByRole("button", { name: "Read the terms" }));
    expect(await screen.findByText(/"section":"billing"/)).toBeInTheDocument();
  });

  it("sends with Ctrl+Return where Return starts a line", async () => {
    await show("working", "c-backfill", { preferences: { returnKey: "new_line" } });
    await userEvent.type(await field(), "one{Enter}two");
    expect(await field()).toHaveValue("one\ntwo");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(conversation("c-backfill")?.messages[0]?.text).toBe("one\ntwo"));
  });

  it("takes no message while an answer is written, and keeps what is typed", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "word ".repeat(500), pieceMs: 5 } });
    await userEvent.type(await field(), "First{Enter}");
    await screen.findByRole("button", { name: /Stop/ });
    await userEvent.type(await field(), "Second{Enter}");
    expect(await field()).toHaveValue("Second");
    expect(conversation("c-backfill")?.messages).toHaveLength(2);
  });
});

describe("a draft", () => {
  it("is kept after a pause, when the field is left, and is there again", async () => {
    await show("working", "c-backfill");
    await userEvent.type(await field(), "half a thou");
    await waitFor(() => expect(state.drafts.get("c-backfill")).toBe("half a thou"));
    await userEvent.type(await field(), "ght");
    act(() => navigate({ screen: "conversation", id: "c-refund" }));
    await waitFor(() => expect(state.drafts.get("c-backfill")).toBe("half a thought"));
    expect(await field()).toHaveValue("");
    act(() => navigate({ screen: "conversation", id: "c-backfill" }));
    await waitFor(async () => expect(await field()).toHaveValue("half a thought"));
  });

  it("is restored from what the backend kept", async () => {
    await show("ready", null, { drafts: new Map([["", "from before the restart"]]) });
    expect(await field()).toHaveValue("from before the restart");
  });

  it("says when it could not be saved", async () => {
    await show("working", "c-backfill");
    vi.spyOn(bridge, "draftsSave").mockImplementation(async () => refuse("storage"));
    await userEvent.type(await field(), "x");
    expect(await screen.findByText(/Not saved: your draft is in memory only/)).toBeInTheDocument();
    act(() => navigate({ screen: "conversation", id: "c-refund" }));
    await waitFor(async () => expect(await field()).toHaveValue(""));
    expect(screen.queryByText(/Not saved/)).toBeNull();
    act(() => navigate({ screen: "conversation", id: "c-backfill" }));
    expect(await screen.findByText(/Not saved: your draft is in memory only/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Copy draft" }));
    await waitFor(() => expect(state.copied).toBe("x"));
  });

  it("is saved by itself once that is possible, without another key", async () => {
    await show("working", "c-backfill");
    vi.spyOn(bridge, "draftsSave").mockImplementationOnce(async () => refuse("storage"));
    await userEvent.type(await field(), "x");
    await screen.findByText(/Not saved/);
    await waitFor(() => expect(state.drafts.get("c-backfill")).toBe("x"));
    await waitFor(() => expect(screen.queryByText(/Not saved/)).toBeNull());
  });

  it("is saved at a press", async () => {
    await show("working", "c-backfill");
    const saves = vi.spyOn(bridge, "draftsSave").mockImplementation(async () => refuse("storage"));
    await userEvent.type(await field(), "x");
    await screen.findByText(/Not saved/);
    saves.mockRestore();
    await userEvent.click(screen.getByRole("button", { name: "Save again" }));
    await waitFor(() => expect(state.drafts.get("c-backfill")).toBe("x"), { timeout: 500 });
  });
});

describe("versions", () => {
  it("↑ in the empty field edits the last message and sends it again", async () => {
    await show("working", "c-export", { nextAnswer: { text: "Edited answer.", pieceMs: 1 } });
    await userEvent.type(await field(), "{ArrowUp}");
    const editor = await screen.findByRole("textbox", { name: "Edit your message" });
    expect(editor).toHaveFocus();
    await userEvent.clear(editor);
    await userEvent.type(editor, "In other words");
    await userEvent.click(screen.getByRole("button", { name: "Send again" }));
    expect(await screen.findByText("In other words")).toBeInTheDocument();
    expect(await screen.findByText("Edited answer.")).toBeInTheDocument();
    expect(conversation("c-export")?.messages).toHaveLength(4);
  });

  it("Esc leaves the message as it was", async () => {
    await show("working", "c-export");
    await userEvent.type(await field(), "{ArrowUp}");
    await userEvent.type(await screen.findByRole("textbox", { name: "Edit your message" }), " changed{Escape}");
    expect(screen.queryByRole("textbox", { name: "Edit your message" })).toBeNull();
    expect(await field()).toHaveFocus();
  });

  it("answers again, keeps the earlier answer and shows which of them is on screen", async () => {
    await show("answers", "c-ends");
    const versions = (await screen.findAllByRole("group", { name: "Versions" })).at(-1);
    expect(versions).toHaveTextContent("2 of 3");
    await userEvent.click(within(versions as HTMLElement).getByRole("button", { name: "Next version" }));
    expect(await screen.findByText("orders_placed_at")).toBeInTheDocument();
    expect(screen.getByText("3 of 3")).toBeInTheDocument();
    await userEvent.click(screen.getAllByRole("button", { name: "Previous version" }).at(-1) as HTMLElement);
    expect(await screen.findByText("placed_at")).toBeInTheDocument();
  });
});

describe("what an answer cost", () => {
  it("is unknown with its reason where no price is known, and free on this computer", async () => {
    await show("answers", "c-ends");
    const unknown = (await screen.findAllByRole("button", { name: /Cost unknown/ }))[0];
    await userEvent.click(unknown as HTMLElement);
    expect(
      await screen.findByText(/No price is known for this model|broke off before the final count/),
    ).toBeInTheDocument();
    expect(screen.getAllByText("Free").length).toBeGreaterThan(0);
  });

  it("is said to be unknown while the answer of a model without a price is written", async () => {
    const [anthropic] = scenarios.working().models as [ModelGroupView];
    const models = anthropic.models.map((each) => ({ ...each, inputPrice: null, outputPrice: null }));
    await show("working", "c-backfill", {
      models: [{ ...anthropic, models }],
      nextAnswer: { text: "word ".repeat(500), pieceMs: 5 },
    });
    await userEvent.type(await field(), "Go.{Enter}");
    await screen.findByText(/^word/);
    expect(screen.getByText("Cost unknown")).toBeInTheDocument();
    expect(screen.queryByText("Counting")).toBeNull();
  });

  it("says of what day its price is, wherever that is read", async () => {
    vi.stubEnv("TZ", "America/New_York");
    expect(new Date("2026-11-20").getDate()).toBe(19);
    await show("working", "c-export");
    await userEvent.click((await screen.findAllByRole("button", { name: /Show the receipt/ }))[0] as HTMLElement);
    expect(await screen.findByText("Prices of LiteLLM 1.109.1, November 20, 2026.")).toBeInTheDocument();
  });
});

describe("sending is blocked with its reason", () => {
  it("without a key", async () => {
    await show("no-keys", null);
    expect(await screen.findByRole("heading", { name: "No keys yet" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Add a key" }));
    expect(await screen.findByText(/"section":"keys","sheet":\{"kind":"add"\}/)).toBeInTheDocument();
  });

  it("while the terms wait", async () => {
    await show("terms-due", "c-backfill");
    await userEvent.type(await field(), "Hello");
    expect(await screen.findByRole("button", { name: "Accept the terms to send" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  });

  it("for a model of the other mode, whose nearest match is offered and never taken by itself", async () => {
    await show("vendor", "c-backfill");
    await userEvent.type(await field(), "Hello");
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
    const nearest = "Use Claude Sonnet 4.5, Anthropic, Brasskey bills you";
    await userEvent.click(await screen.findByRole("button", { name: nearest }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Send" })).toBeEnabled());
  });

  it("while the licence is not in force, but not for a model on this computer", async () => {
    await show("trial-over", "c-backfill");
    expect(await screen.findByRole("button", { name: "Messages wait for your licence" })).toBeInTheDocument();
    await userEvent.click(await screen.findByRole("combobox", { name: /^Model:/ }));
    await userEvent.click(await screen.findByRole("option", { name: /qwen3:8b/ }));
    await userEvent.type(await field(), "Hello");
    expect(await screen.findByText("Free with qwen3:8b")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Send" })).toBeEnabled();
  });
});

describe("the list of models", () => {
  it("takes the keyboard at once: what is typed for it is never sent", async () => {
    await show("working", "c-backfill");
    const message = await field();
    await userEvent.click(message);
    await userEvent.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    expect(message).not.toHaveFocus();
    expect(await screen.findByRole("combobox", { name: "Filter models" })).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(message).toHaveFocus());
  });

  it("is grouped by who is billed and chosen from by keyboard", async () => {
    await show("working", "c-backfill");
    await field();
    await userEvent.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    const list = await screen.findByRole("listbox");
    expect(within(list).getByRole("group", { name: /Anthropic, your key ··4f2a/ })).toHaveTextContent("$3.00 / $15.00");
    await userEvent.keyboard("haiku{Enter}");
    await waitFor(() => expect(conversation("c-backfill")?.model?.model).toBe("claude-haiku-4-5"));
    expect(await screen.findByRole("combobox", { name: "Model: Claude Haiku 4.5" })).toBeInTheDocument();
  });

  it("keeps what is typed while what waited for the licence can be asked again", async () => {
    const { models } = scenarios.working();
    const waits = failure("licence_lapsed");
    await show("working", "c-backfill", { models: models.map((group) => ({ ...group, unavailable: waits })) });
    await field();
    await userEvent.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    const list = await screen.findByRole("listbox");
    await userEvent.keyboard("haiku{Enter}");
    expect(conversation("c-backfill")?.model?.model).not.toBe("claude-haiku-4-5");
    state.models = models;
    act(() => announce(state, { what: "account" }));
    await waitFor(() => expect(within(list).getByRole("option")).not.toHaveAttribute("aria-disabled", "true"));
    expect(screen.getByRole("combobox", { name: "Filter models" })).toHaveValue("haiku");
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(conversation("c-backfill")?.model?.model).toBe("claude-haiku-4-5"));
  });

  it("keeps what cannot answer, with the cause", async () => {
    const [anthropic, openai] = scenarios.working().models as [ModelGroupView, ModelGroupView];
    const revoked = { ...openai, unavailable: failure("key_disabled", { status: 401 }), trouble: null };
    await show("working", "c-backfill", { models: [anthropic, revoked] });
    await userEvent.click(await screen.findByRole("combobox", { name: /^Model:/ }));
    const list = await screen.findByRole("listbox");
    expect(within(list).getByRole("option", { name: /GPT-5\.1/ })).toHaveAttribute("aria-disabled", "true");
    expect(within(list).getByText("Key refused")).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
  });

  it("says what the last try ran into, which may have passed: its models can be chosen and asked", async () => {
    await show("working", "c-backfill", { nextAnswer: { text: "Funds again.", pieceMs: 1 } });
    await userEvent.click(await screen.findByRole("combobox", { name: /^Model:/ }));
    const list = await screen.findByRole("listbox");
    expect(within(list).getByRole("group", { name: /OpenAI, your key ··Qx91.*Out of funds/ })).toBeInTheDocument();
    await userEvent.click(within(list).getByRole("option", { name: /GPT-5\.1/ }));
    await userEvent.type(await field(), "Hello{Enter}");
    expect(await screen.findByText("Funds again.")).toBeInTheDocument();
  });

  it("says of what day it is, where that is longer ago than a day", async () => {
    const [anthropic, openai] = scenarios.working().models as [ModelGroupView, ModelGroupView];
    const old = { ...openai, fetchedAt: new Date(2026, 10, 3, 12).getTime() };
    await show("working", "c-backfill", { models: [{ ...anthropic, fetchedAt: Date.now() - 3_600_000 }, old] });
    vi.spyOn(Date, "now").mockReturnValue(new Date(2026, 10, 5, 12).getTime());
    await userEvent.click(await screen.findByRole("combobox", { name: /^Model:/ }));
    const list = await screen.findByRole("listbox");
    expect(within(list).getByRole("group", { name: /OpenAI.*listed Nov 3/ })).toBeInTheDocument();
    expect(within(list).getAllByText(/^listed/)).toHaveLength(1);
    await userEvent.keyboard("{Escape}");
  });

  it("estimates anew when the conversation has grown", async () => {
    await show("working", "c-backfill");
    const asked = vi.spyOn(bridge, "chatEstimate");
    await userEvent.type(await field(), "How long is this?");
    await screen.findByText(/^About \$0\.0\d/);
    const before = asked.mock.calls.length;
    act(() => announce(state, { what: "conversation", id: "c-backfill" }));
    await waitFor(() => expect(asked.mock.calls.length).toBe(before + 1));
  });

  it("shows the estimate as an estimate", async () => {
    await show("working", "c-backfill");
    await userEvent.type(await field(), "How long is this?");
    expect(await screen.findByText(/^About \$0\.0\d with Claude Sonnet 4\.5$/)).toBeInTheDocument();
  });
});
