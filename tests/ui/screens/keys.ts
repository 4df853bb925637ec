/** Keys: the list (03), the sheet (03b), every outcome of a check (03c). */
import { addKey, keyMenu, press, settings, steps, typeKey } from "../kit/steps";
import type { Screen } from "./screen";

/** What the in-memory backend finds follows from the end of the key. */
const checks: [state: string, key: string, shows: string][] = [
  ["works", "sk-ant-api03-demo-4f2a", "Working, 11 models found"],
  ["checking", "sk-ant-api03-stays", "Checking with Anthropic"],
  ["invalid", "sk-ant-api03-invalid", "Anthropic does not know this key"],
  ["revoked", "sk-ant-api03-revoked", "This key was revoked"],
  ["permissions", "sk-ant-api03-scopes", "This key cannot list models"],
  ["out-of-funds", "sk-ant-api03-empty", "Key works, the account is empty"],
  ["rate-limited", "sk-ant-api03-limited", "Too many requests just now"],
  ["offline", "sk-ant-api03-offline", "No internet connection"],
  ["provider-down", "sk-ant-api03-down", "Anthropic is not answering"],
  ["wrong-address", "sk-ant-api03-address", "Nothing answers at this base URL"],
  ["region", "sk-ant-api03-region", "Not available from your location"],
  ["wrong-provider", "sk-proj-abcdef1234", "This looks like an OpenAI key"],
  ["key-or-balance", "sk-ant-api03-quota", "Anthropic refused this key"],
  ["expired", "sk-ant-api03-expired", "This key has expired"],
  ["admin-key", "sk-ant-api03-admin", "This is not a key for models"],
  ["network-not-allowed", "sk-ant-api03-network", "This network is not allowed for the key"],
  ["other-organisation", "sk-ant-api03-other", "This key belongs to another organisation"],
  ["account-on-hold", "sk-ant-api03-hold", "Your Anthropic account is on hold"],
  ["payment", "sk-ant-api03-unpaid", "Key works, the payment does not"],
  ["billing-off", "sk-ant-api03-unbilled", "Key works, billing is off"],
  ["limit", "sk-ant-api03-limit", "Key works, a limit is reached"],
  ["timeout", "sk-ant-api03-late", "Anthropic did not answer in time"],
  ["certificate", "sk-ant-api03-certificate", "A secure connection could not be made"],
  ["malformed", "sk-ant two keys", "This is not a whole key"],
  ["not-sendable", "sk-ant-api03-umlaut", "This is not a whole key"],
  ["not-running", "sk-ant-api03-asleep", "Ollama is not running"],
  ["refused", "sk-ant-api03-refused", "The connection was refused"],
  ["no-such-host", "sk-ant-api03-unknown", "There is no such host"],
  ["no-connection", "sk-ant-api03-lost", "No connection was made"],
  ["no-list", "sk-ant-api03-unlisted", "The server lists no models"],
];

export const keys: Screen[] = [
  { name: "03-keys.list", scenario: "working", act: settings("Keys"), shows: "Check all" },
  { name: "03-keys.none", scenario: "no-keys", act: settings("Keys"), shows: "No keys yet" },
  { name: "03-keys.menu", scenario: "working", act: keyMenu(), shows: "Make default for OpenAI" },
  {
    name: "03-keys.rename",
    scenario: "working",
    act: steps(keyMenu("Rename"), (page) => page.getByRole("textbox", { name: "Name of this key" }).waitFor()),
    shows: "Check all",
  },
  { name: "03-keys.removed-undo", scenario: "working", act: keyMenu("Remove"), shows: "Undo" },
  { name: "03-keys.custody", scenario: "working", act: keyMenu("Where is my key?"), shows: "and to no other host" },
  {
    name: "03-keys.custody-looking",
    scenario: "working",
    act: steps(keyMenu("Where is my key?"), press("Check for leaks")),
    shows: "Looking",
  },
  {
    name: "03-keys.custody-clean",
    scenario: "working",
    act: steps(keyMenu("Where is my key?"), press("Check for leaks")),
    shows: "The key is in none of these files",
  },
  {
    name: "03-keys.custody-found",
    scenario: "leaked",
    act: steps(keyMenu("Where is my key?"), press("Check for leaks")),
    shows: "The key is in 1 place",
  },
  {
    name: "03-keys.reconciled",
    scenario: "reconciled",
    act: settings("Keys"),
    shows: "A key was not saved completely",
  },
  {
    name: "03-keys.session-only",
    scenario: "store-session",
    act: settings("Keys"),
    shows: "Keys stay in memory until you quit",
  },
  {
    name: "03-keys.session-refused",
    scenario: "store-session-locked",
    act: steps(settings("Keys"), press("Use Secret Service")),
    shows: "Secret Service is locked",
  },
  {
    name: "03-keys.session-ended",
    scenario: "session-ended",
    act: settings("Keys"),
    shows: "It was kept in memory until you quit",
  },
  { name: "03-keys.company", scenario: "company", act: settings("Keys"), shows: "Northwind, batch" },
  {
    name: "03-keys.name-model",
    scenario: "company",
    act: steps(settings("Keys"), press("Actions for Northwind, batch ··b17c"), async (page) => {
      await page.getByRole("menuitem", { name: "Name a model…" }).click();
      await page.getByRole("textbox", { name: "Name of a model at this endpoint" }).waitFor();
    }),
    shows: "Check all",
  },
  { name: "03-keys.vendor", scenario: "vendor", act: settings("Keys"), shows: "Keys are kept and not used" },
  {
    name: "03-keys.vendor-none",
    scenario: "vendor-no-keys",
    act: settings("Keys"),
    shows: "Vendor-billed needs none.",
  },
  { name: "03b-keys-add.empty", scenario: "working", act: addKey(), shows: "Check the key first" },
  {
    name: "03b-keys-add.company",
    scenario: "working",
    act: steps(addKey(), async (page) => {
      await page.getByRole("combobox", { name: "Provider" }).click();
      await page.getByRole("option", { name: "OpenAI-compatible" }).click();
    }),
    shows: "This server needs no key",
  },
  {
    name: "03b-keys-add.plain-http",
    scenario: "working",
    act: steps(addKey(), press("Use another address"), async (page) => {
      await page.getByRole("textbox", { name: "Base URL" }).fill("http://llm.northwind.example/v1");
      await typeKey("sk-ant-api03-demo-4f2a")(page);
    }),
    shows: "Plain http is for this computer only; use https",
  },
  {
    name: "03b-keys-add.from-clipboard",
    scenario: "working",
    act: steps(addKey(), press("Paste from clipboard")),
    shows: "The clipboard holds no text",
  },
  { name: "03b-keys-add.replace", scenario: "working", act: keyMenu("Replace key…"), shows: "Replace OpenAI ··Qx91" },
  {
    name: "03b-keys-add.key-before-address",
    scenario: "working",
    act: steps(addKey(), async (page) => {
      await page.getByRole("combobox", { name: "Provider" }).click();
      await page.getByRole("option", { name: "OpenAI-compatible" }).click();
      await typeKey("nw-live-e0c7")(page);
    }),
    shows: "Enter the address from your company’s agreement",
  },
  {
    name: "03b-keys-add.waiting-for-store",
    scenario: "store-asks",
    act: steps(addKey("sk-ant-api03-demo-4f2a"), press("Save key")),
    shows: "Waiting for Secret Service",
  },
  {
    name: "03b-keys-add.store-refuses",
    scenario: "store-absent",
    act: steps(addKey("sk-ant-api03-demo-4f2a"), press("Save key")),
    shows: "Not saved yet",
  },
  ...checks.map(
    ([state, key, shows]): Screen => ({ name: `03c-key-check.${state}`, scenario: "working", act: addKey(key), shows }),
  ),
  {
    name: "03c-key-check.stopped",
    scenario: "working",
    act: steps(addKey("sk-ant-api03-stays"), press("Stop")),
    shows: "The check was stopped",
  },
  {
    name: "03c-key-check.add-v1",
    scenario: "working",
    act: steps(addKey(), press("Use another address"), async (page) => {
      await page.getByRole("textbox", { name: "Base URL" }).fill("https://llm.northwind.example");
      await typeKey("sk-ant-api03-address")(page);
    }),
    shows: "Try ending it in /v1",
  },
];
