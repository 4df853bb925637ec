/** The credential store's states: 11 and 11b. */
import { press, settings, steps, typeKey } from "../kit/steps";
import type { Screen } from "./screen";

const states: [state: string, shows: string][] = [
  ["locked", "Secret Service is locked"],
  ["absent", "This desktop has no place for keys yet"],
  ["no-collection", "Secret Service has no keyring to put keys in"],
  ["denied", "Linux refused access to your keys"],
  ["dismissed", "Unlocking was cancelled"],
  ["unresponsive", "Secret Service does not answer"],
  ["broken", "Secret Service answers with errors"],
  ["vault", "Keys are in your passphrase vault"],
  ["vault-locked", "Your passphrase vault is locked"],
  ["vault-missing", "The passphrase vault’s file is gone"],
  ["vault-damaged", "The passphrase vault cannot be read"],
  ["vault-unwritable", "The passphrase vault’s file cannot be used"],
];

export const store: Screen[] = [
  ...states.map(
    ([state, shows]): Screen => ({
      name: `11-credential-store.${state}`,
      scenario: `store-${state}`,
      act: settings("Keys"),
      shows,
    }),
  ),
  {
    name: "11-credential-store.memory-chosen",
    scenario: "store-absent",
    act: steps(
      settings("Keys"),
      (page) => page.getByText("Keep keys in memory until I quit").click(),
      press("Continue"),
    ),
    shows: "Keys stay in memory until you quit",
  },
  {
    name: "11-credential-store.vault-chosen",
    scenario: "store-absent",
    act: steps(settings("Keys"), (page) => page.getByText("Keep keys in a passphrase vault").click()),
    shows: "Make the vault",
  },
  {
    name: "11-credential-store.vault-passphrase",
    scenario: "store-vault",
    act: steps(settings("Keys"), press("Change passphrase…")),
    shows: "Passphrase so far",
  },
  {
    name: "11-credential-store.key-missing",
    scenario: "reconciled",
    act: steps(settings("Keys"), press("Actions for Google Gemini ··7Lk0"), (page) =>
      page.getByRole("menuitem", { name: "Check again" }).click(),
    ),
    shows: "Forget this key",
  },
  {
    name: "11-credential-store.key-not-kept",
    scenario: "session-ended",
    act: steps(settings("Keys"), press("Actions for Anthropic ··4f2a"), (page) =>
      page.getByRole("menuitem", { name: "Check again" }).click(),
    ),
    shows: "The key ··4f2a was kept in memory only",
  },
  { name: "11-credential-store.workspace", scenario: "store-locked", shows: "Keys locked" },
  {
    name: "11b-credential-store.first-run",
    scenario: "first-run-no-store",
    act: steps(typeKey("sk-ant-api03-demo-4f2a"), async (page) => {
      await page.getByText("Working, 11 models found").waitFor();
      await page.getByRole("checkbox").last().check();
      await page.getByRole("button", { name: /^Continue/ }).click();
    }),
    shows: "This desktop has no place for keys yet",
  },
];
