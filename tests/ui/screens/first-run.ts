/** The first run: 01 and 01b. */
import { keyField, press, steps, typeKey } from "../kit/steps";
import type { Screen } from "./screen";

export const firstRun: Screen[] = [
  { name: "01-onboarding.start", scenario: "first-run", shows: "How should model use be billed?" },
  { name: "01-onboarding.offers", scenario: "first-run-offers", shows: "Try the sandbox" },
  {
    name: "01-onboarding.checking",
    scenario: "first-run",
    act: typeKey("sk-ant-api03-stays"),
    shows: "Checking with Anthropic",
  },
  {
    name: "01-onboarding.works",
    scenario: "first-run",
    act: steps(typeKey("sk-ant-api03-demo-4f2a"), (page) => page.getByRole("checkbox").last().check()),
    shows: "Working, 11 models found",
  },
  {
    name: "01-onboarding.invalid",
    scenario: "first-run",
    act: typeKey("sk-ant-api03-invalid"),
    shows: "Anthropic does not know this key",
  },
  {
    name: "01-onboarding.typed",
    scenario: "first-run",
    act: async (page) => {
      await page.getByRole("checkbox").last().check();
      await keyField(page).fill("sk-ant-api03-demo-4f2a");
    },
    shows: "Continue without this key",
  },
  {
    name: "01-onboarding.saved-unchecked",
    scenario: "first-run",
    act: typeKey("sk-ant-api03-offline"),
    shows: "It is saved unchecked when you continue.",
  },
  {
    name: "01-onboarding.saved-listed",
    scenario: "first-run",
    act: typeKey("sk-ant-api03-quota"),
    shows: "and listed as “Key or balance”",
  },
  {
    name: "01-onboarding.waiting-for-store",
    scenario: "first-run-locked",
    act: steps(typeKey("sk-ant-api03-demo-4f2a"), async (page) => {
      await page.getByText("Working, 11 models found").waitFor();
      await page.getByRole("checkbox").last().check();
      await page.getByRole("button", { name: /^Continue/ }).click();
    }),
    shows: "Waiting for Secret Service",
  },
  {
    name: "01-onboarding.own-address",
    scenario: "first-run",
    act: press("Use another address"),
    shows: "Must start with https unless it is this computer.",
  },
  {
    name: "01-onboarding.environment",
    scenario: "first-run-offers",
    act: press(/ANTHROPIC_API_KEY/),
    shows: "Working, 11 models found",
  },
  {
    name: "01-onboarding.sandbox",
    scenario: "first-run-offers",
    act: press("Try the sandbox"),
    shows: "Working, 11 models found",
  },
  {
    name: "01-onboarding.local",
    scenario: "first-run-offers",
    act: press("Use models on this computer"),
    shows: "Ollama runs with 6 models",
  },
  {
    name: "01-onboarding.terms",
    scenario: "first-run",
    act: press("terms"),
    shows: "sent to their own provider only",
  },
  {
    name: "01b-onboarding.vendor",
    scenario: "first-run",
    act: (page) => page.getByText("Vendor-billed", { exact: true }).click(),
    shows: "Spending limit above the included $15",
  },
  { name: "01b-onboarding.vendor-again", scenario: "first-run-vendor", shows: "Spending limit above the included $15" },
  {
    name: "01b-onboarding.vendor-with-key",
    scenario: "first-run",
    act: steps(typeKey("sk-ant-api03-demo-4f2a"), async (page) => {
      await page.getByText("Working, 11 models found").waitFor();
      await page.getByText("Vendor-billed", { exact: true }).click();
    }),
    shows: "The key that you entered is not saved with vendor-billed.",
  },
  {
    name: "09b-empty.vendor-no-keys",
    scenario: "first-run-vendor",
    act: steps((page) => page.getByRole("checkbox").check(), press("Continue without a plan")),
    shows: "Vendor-billed waits for a plan",
  },
  { name: "01-onboarding.away", scenario: "first-run-away", shows: "Brasskey’s service does not answer" },
  {
    name: "01b-onboarding.paid",
    scenario: "first-run-vendor",
    act: steps((page) => page.getByRole("checkbox").check(), press(/^Continue, /)),
    shows: "Standard is yours",
  },
];
