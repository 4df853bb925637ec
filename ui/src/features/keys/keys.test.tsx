import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { pace, state } from "../../bridge/fake";
import { keysRoute, openWindow } from "../../test/window";

const rows = () =>
  within(screen.getByRole("table", { name: "Provider keys" }))
    .getAllByRole("row")
    .slice(1);
const sheet = () => screen.findByRole("dialog", { name: "Add a key" });

async function enter(user: UserEvent, key: string) {
  await user.click(await screen.findByRole("button", { name: "Add a key" }));
  const field = within(await sheet()).getByLabelText<HTMLInputElement>("API key");
  await user.type(field, `${key}{Enter}`);
  return field;
}

test("the list shows label, last four characters, health, spending and nothing more of a key", async () => {
  await openWindow("working", { route: keysRoute });
  await screen.findByRole("table", { name: "Provider keys" });
  expect(rows().map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^AnthropicPersonal · default··4f2aAdded .*Working11 models2 min\. ago\$21\.40/),
    expect.stringMatching(
      /^OpenAIStudio project · default··Qx91Added .*Out of fundsAdd credit at OpenAI14 min\. ago\$14\.11/,
    ),
    expect.stringMatching(/^Google Gemini.*··7Lk0.*Working8 models/),
    expect.stringMatching(/^NorthwindOwn addressdefaultllm\.northwind\.example\/v1··e0c7.*Working3 models/),
  ]);
});

const outcomes: [end: string, title: string, action: string][] = [
  ["invalid", "Anthropic does not know this key", "Open Anthropic console"],
  ["revoked", "This key was revoked", "Create a new key"],
  ["scopes", "This key cannot list models", "Open key permissions"],
  ["empty", "Key works, the account is empty", "Add credit at Anthropic"],
  ["limited", "Too many requests just now", "Check now"],
  ["offline", "No internet connection", "Save unchecked"],
  ["down", "Anthropic is not answering", "Provider status"],
  ["address", "Nothing answers at this base URL", "Edit base URL"],
  ["region", "Not available from your location", "Supported regions"],
];

test.each(outcomes)("a check that ends with %s says so and offers what mends it", async (end, title, action) => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await enter(user, `sk-ant-api03-${end}`);
  const note = (await screen.findByText(title)).closest("[role=status]");
  expect(note).not.toBeNull();
  expect(within(note as HTMLElement).getByRole("button", { name: action })).toBeInTheDocument();
});

test("a refused key cannot be saved, and the reason is said", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  const field = await enter(user, "sk-ant-api03-invalid");
  await screen.findByText("Anthropic does not know this key");
  expect(field).toHaveAttribute("aria-invalid", "true");
  const save = screen.getByRole("button", { name: "Save key" });
  expect(save).toHaveAccessibleDescription("This key cannot be saved as it is");
  await user.click(save);
  expect(state.keys).toEqual([]);
});

test("a key that works is saved with its label, and the sheet closes", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await enter(user, "sk-ant-api03-fine-4f2a");
  await screen.findByText("Working, 11 models found");
  await user.type(screen.getByLabelText("Name"), "Studio");
  await user.click(screen.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  await waitFor(() => expect(rows()).toHaveLength(1));
  expect(state.keys.map(({ label, last4 }) => [label, last4])).toEqual([["Studio", "4f2a"]]);
});

test("closing the sheet wipes a key that was not saved", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await enter(user, "sk-ant-api03-fine-4f2a");
  await screen.findByText("Working, 11 models found");
  expect(state.pending.size).toBe(1);
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(state.pending.size).toBe(0));
});

test("a key of another provider is not sent until the user says where", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await enter(user, "sk-proj-abcdef1234");
  expect(await screen.findByText("This looks like an OpenAI key")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Use OpenAI instead" }));
  expect(await screen.findByText("Working, 11 models found")).toBeInTheDocument();
  expect([...state.pending.values()][0]?.endpoint.provider).toBe("openai");
});

test("two things copied together are not sent", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  const check = vi.spyOn(bridge, "keysCheck");
  await enter(user, "sk-ant two-keys");
  expect(await screen.findByText("This is not a whole key")).toBeInTheDocument();
  expect(check).not.toHaveBeenCalled();
  check.mockRestore();
});

test("a wrong address is mended by adding /v1", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Add a key" }));
  await user.click(within(await sheet()).getByRole("button", { name: "Use another address" }));
  await user.type(screen.getByLabelText("Base URL"), "https://llm.northwind.example");
  await user.type(screen.getByLabelText("API key"), "nw-live-address{Enter}");
  await user.click(await screen.findByRole("button", { name: "Add /v1" }));
  expect(await screen.findByText("Working, 11 models found")).toBeInTheDocument();
  expect(screen.getByLabelText("Base URL")).toHaveValue("https://llm.northwind.example/v1");
});

test("plain http to another computer is refused at the field", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Add a key" }));
  await user.click(within(await sheet()).getByRole("button", { name: "Use another address" }));
  await user.type(screen.getByLabelText("Base URL"), "http://llm.northwind.example");
  await user.type(screen.getByLabelText("API key"), "nw-live-0000{Enter}");
  const url = screen.getByLabelText("Base URL");
  await waitFor(() => expect(url).toHaveAttribute("aria-invalid", "true"));
  expect(url).toHaveAccessibleDescription(/Plain http is for this computer only/);
});

test("a check can be stopped", async () => {
  const user = await openWindow("no-keys", { route: keysRoute });
  const { pace } = await import("../../bridge/fake");
  pace.checkMs = 60_000;
  await enter(user, "sk-ant-api03-fine-4f2a");
  await user.click(await screen.findByRole("button", { name: "Stop" }));
  expect(await screen.findByText("The check was stopped")).toBeInTheDocument();
});

test("removing a key can be undone", async () => {
  const user = await openWindow("working", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Actions for OpenAI ··Qx91" }));
  await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
  expect(await screen.findByText(/OpenAI ··Qx91 leaves Secret Service/)).toBeInTheDocument();
  expect(state.keys.some(({ id }) => id === "k-openai")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(state.keys.some(({ id }) => id === "k-openai")).toBe(true));
});

test("a key is renamed in its row, and Esc leaves it as it was", async () => {
  const user = await openWindow("working", { route: keysRoute });
  const rename = async () => {
    await user.click(await screen.findByRole("button", { name: "Actions for OpenAI ··Qx91" }));
    await user.click(await screen.findByRole("menuitem", { name: "Rename" }));
    return screen.findByLabelText("Name of this key");
  };
  await user.type(await rename(), "Nothing{Escape}");
  expect(state.keys.find(({ id }) => id === "k-openai")?.label).toBe("Studio project");
  await user.clear(await rename());
  await user.keyboard("Batch{Enter}");
  await waitFor(() => expect(state.keys.find(({ id }) => id === "k-openai")?.label).toBe("Batch"));
});

test("replacing asks for the key alone: provider and address stay", async () => {
  const user = await openWindow("working", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Actions for Anthropic ··4f2a" }));
  await user.click(await screen.findByRole("menuitem", { name: "Replace key…" }));
  const dialog = await screen.findByRole("dialog", { name: "Replace Anthropic ··4f2a" });
  expect(within(dialog).queryByText("Provider")).not.toBeInTheDocument();
  await user.type(within(dialog).getByLabelText("API key"), "sk-ant-api03-fresh-9z9z{Enter}");
  await within(dialog).findByText("Working, 11 models found");
  await user.click(within(dialog).getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(state.keys.find(({ id }) => id === "k-anthropic")?.last4).toBe("9z9z"));
});

test("all keys are checked again", async () => {
  const user = await openWindow("working", { route: keysRoute });
  const recheck = vi.spyOn(bridge, "keysRecheck");
  await user.click(await screen.findByRole("button", { name: "Check all" }));
  await waitFor(() => expect(recheck).toHaveBeenCalledTimes(4));
  recheck.mockRestore();
});

test("what start-up mended is told once and put away", async () => {
  const user = await openWindow("reconciled", { route: keysRoute });
  expect(await screen.findByText("A key was not saved completely")).toBeInTheDocument();
  expect(screen.getByText("Not in Secret Service")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Understood" }));
  await waitFor(() => expect(screen.queryByText("A key was not saved completely")).not.toBeInTheDocument());
});

test("keys in memory say so, and the way back stands beside it", async () => {
  const user = await openWindow("store-session", { route: keysRoute });
  expect(await screen.findByText("Keys stay in memory until you quit")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Use Secret Service" }));
  await waitFor(() => expect(state.store.state).toBe("ready"));
});

test("a save that the store refuses keeps the key and shows the store's screen in the sheet", async () => {
  const user = await openWindow("store-locked", { route: keysRoute });
  await enter(user, "sk-ant-api03-fine-4f2a");
  await screen.findByText("Working, 11 models found");
  await user.click(screen.getByRole("button", { name: "Save key" }));
  const dialog = await sheet();
  expect(await within(dialog).findByRole("heading", { name: "Secret Service is locked" })).toBeInTheDocument();
  expect(state.pending.size).toBe(1);
  state.storeAfterProbe = "ready";
  await user.click(within(dialog).getByRole("button", { name: "Unlock…" }));
  await waitFor(() =>
    expect(state.keys.some(({ last4, addedAt }) => last4 === "4f2a" && addedAt > Date.now() - 60_000)).toBe(true),
  );
});

test("a key of the store is set aside while keys are kept in memory, and is not checked", async () => {
  const user = await openWindow("store-session", { route: keysRoute });
  await screen.findByRole("table", { name: "Provider keys" });
  expect(rows()[1]).toHaveTextContent("Not used while keys are kept elsewhere");
  const recheck = vi.spyOn(bridge, "keysRecheck");
  await user.click(screen.getByRole("button", { name: "Check all" }));
  await waitFor(() => expect(recheck).toHaveBeenCalledOnce());
  expect(recheck).toHaveBeenCalledWith("k-anthropic");
});

test("the check of a saved key can be stopped", async () => {
  const user = await openWindow("working", { route: keysRoute });
  await screen.findByRole("table", { name: "Provider keys" });
  pace.checkMs = 60_000;
  const menu = () => user.click(screen.getByRole("button", { name: "Actions for OpenAI ··Qx91" }));
  await menu();
  await user.click(await screen.findByRole("menuitem", { name: "Check again" }));
  await waitFor(() => expect(rows()[1]).toHaveTextContent("Checking"));
  await menu();
  await user.click(await screen.findByRole("menuitem", { name: "Stop checking" }));
  await waitFor(() => expect(rows()[1]).not.toHaveTextContent("Checking"));
});
