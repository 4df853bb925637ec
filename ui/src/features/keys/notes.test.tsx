/** Notes below the key field claim what happened and nothing else. */
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { refuse } from "../../bridge/fake/state";
import { keysRoute, openWindow } from "../../test/window";

const keyField = () => screen.getByLabelText<HTMLInputElement>("API key");

async function openSheet(scenario: Parameters<typeof openWindow>[0] = "no-keys") {
  const user = await openWindow(scenario, { route: { ...keysRoute, sheet: { kind: "add" } } as typeof keysRoute });
  await screen.findByRole("dialog", { name: "Add a key" });
  return user;
}

afterEach(() => {
  vi.restoreAllMocks();
});

const found: [end: string, title: string, text: RegExp][] = [
  ["umlaut", "This is not a whole key", /Nothing was sent/],
  ["asleep", "The server is not running", /Nothing answers at 127\.0\.0\.1:11434/],
  ["refused", "The connection was refused", /takes no connection there/],
  ["unknown", "There is no such host", /has no address/],
  ["certificate", "A secure connection could not be made", /certificate we do not trust/],
  ["lost", "No connection was made", /could not be reached/],
  ["unlisted", "The server lists no models", /neither accepted nor refused.*name a model/],
];

test.each(found)("a check that ends with %s says what happened", async (end, title, text) => {
  const user = await openSheet();
  await user.type(keyField(), `sk-ant-api03-${end}{Enter}`);
  const note = (await screen.findByText(title)).closest<HTMLElement>(".note");
  expect(note).toHaveTextContent(text);
  if (end !== "certificate") expect(note).not.toHaveTextContent("certificate");
  expect(note).not.toHaveTextContent("does not know this key");
});

test("a model server that is known here is named when it does not run", async () => {
  const user = await openSheet("working");
  await user.type(keyField(), "sk-ant-api03-asleep{Enter}");
  expect(await screen.findByText("Ollama is not running")).toBeInTheDocument();
});

test("a key whose server lists no models is saved, and its model is named in the list", async () => {
  const user = await openSheet();
  await user.type(keyField(), "sk-ant-api03-unlisted{Enter}");
  const note = (await screen.findByText("The server lists no models")).closest<HTMLElement>(".note");
  await user.click(within(note as HTMLElement).getByRole("button", { name: "Save anyway" }));
  const row = async () => (await screen.findAllByRole("row"))[1];
  await waitFor(async () => expect(await row()).toHaveTextContent("Lists no models"));
  await user.click(screen.getByRole("button", { name: /^Actions for/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Name a model…" }));
  await user.type(await screen.findByLabelText("Name of a model at this endpoint"), "northwind-large{Enter}");
  await waitFor(() => expect(state.models.at(-1)?.models[0]?.name).toBe("northwind-large"));
});

test("a provider page that cannot be opened hides no result", async () => {
  const user = await openSheet();
  vi.spyOn(bridge, "providerPageOpen").mockImplementation(async () => refuse("storage"));
  await user.type(keyField(), "sk-ant-api03-invalid{Enter}");
  await user.click(await screen.findByRole("button", { name: "Open Anthropic console" }));
  const alert = await screen.findByRole("alert");
  expect(screen.getByText("Anthropic does not know this key")).toBeInTheDocument();
  await user.type(keyField(), "sk-ant-api03-fine-4f2a{Enter}");
  expect(await screen.findByText("Working, 11 models found")).toBeInTheDocument();
  await user.click(within(alert).getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("“Where do I find a key?” says when the page cannot be opened", async () => {
  const user = await openSheet();
  vi.spyOn(bridge, "providerPageOpen").mockImplementation(async () => refuse("storage"));
  await user.click(screen.getByRole("button", { name: "Where do I find a key?" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("storage");
});

test("an endpoint without a key elsewhere is named as such, and no other refusal is", async () => {
  const user = await openSheet();
  await user.click(screen.getByRole("combobox", { name: "Provider" }));
  await user.click(await screen.findByRole("option", { name: "OpenAI-compatible" }));
  await user.type(screen.getByLabelText("Base URL"), "https://llm.northwind.example/v1");
  await user.click(screen.getByRole("checkbox", { name: "This server needs no key" }));
  await user.click(screen.getByRole("button", { name: "Check server" }));
  expect(await screen.findByText("An endpoint without a key must be on this computer")).toBeInTheDocument();

  await user.click(screen.getByRole("checkbox", { name: "This server needs no key" }));
  await user.type(keyField(), "nw-live-4f2a{Enter}");
  await screen.findByText("Working, 11 models found");
  vi.spyOn(bridge, "keysSave").mockImplementation(async () => refuse("invalid_input"));
  await user.click(screen.getByRole("button", { name: "Save key" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("invalid_input");
  expect(screen.queryByText("An endpoint without a key must be on this computer")).not.toBeInTheDocument();
});

const places: [scenario: "working" | "store-session" | "session-ended", key: string, text: RegExp][] = [
  ["working", "Actions for Anthropic ··4f2a", /^Anthropic ··4f2a leaves Secret Service\. /],
  ["store-session", "Actions for Anthropic ··4f2a", /^Anthropic ··4f2a leaves memory\. /],
  ["store-session", "Actions for OpenAI ··Qx91", /^OpenAI ··Qx91 leaves Secret Service once keys are kept there again/],
  ["session-ended", "Actions for Anthropic ··4f2a", /^Anthropic ··4f2a was forgotten/],
];

test.each(places)("in %s, removing names the place of the key: %s", async (scenario, actions, text) => {
  const user = await openWindow(scenario, { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: actions }));
  await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
  expect(await screen.findByText(text)).toBeInTheDocument();
});

test("replacing a key in memory does not speak of the store", async () => {
  const replace = { ...keysRoute, sheet: { kind: "replace", keyId: "k-anthropic" } } as typeof keysRoute;
  await openWindow("store-session", { route: replace });
  const dialog = await screen.findByRole("dialog", { name: "Replace Anthropic ··4f2a" });
  expect(dialog).toHaveTextContent("the old one leaves memory");
  expect(dialog).not.toHaveTextContent("leaves Secret Service");
});
