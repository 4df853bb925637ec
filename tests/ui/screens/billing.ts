/** Billing, the licence, the computers, and signing in. */
import type { Page } from "@playwright/test";
import { conversation, openModels, press, settings, steps } from "../kit/steps";
import type { Screen } from "./screen";

const vendorCard = (page: Page) => page.getByText("Vendor-billed", { exact: true }).click();
const billing = settings("Billing");
const toVendor = steps(billing, vendorCard);

export const billingScreens: Screen[] = [
  { name: "02-billing.own-keys", scenario: "working", act: billing, shows: "Pay yearly, save $24" },
  { name: "02-billing.vendor", scenario: "vendor", act: billing, shows: "$6.12 of $15 left" },
  { name: "02-billing.trial", scenario: "trial", act: billing, shows: "You are trying it until" },
  { name: "02-billing.trial-over", scenario: "trial-over", act: billing, shows: "Over, new messages wait" },
  { name: "02-billing.ending", scenario: "ending", act: billing, shows: "Keep the plan" },
  {
    name: "02-billing.past-due",
    scenario: "past-due",
    act: billing,
    shows: "The last payment failed and is tried again.",
  },
  { name: "02-billing.scheduled", scenario: "switch-scheduled", act: billing, shows: "Take it back" },
  { name: "02-billing.unknown", scenario: "switch-unknown", act: billing, shows: "Ask again" },
  { name: "02-billing.signed-out", scenario: "signed-out", act: billing, shows: "Nobody is signed in" },
  { name: "02-billing.terms", scenario: "terms-due", act: press("Read the terms"), shows: "Accept the terms" },
  {
    name: "02-billing.terms-changed",
    scenario: "terms-changed",
    act: press("Read the terms"),
    shows: "What is different in version 2027-01-01.1",
  },
  { name: "02b-billing.switch", scenario: "working", act: toVendor, shows: "$10.40 due today" },
  {
    name: "02b-billing.switch-later",
    scenario: "working",
    act: steps(toVendor, (page) => page.getByText(/^At renewal, /).click()),
    shows: /^Switch on /,
  },
  { name: "02b-billing.allowed", scenario: "vendor-elsewhere", act: toVendor, shows: "nothing is charged" },
  { name: "02b-billing.purchase", scenario: "trial", act: toVendor, shows: "Choose Standard" },
  {
    name: "02b-billing.cancel",
    scenario: "working",
    act: steps(billing, press("Cancel plan")),
    shows: "Cancel the plan?",
  },
  { name: "02c-billing.grace", scenario: "grace", act: billing, shows: "Offline grace, 9 days left" },
  { name: "02c-billing.limited", scenario: "licence-limited", act: billing, shows: "could not be renewed in time" },
  { name: "02c-billing.revoked", scenario: "revoked", act: billing, shows: "This computer lost its seat" },
  {
    name: "10-account.computers",
    scenario: "working",
    act: steps(billing, press("Computers on this licence")),
    shows: "Take seat back",
  },
  {
    name: "10-account.close",
    scenario: "working",
    act: steps(billing, press("Close account")),
    shows: "Close your account for good?",
  },
  {
    name: "10-account.sign-out",
    scenario: "working",
    act: steps(billing, press("Sign out")),
    shows: "Sign out on this computer?",
  },
  {
    name: "10-account.browser",
    scenario: "signing-in",
    act: steps(billing, press("Sign in")),
    shows: "Brasskey opened your browser",
  },
  {
    name: "10-account.code",
    scenario: "signing-in",
    act: steps(billing, press("Sign in"), press("Use a code")),
    shows: "BRSK-7Q2M",
  },
  {
    name: "10-account.seats",
    scenario: "seats-taken",
    act: steps(billing, press("Sign in")),
    shows: "All computers of your plan are taken",
  },
  { name: "04c-workspace.vendor", scenario: "vendor", shows: "$6.12 of $15 left" },
  {
    name: "04c-workspace.vendor-conversation",
    scenario: "vendor",
    act: conversation("Stream the nightly export"),
    shows: "Brasskey bills you, $6.12 of $15 left",
  },
  { name: "04c-workspace.vendor-spent", scenario: "vendor-spent", shows: "Your limit is reached" },
  { name: "04b-model-picker.vendor", scenario: "vendor", act: openModels, shows: "Other billing mode" },
  { name: "04-workspace.trial-over", scenario: "trial-over", shows: "The trial is over" },
  { name: "04-workspace.grace", scenario: "grace", shows: "Working offline on a saved licence" },
  { name: "04-workspace.signed-out", scenario: "signed-out", shows: "New messages wait for a licence" },
];
