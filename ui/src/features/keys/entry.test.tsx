/** A key on its way in: what is on screen is about the endpoint that stands there, and nothing typed is lost. */
import { act, renderHook, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bridge, type CheckView, type FailureView } from "../../bridge";
import { loadScenario, pace, state } from "../../bridge/fake";
import { failure, refuse } from "../../bridge/fake/state";
import { keysRoute, openWindow } from "../../test/window";
import { useKeyEntry } from "./useKeyEntry";

const KEY = "sk-ant-api03-fine-4f2a";
const sheet = () => screen.findByRole("dialog", { name: "Add a key" });
const keyField = () => screen.getByLabelText<HTMLInputElement>("API key");
const save = () => screen.getByRole("button", { name: /^Save/ });

async function openSheet(scenario: Parameters<typeof openWindow>[0] = "no-keys"): Promise<UserEvent> {
  const user = await openWindow(scenario, { route: { ...keysRoute, sheet: { kind: "add" } } as typeof keysRoute });
  await sheet();
  return user;
}

async function chooseProvider(user: UserEvent, name: string) {
  await user.click(screen.getByRole("combobox", { name: "Provider" }));
  await user.click(await screen.findByRole("option", { name }));
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what a check found", () => {
  test("is not said beside another provider, and is not saved for it", async () => {
    const user = await openSheet();
    await user.type(keyField(), `${KEY}{Enter}`);
    await screen.findByText("Working, 11 models found");
    await chooseProvider(user, "OpenAI");
    expect(screen.queryByText("Working, 11 models found")).not.toBeInTheDocument();
    expect(screen.getByText("Key ··4f2a")).toBeInTheDocument();
    expect(save()).toHaveAccessibleDescription("Check the key first");
  });

  test("is not said beside another address", async () => {
    const user = await openSheet();
    await user.click(screen.getByRole("button", { name: "Use another address" }));
    await user.type(screen.getByLabelText("Base URL"), "https://llm.northwind.example/v1");
    await user.type(keyField(), `${KEY}{Enter}`);
    await screen.findByText("Working, 11 models found");
    await user.type(screen.getByLabelText("Base URL"), "/other");
    expect(screen.queryByText("Working, 11 models found")).not.toBeInTheDocument();
    expect(save()).toHaveAttribute("aria-disabled", "true");
  });

  test("comes too late for an endpoint that was changed meanwhile: the check is stopped", async () => {
    const user = await openSheet();
    pace.checkMs = 60_000;
    const stop = vi.spyOn(bridge, "keysCheckStop");
    await user.type(keyField(), `${KEY}{Enter}`);
    await screen.findByText("Checking with Anthropic");
    await chooseProvider(user, "OpenAI");
    expect(stop).toHaveBeenCalledOnce();
    expect(screen.queryByText(/^Checking with/)).not.toBeInTheDocument();
    expect(screen.queryByText("The check was stopped")).not.toBeInTheDocument();
  });

  test("of a server without a key is not kept when a key is wanted after all", async () => {
    const user = await openSheet();
    await chooseProvider(user, "OpenAI-compatible");
    await user.type(screen.getByLabelText("Base URL"), "http://127.0.0.1:9000/v1");
    await user.click(screen.getByRole("checkbox", { name: "This server needs no key" }));
    await user.click(screen.getByRole("button", { name: "Check server" }));
    await screen.findByText("Working, 11 models found");
    await user.click(screen.getByRole("checkbox", { name: "This server needs no key" }));
    expect(screen.queryByText("Working, 11 models found")).not.toBeInTheDocument();
    expect(save()).toHaveAttribute("aria-disabled", "true");
    expect(screen.queryByRole("button", { name: "Clear key" })).not.toBeInTheDocument();
    await waitFor(() => expect(state.pending.size).toBe(0));
  });
});

test("a key that was entered before its address is kept, and checked once the address is right", async () => {
  const user = await openSheet();
  await chooseProvider(user, "OpenAI-compatible");
  await user.type(keyField(), "nw-live-key-e0c7{Enter}");
  const url = screen.getByLabelText("Base URL");
  await waitFor(() => expect(url).toHaveAccessibleDescription(/Enter the address/));
  expect(screen.getByText("Key ··e0c7")).toBeInTheDocument();
  await user.type(url, "https://llm.northwind.example/v1");
  expect(url).not.toHaveAttribute("aria-invalid");
  await user.click(screen.getByRole("button", { name: "Check key" }));
  await screen.findByText("Working, 11 models found");
  await user.click(save());
  await waitFor(() => expect(state.keys.map(({ last4 }) => last4)).toEqual(["e0c7"]));
});

test("what is typed after a check is not left behind by saving the key before it", async () => {
  const user = await openSheet();
  await user.type(keyField(), `${KEY}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.type(keyField(), "sk-ant-api03-ano");
  expect(save()).toHaveAccessibleDescription("Check the key first");
  await user.click(save());
  expect(state.keys).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Clear key" }));
  expect(keyField()).toHaveValue("");
  await waitFor(() => expect(state.pending.size).toBe(0));
});

describe("a key that is held", () => {
  test("is gone from the screen after ten minutes", async () => {
    vi.useFakeTimers();
    loadScenario("no-keys");
    pace.checkMs = 0;
    const { result } = renderHook(() => useKeyEntry({ provider: "anthropic" }));
    act(() => void result.current.submit(KEY));
    await act(() => vi.advanceTimersByTimeAsync(1000));
    expect(result.current.pending?.last4).toBe("4f2a");
    await act(() => vi.advanceTimersByTimeAsync(600_000));
    expect(result.current).toMatchObject({ pending: null, result: null, gone: "expired" });
  });

  test("and was wiped by the backend is gone when it is to be saved, with what to do", async () => {
    const user = await openSheet();
    await user.type(keyField(), `${KEY}{Enter}`);
    await screen.findByText("Working, 11 models found");
    state.pending.clear();
    await user.click(save());
    expect(await screen.findByText("Enter the key again")).toBeInTheDocument();
    expect(screen.getByText(/It was wiped/)).toBeInTheDocument();
    expect(screen.queryByText("Key ··4f2a")).not.toBeInTheDocument();
  });

  test("was sent to another host before is gone for this address", async () => {
    const user = await openSheet();
    vi.spyOn(bridge, "keysCheck").mockImplementation(async () => refuse("origin_changed"));
    await user.type(keyField(), `${KEY}{Enter}`);
    expect(await screen.findByText("Enter the key again for this address")).toBeInTheDocument();
    expect(screen.queryByText("Key ··4f2a")).not.toBeInTheDocument();
  });
});

describe("a check that goes out by itself", () => {
  const limited = (more: Partial<FailureView>): CheckView => ({
    outcome: "failed",
    savable: true,
    failure: failure("rate_limited", { status: 429, retry: "after_delay", retryAfterMs: 0, ...more }),
  });

  async function checked(found: CheckView) {
    loadScenario("no-keys");
    vi.spyOn(bridge, "keysCheck").mockImplementation(async () => found);
    const { result } = renderHook(() => useKeyEntry({ provider: "anthropic" }));
    await act(() => result.current.submit(KEY));
    return result;
  }

  test("waits a second at least, and goes out three times at most", async () => {
    const result = await checked(limited({}));
    for (let already = 0; already < 3; already += 1) {
      expect(result.current.checkAt ?? 0).toBeGreaterThan(Date.now() + 500);
      await act(() => result.current.checkByItself());
    }
    expect(result.current.checkAt).toBeNull();
    await act(() => result.current.check());
    expect(result.current.checkAt).not.toBeNull();
  });

  test.each([
    ["another cause", limited({ code: "overloaded" })],
    ["a day’s quota", limited({ code: "daily_quota", retry: "after_reset", retryAfterMs: 3_600_000 })],
    ["a limit that waiting does not mend", limited({ retry: "never" })],
    ["no time named", limited({ retryAfterMs: null })],
  ])("does not, after %s", async (_, found) => {
    expect((await checked(found)).current.checkAt).toBeNull();
  });

  test("is counted down and can be stopped", async () => {
    const user = await openSheet();
    await user.type(keyField(), "sk-ant-api03-limited{Enter}");
    expect(await screen.findByText(/Checking again in 0:1\d/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(screen.queryByText(/Checking again in/)).not.toBeInTheDocument();
    expect(screen.getByText("Anthropic asks us to wait.")).toBeInTheDocument();
  });
});

describe("while the store takes its time", () => {
  async function saving() {
    const user = await openSheet("store-asks");
    await user.type(keyField(), `${KEY}{Enter}`);
    await screen.findByText("Working, 11 models found");
    await user.click(save());
    await screen.findByText("Waiting for Secret Service");
    return user;
  }

  test("a save says what it waits for, and Stop leads to the store’s own screen", async () => {
    const user = await saving();
    await user.click(screen.getByRole("button", { name: "Stop waiting" }));
    expect(await screen.findByRole("heading", { name: "Unlocking was cancelled" })).toBeInTheDocument();
    expect(state.pending.size).toBe(1);
  });

  test("Cancel takes the save back without a word", async () => {
    const user = await saving();
    const before = state.keys.length;
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(state.waiting.size).toBe(0));
    expect(state.keys).toHaveLength(before);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  test("what is being saved does not change under it", async () => {
    const user = await saving();
    await chooseProvider(user, "OpenAI");
    expect(screen.getByRole("combobox", { name: "Provider" })).toHaveTextContent("Anthropic");
    await user.type(keyField(), "another{Enter}");
    expect(keyField()).toHaveValue("another");
    for (const each of state.waiting) each.settle("written");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(state.keys.at(-1)).toMatchObject({ provider: "anthropic", last4: "4f2a" });
  });
});

test("replacing a key offers nothing that would change its provider or address", async () => {
  const replace = { ...keysRoute, sheet: { kind: "replace", keyId: "k-proxy" } } as typeof keysRoute;
  const user = await openWindow("company", { route: replace });
  const dialog = await screen.findByRole("dialog", { name: "Replace Anthropic ··77aa" });
  const actions = () =>
    within(dialog)
      .getAllByRole("button")
      .map((each) => each.textContent);
  await user.type(within(dialog).getByLabelText("API key"), "sk-ant-api03-address{Enter}");
  await within(dialog).findByText("Nothing answers at this base URL");
  expect(actions()).not.toContain("Edit base URL");
  expect(actions()).not.toContain("Add /v1");
  expect(within(dialog).getByRole("button", { name: "Try again" })).toBeInTheDocument();
  await user.type(within(dialog).getByLabelText("API key"), "sk-ant-api03-region{Enter}");
  await within(dialog).findByText("Not available from your location");
  expect(actions()).not.toContain("Set a base URL");
});

test("a key of another provider’s shape may be checked as the one it replaces, and not moved", async () => {
  const replace = { ...keysRoute, sheet: { kind: "replace", keyId: "k-anthropic" } } as typeof keysRoute;
  const user = await openWindow("working", { route: replace });
  const dialog = await screen.findByRole("dialog", { name: "Replace Anthropic ··4f2a" });
  await user.type(within(dialog).getByLabelText("API key"), "sk-proj-abcdef1234{Enter}");
  await within(dialog).findByText("This looks like an OpenAI key");
  expect(within(dialog).queryByRole("button", { name: "Use OpenAI instead" })).not.toBeInTheDocument();
  expect(within(dialog).getByRole("button", { name: "Check anyway" })).toBeInTheDocument();
});
