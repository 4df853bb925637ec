import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { openWindow } from "../../test/window";

const SECRET = "sk-ant-api03-a-secret-nobody-sees-4f2a";
const field = () => screen.findByLabelText<HTMLInputElement>("Anthropic API key");
const terms = () => screen.getByRole("checkbox", { name: /I accept the terms/ });
const go = () => screen.getByRole("button", { name: "Continue, $12 a month" });

test("a typed key goes to the backend once and the field is empty in the same tick", async () => {
  const user = await openWindow("first-run");
  const input = await field();
  const seen: { secret: string; after: string }[] = [];
  const submit = vi.spyOn(bridge, "keysSubmit").mockImplementation((secret) => {
    // A microtask runs before anything that was awaited: the field must be empty by then.
    queueMicrotask(() => seen.push({ secret, after: input.value }));
    return new Promise(() => undefined);
  });
  await user.type(input, SECRET);
  await user.keyboard("{Enter}");
  expect(submit).toHaveBeenCalledTimes(1);
  expect(seen).toEqual([{ secret: SECRET, after: "" }]);
  submit.mockRestore();
});

test("a pasted key never stands in the field", async () => {
  const user = await openWindow("first-run");
  const input = await field();
  await user.click(input);
  await user.paste(SECRET);
  expect(input.value).toBe("");
  expect(await screen.findByText("Working, 11 models found")).toBeInTheDocument();
  expect(screen.getByText("Key ··4f2a")).toBeInTheDocument();
  expect(document.body.innerHTML).not.toContain("nobody-sees");
});

test("the key field keeps browsers and spelling checkers out", async () => {
  await openWindow("first-run");
  const input = await field();
  expect(input).toHaveAttribute("type", "password");
  expect(input).toHaveAttribute("autocomplete", "off");
  expect(input).toHaveAttribute("spellcheck", "false");
});

test("continuing accepts the terms, puts own keys in force and saves the checked key", async () => {
  const user = await openWindow("first-run");
  await user.type(await field(), `${SECRET}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(terms());
  await user.click(go());
  expect(await screen.findByRole("navigation", { name: "Projects and conversations" })).toBeInTheDocument();
  expect(state.billing.mode).toBe("byok");
  const accepted = state.billing.terms.filter(({ acceptedAt }) => acceptedAt !== null);
  expect(accepted.map(({ document }) => document)).toEqual(["terms", "byok"]);
  expect(state.account.kind).toBe("trial");
  expect(state.keys.map(({ last4, place }) => [last4, place])).toEqual([["4f2a", "system"]]);
  expect(state.pending.size).toBe(0);
});

test("without a tick nothing continues, and the reason is said", async () => {
  const user = await openWindow("first-run");
  await field();
  expect(go()).toHaveAttribute("aria-disabled", "true");
  expect(go()).toHaveAccessibleDescription("Accept the terms to continue.");
  await user.click(go());
  expect(state.billing.mode).toBeNull();
});

test("the key is optional", async () => {
  const user = await openWindow("first-run");
  await field();
  await user.click(terms());
  await user.click(go());
  expect(await screen.findByRole("navigation", { name: "Projects and conversations" })).toBeInTheDocument();
  expect(state.keys).toEqual([]);
});

test("vendor-billed shows no key form but a spending limit, and leads back", async () => {
  const user = await openWindow("first-run");
  await field();
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  expect(screen.queryByLabelText("Anthropic API key")).not.toBeInTheDocument();
  expect(screen.getByLabelText("Spending limit above the included $15")).toHaveValue("0.00");
  await user.click(screen.getByRole("radio", { name: "Bring your own keys" }));
  expect(await field()).toBeInTheDocument();
  await waitFor(() => expect(state.billing.mode).toBe("byok"));
});

test("each mode is described by its consequences", async () => {
  await openWindow("first-run");
  const byok = await screen.findByRole("radio", { name: "Bring your own keys" });
  expect(byok).toBeChecked();
  expect(byok).toHaveAccessibleDescription(
    /Each provider bills you directly for all model use\. The \$12 is our platform fee/,
  );
  expect(screen.getByRole("radio", { name: "Vendor-billed" })).toHaveAccessibleDescription(
    /Brasskey bills you for the plan, and for model use above \$15/,
  );
  expect(screen.getByRole("group", { name: "Billing mode" })).toBeInTheDocument();
});

test("a missing store shows its own screen in place, and memory is used only when chosen", async () => {
  const user = await openWindow("first-run", { world: { storeAfterProbe: "absent" } });
  state.store = { ...state.store, state: "absent" };
  await user.type(await field(), `${SECRET}{Enter}`);
  await screen.findByText("Working, 11 models found");
  await user.click(terms());
  await user.click(go());
  expect(await screen.findByRole("heading", { name: "This desktop has no place for keys yet" })).toBeInTheDocument();
  expect(state.keys).toEqual([]);
  await user.click(screen.getByRole("radio", { name: "Keep keys in memory until I quit" }));
  expect(state.store.state).toBe("absent");
  await user.click(screen.getByRole("button", { name: "Continue" }));
  expect(await screen.findByRole("navigation", { name: "Projects and conversations" })).toBeInTheDocument();
  expect(state.keys.map(({ place }) => place)).toEqual(["session"]);
});

test("keys of the environment and local servers are offered", async () => {
  const user = await openWindow("first-run-offers");
  await user.click(await screen.findByRole("button", { name: "Use OPENAI_API_KEY ··Zt04" }));
  expect(await screen.findByText("Key ··Zt04")).toBeInTheDocument();
  expect(await screen.findByLabelText("OpenAI API key")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Clear key" }));
  await user.click(screen.getByRole("button", { name: "Use models on this computer" }));
  expect(await screen.findByText("Ollama runs with 6 models. It needs no key.")).toBeInTheDocument();
});

test("the sandbox is offered only where it runs, and called what it is", async () => {
  const user = await openWindow("first-run-offers");
  await user.click(await screen.findByRole("button", { name: "Try the sandbox" }));
  expect(await screen.findByText(/practice provider on this computer/)).toBeInTheDocument();
  expect(await screen.findByText("Working, 11 models found")).toBeInTheDocument();
  expect([...state.pending.values()][0]?.endpoint.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1/);
  expect(state.keys).toEqual([]);
});

test("no sandbox is offered otherwise", async () => {
  await openWindow("first-run");
  await field();
  expect(screen.queryByText(/sandbox/i)).not.toBeInTheDocument();
});

test("the terms can be read before they are accepted", async () => {
  const user = await openWindow("first-run");
  await field();
  await user.click(screen.getByRole("button", { name: "terms" }));
  const dialog = await screen.findByRole("dialog", { name: "Terms" });
  expect(await within(dialog).findByText(/responsible for every charge made on the keys you add/)).toBeInTheDocument();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(state.billing.terms.every(({ acceptedAt }) => acceptedAt === null)).toBe(true);
});
