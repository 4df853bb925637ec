/** Leaving the first run: no key is lost without a word, and both modes lead on. */
import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { pace, state } from "../../bridge/fake";
import { refuse } from "../../bridge/fake/state";
import { openWindow } from "../../test/window";

const KEY = "sk-ant-api03-fine-4f2a";
const field = () => screen.findByLabelText<HTMLInputElement>("Anthropic API key");
const tick = () => screen.getByRole("checkbox", { name: /I accept the terms/ });
const go = () => screen.getByRole("button", { name: /^Continue, / });
const without = () => screen.findByRole("button", { name: "Continue without this key" });
const workspace = () => screen.findByRole("navigation", { name: "Projects and conversations" });

test("a key that is still being checked is not thrown away: going on waits, or leaves it in so many words", async () => {
  const user = await openWindow("first-run");
  pace.checkMs = 60_000;
  await user.type(await field(), `${KEY}{Enter}`);
  await screen.findByText("Checking with Anthropic");
  await user.click(tick());
  expect(go()).toHaveAccessibleDescription("The key is being checked.");
  await user.click(go());
  expect(state.billing.setUp).toBe(false);
  await user.click(await without());
  await workspace();
  expect(state.keys).toEqual([]);
  await waitFor(() => expect(state.pending.size).toBe(0));
});

test("what was typed and not handed over keeps the first run open", async () => {
  const user = await openWindow("first-run");
  await user.click(tick());
  await user.type(await field(), KEY);
  expect(go()).toHaveAccessibleDescription(/What stands in the key field is not checked yet/);
  await user.click(go());
  expect(state.billing.setUp).toBe(false);
  expect((await field()).value).toBe(KEY);
  await user.clear(await field());
  expect(go()).not.toHaveAttribute("aria-disabled");
});

test("a key that cannot be saved blocks with its reason", async () => {
  const user = await openWindow("first-run");
  await user.click(tick());
  await user.type(await field(), "sk-ant-api03-invalid{Enter}");
  await screen.findByText("Anthropic does not know this key");
  expect(go()).toHaveAccessibleDescription("The key cannot be saved as it is.");
  await user.click(screen.getByRole("button", { name: "Clear key" }));
  expect(go()).not.toHaveAttribute("aria-disabled");
});

test.each([
  ["4f2a", "It is saved when you continue."],
  ["offline", "It is saved unchecked when you continue."],
  ["hold", "It is saved when you continue, and listed as “Account on hold”."],
  ["quota", "It is saved when you continue, and listed as “Key or balance”."],
])("a check that ended with %s says as what the key will be saved", async (end, sentence) => {
  const user = await openWindow("first-run");
  await user.type(await field(), `sk-ant-api03-${end}{Enter}`);
  expect(await screen.findByText(sentence)).toBeInTheDocument();
  await user.click(tick());
  await user.click(go());
  await workspace();
  expect(state.keys).toHaveLength(1);
});

test("a save that fails can be tried again or left", async () => {
  const user = await openWindow("first-run");
  const save = vi.spyOn(bridge, "keysSave").mockImplementation(async () => refuse("storage"));
  await user.type(await field(), `${KEY}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(tick());
  await user.click(go());
  expect(await without()).toBeInTheDocument();
  expect(state.billing.setUp).toBe(false);
  save.mockRestore();
  await user.click(go());
  await workspace();
  expect(state.keys).toHaveLength(1);
});

test("a slow store is said while the first key is saved, and clearing the key stops it without a word", async () => {
  const user = await openWindow("first-run-locked");
  await user.type(await field(), `${KEY}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(tick());
  await user.click(go());
  expect(await screen.findByText("Waiting for Secret Service")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Clear key" }));
  await waitFor(() => expect(screen.queryByText("Waiting for Secret Service")).not.toBeInTheDocument());
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect(state.keys).toEqual([]);
});

test("the mode is kept as soon as it is chosen, and the last choice is the one that stays", async () => {
  const user = await openWindow("first-run");
  await field();
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  await waitFor(() => expect(state.billing.mode).toBe("vendor_billed"));
  expect(state.billing.setUp).toBe(false);

  const late: (() => void)[] = [];
  const choose = vi.spyOn(bridge, "billingChoose").mockImplementation(async (mode) => {
    // The first of two takes longer.
    if (late.length === 0) await new Promise<void>((resolve) => late.push(resolve));
    state.billing = { ...state.billing, mode };
    return state.billing;
  });
  await user.click(screen.getByRole("radio", { name: "Bring your own keys" }));
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  late[0]?.();
  await waitFor(() => expect(choose).toHaveBeenCalledTimes(2));
  await waitFor(() => expect(state.billing.mode).toBe("vendor_billed"));
  choose.mockRestore();
});

test("a restart in the first run shows the mode that was chosen", async () => {
  await openWindow("first-run-vendor");
  expect(await screen.findByRole("radio", { name: "Vendor-billed" })).toBeChecked();
  expect(screen.queryByLabelText("Anthropic API key")).not.toBeInTheDocument();
});

test("vendor-billed goes through terms, sign-in and payment, and the limit is kept", async () => {
  const user = await openWindow("first-run-vendor");
  const limit = await screen.findByLabelText("Spending limit above the included $15");
  await user.clear(limit);
  await user.type(limit, "7.50");
  expect(go()).toHaveAccessibleDescription("Accept the terms to continue.");
  await user.click(tick());
  await user.click(go());
  expect(await screen.findByText("Standard is yours")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Continue" }));
  await workspace();
  expect(state.billing).toMatchObject({ mode: "vendor_billed", setUp: true });
  expect(state.wallet.overageCap).toBe("7.50");
  expect(state.account.kind).toBe("signed_in");
});

test("a payment that was declined leaves everything as it stood, and can be made again", async () => {
  const user = await openWindow("first-run-vendor", { world: { paymentEnds: "declined" } });
  await user.click(tick());
  await user.click(go());
  expect(await screen.findByText("The card was declined")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Close" }));
  expect(state.billing.setUp).toBe(false);
  state.paymentEnds = "paid";
  await user.click(go());
  await user.click(await screen.findByRole("button", { name: "Continue" }));
  await workspace();
});

test("without a plan the workspace says what it waits for, and one press leads back", async () => {
  const user = await openWindow("first-run-vendor");
  await user.click(tick());
  await user.click(await screen.findByRole("button", { name: "Continue without a plan" }));
  await workspace();
  expect(await screen.findByRole("heading", { name: "Vendor-billed waits for a plan" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Add a key" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Use own keys" }));
  await waitFor(() => expect(state.billing.mode).toBe("byok"));
});

test("a trial that this computer had is said in place; whoever signs in goes on", async () => {
  const user = await openWindow("first-run", { world: { isTrialUsed: true } });
  await user.type(await field(), `${KEY}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(tick());
  await user.click(go());
  expect(await screen.findByText("This computer had its trial")).toBeInTheDocument();
  expect(screen.getByText("Key ··4f2a")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "I have an account" }));
  await waitFor(() => expect(state.account.kind).toBe("signed_in"));
  await user.click(go());
  await workspace();
  expect(state.keys).toHaveLength(1);
});

test("while nobody answers at the platform it says so, asks again, and lets go on", async () => {
  const user = await openWindow("first-run-away");
  expect(await screen.findByText("Brasskey’s service does not answer")).toBeInTheDocument();
  state.isPlatformAway = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: "Continue, $12 a month" })).toBeInTheDocument();
  await user.click(tick());
  await user.click(go());
  await workspace();
  expect(state.account.kind).toBe("trial");
});

test("without the platform the workspace is there, and messages wait", async () => {
  const user = await openWindow("first-run-away");
  await user.click(await screen.findByRole("button", { name: "Set this up later" }));
  await workspace();
  expect(state.billing.setUp).toBe(true);
  expect(await screen.findByText("New messages wait for a licence")).toBeInTheDocument();
});

test("a model on this computer answers with vendor-billed, without terms", async () => {
  const { scenarios } = await import("../../bridge/fake/scenarios");
  const { keys, models } = scenarios.working();
  const local = { keys: keys.filter(({ id }) => id === "k-ollama"), models: models.slice(2) };
  const user = await openWindow("vendor-no-keys", { world: local });
  await user.type(await screen.findByRole("textbox", { name: "Your message" }), "Hello");
  expect(screen.queryByText("Accept the terms to send")).not.toBeInTheDocument();
  expect(screen.queryByText(/Vendor-billed waits for a plan/)).not.toBeInTheDocument();
});

test("a key that was entered is not lost without a word by choosing vendor-billed", async () => {
  const user = await openWindow("first-run");
  await user.type(await field(), `${KEY}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  expect(go()).toHaveAccessibleDescription("The key that you entered is not saved with vendor-billed.");
  await user.click(screen.getByRole("radio", { name: "Bring your own keys" }));
  expect(await screen.findByText("Key ··4f2a")).toBeInTheDocument();
});

test("terms that were accepted before a restart are not asked for again", async () => {
  const { scenarios } = await import("../../bridge/fake/scenarios");
  const { billing } = scenarios.working();
  const accept = vi.spyOn(bridge, "termsAccept");
  const user = await openWindow("first-run", { world: { billing: { ...billing, setUp: false } } });
  await field();
  expect(tick()).toBeChecked();
  await user.click(go());
  await workspace();
  expect(accept).not.toHaveBeenCalled();
  accept.mockRestore();
});
