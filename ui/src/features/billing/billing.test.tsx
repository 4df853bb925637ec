import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { failure, refuse } from "../../bridge/fake/state";
import { openWindow } from "../../test/window";

const billing = { screen: "settings", section: "billing" } as const;
const toVendor = async (user: Awaited<ReturnType<typeof openWindow>>) => {
  await user.click(await screen.findByRole("radio", { name: "Vendor-billed" }));
  return screen.findByRole("dialog");
};

test("the other mode is asked for first, with figures, consequences and what last month would have cost", async () => {
  const user = await openWindow("working", { route: billing });
  const dialog = await toVendor(user);
  expect(dialog).toHaveAccessibleName("Switch to vendor-billed?");
  expect(await within(dialog).findByText("$10.40 due today")).toBeInTheDocument();
  expect(within(dialog).getByText("Through the Brasskey gateway")).toBeInTheDocument();
  expect(within(dialog).getByText("Kept in Secret Service, not used")).toBeInTheDocument();
  expect(await within(dialog).findByText(/In October your 212 calls used \$31\.40/)).toBeInTheDocument();
  expect(within(dialog).getByText(/One call with an unknown cost is left out/)).toBeInTheDocument();
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Keep my keys" })).toHaveFocus());
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(state.billing.mode).toBe("byok");
  expect(screen.getByRole("radio", { name: "Bring your own keys" })).toBeChecked();
});

test("what is confirmed is what was shown, and the mode follows", async () => {
  const user = await openWindow("working", { route: billing });
  const change = vi.spyOn(bridge, "planChange");
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Switch and pay $10.40" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(change).toHaveBeenCalledTimes(1);
  expect(state.billing.mode).toBe("vendor_billed");
  expect(await screen.findByText("Brasskey bills you, $15.00 of $15 left")).toBeInTheDocument();
  change.mockRestore();
});

test("at the end of the period nothing is due, and the switch can be taken back", async () => {
  const user = await openWindow("working", { route: billing });
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("radio", { name: /^At renewal/ }));
  await user.click(await within(dialog).findByRole("button", { name: /^Switch on / }));
  expect(await screen.findByText(/^From .* Brasskey bills you, with Standard$/)).toBeInTheDocument();
  expect(state.billing.mode).toBe("byok");
  await user.click(screen.getByRole("button", { name: "Take it back" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Take it back" })).not.toBeInTheDocument());
  expect(state.billing.scheduled).toBeNull();
});

test.each([
  ["payment_failed", "A payment is needed"],
  ["preview_changed", "The figures have changed"],
  ["platform_unreachable", "Brasskey’s service does not answer"],
] as const)("a switch that ends with %s changes nothing and says why", async (code, title) => {
  const user = await openWindow("working", { route: billing, world: { changeEnds: code } });
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Switch and pay $10.40" }));
  expect(await within(dialog).findByText(title)).toBeInTheDocument();
  expect(state.billing.mode).toBe("byok");
});

test("a switch whose outcome is not known says so until it is", async () => {
  const user = await openWindow("switch-unknown", { route: billing });
  expect(await screen.findByText("The switch was sent, and its outcome is not known yet")).toBeInTheDocument();
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Ask again" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Ask again" })).not.toBeInTheDocument());
  expect(state.billing.mode).toBe("vendor_billed");
});

test("from the trial the way leads through terms and payment, and its receipt is shown", async () => {
  const { terms } = await import("../../bridge/fake/billing");
  const { billing: known } = (await import("../../bridge/fake/scenarios")).scenarios.trial();
  const own = known.terms.map((text) => (text.document === "vendor" ? { ...text, acceptedAt: null } : text));
  expect(own).toHaveLength(terms(true).length);
  const user = await openWindow("trial", { route: billing, world: { billing: { ...known, terms: own } } });
  const dialog = await toVendor(user);
  const pay = within(dialog).getByRole("button", { name: "Sign in and pay" });
  expect(pay).toHaveAccessibleDescription("Accept the terms to continue.");
  await user.click(within(dialog).getByRole("checkbox"));
  await user.click(pay);
  expect(await screen.findByText("Standard is yours")).toBeInTheDocument();
  expect(screen.getByText("Standard, one month")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Continue" }));
  expect(state.billing.mode).toBe("vendor_billed");
  expect(state.account.kind).toBe("signed_in");
});

test.each([
  ["declined", "The card was declined"],
  ["abandoned", "The payment was not made"],
  ["pending", "The payment is not decided yet"],
] as const)("a payment that is %s is told as that, and nothing has changed", async (paymentEnds, title) => {
  const { signedIn } = await import("../../bridge/fake/account");
  const account = signedIn("trial");
  const user = await openWindow("trial", { route: billing, world: { paymentEnds, account } });
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Pay in the browser" }));
  expect(await screen.findByText(title)).toBeInTheDocument();
  expect(state.billing.mode).toBe("byok");
  await user.click(screen.getByRole("button", { name: "Close" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

test("waiting for a payment can be stopped", async () => {
  const { signedIn } = await import("../../bridge/fake/account");
  const user = await openWindow("trial", {
    route: billing,
    world: { paymentEnds: "waits", account: signedIn("trial") },
  });
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Pay in the browser" }));
  expect(await screen.findByText("Brasskey opened your browser. Pay there and come back.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Stop waiting" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

test("a mode that the plan allows already is put in force without buying anything", async () => {
  const user = await openWindow("vendor-elsewhere", { route: billing });
  const change = vi.spyOn(bridge, "planPreview");
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Switch now" }));
  await waitFor(() => expect(state.billing.mode).toBe("vendor_billed"));
  expect(change).not.toHaveBeenCalled();
  change.mockRestore();
});

test("the plan says what it costs, when it renews, and what is used; it is cancelled and kept again", async () => {
  const user = await openWindow("working", { route: billing });
  expect(await screen.findByText("$12 a month")).toBeInTheDocument();
  expect(await screen.findByRole("button", { name: "Pay yearly, save $24" })).toBeInTheDocument();
  expect(screen.getByText("3 of 20")).toBeInTheDocument();
  expect(screen.getByRole("meter", { name: "Usage reports used" })).toHaveAttribute("aria-valuenow", "3");
  await user.click(screen.getByRole("button", { name: "Cancel plan" }));
  const dialog = await screen.findByRole("dialog", { name: "Cancel the plan?" });
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Keep the plan" })).toHaveFocus());
  await user.click(within(dialog).getByRole("button", { name: "Cancel plan" }));
  await user.click(await screen.findByRole("button", { name: "Keep the plan" }));
  await waitFor(() => expect(screen.getByText("Renews")).toBeInTheDocument());
  expect(state.subscription?.endsAt).toBeNull();
});

test("paying yearly is a change of plan with its figures", async () => {
  const user = await openWindow("working", { route: billing });
  await user.click(await screen.findByRole("button", { name: "Pay yearly, save $24" }));
  const dialog = await screen.findByRole("dialog", { name: "Change how BYOK is paid?" });
  await user.click(await within(dialog).findByRole("button", { name: "Switch and pay $10.40" }));
  await waitFor(() => expect(state.subscription?.plan).toBe("byok_annual"));
  expect(state.billing.mode).toBe("byok");
});

test("what is left, the limit and the days are shown, and the limit can be set", async () => {
  const user = await openWindow("vendor", { route: billing });
  expect(await screen.findByText("$6.12 of $15 left")).toBeInTheDocument();
  expect(screen.getByText("$4.03").closest("tr")).toHaveTextContent(/November/);
  const field = screen.getByLabelText("Spending limit a month");
  await user.clear(field);
  await user.type(field, "five");
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription(/An amount from 0 to \$200, with at most two decimals\./);
  await user.clear(field);
  await user.type(field, "12.50{Enter}");
  await waitFor(() => expect(state.wallet.overageCap).toBe("12.50"));
});

test("payment trouble leads to the card", async () => {
  const user = await openWindow("past-due", { route: billing });
  await user.click(await screen.findByRole("button", { name: "Open card and invoices" }));
  await waitFor(() => expect(state.opened).toEqual(["portal:payment"]));
});

test("what only the billing provider does is offered on its page", async () => {
  const user = await openWindow("ending", { route: billing });
  const keep = vi.spyOn(bridge, "planReactivate").mockImplementation(async () => refuse("at_portal"));
  await user.click(await screen.findByRole("button", { name: "Keep the plan" }));
  await user.click(await screen.findByRole("button", { name: /^Open the billing page/ }));
  await waitFor(() => expect(state.opened).toEqual(["portal:plan"]));
  keep.mockRestore();
});

test("a computer without its seat offers nothing that only one with a seat may do", async () => {
  await openWindow("revoked", { route: billing });
  expect(await screen.findByText("Taken back, new messages wait")).toBeInTheDocument();
  for (const name of ["Cancel plan", "Choose a plan", "Computers on this licence"]) {
    expect(screen.queryByRole("button", { name })).not.toBeInTheDocument();
  }
});

test("details of an unexpected failure can be copied, with its code first", async () => {
  const user = await openWindow("vendor-elsewhere", { route: billing });
  const choose = vi
    .spyOn(bridge, "billingChoose")
    .mockImplementation(async () => refuse("storage", { failure: failure("storage", { requestId: "req_1" }) }));
  const dialog = await toVendor(user);
  await user.click(await within(dialog).findByRole("button", { name: "Switch now" }));
  await user.click(await screen.findByRole("button", { name: "Copy details" }));
  await waitFor(() => expect(state.copied).toMatch(/^storage\n.*request id: req_1$/s));
  choose.mockRestore();
});

test("terms that wait are accepted as the texts that were shown", async () => {
  const user = await openWindow("terms-due");
  const accept = vi.spyOn(bridge, "termsAccept");
  await user.click(await screen.findByRole("button", { name: "Read the terms" }));
  await user.click(await screen.findByRole("button", { name: "Accept the terms" }));
  await waitFor(() => expect(screen.queryByText("The terms wait for you")).not.toBeInTheDocument());
  const shown = state.billing.terms.filter(({ document }) => document !== "vendor");
  expect(accept).toHaveBeenCalledWith(shown.map(({ document, version, sha256 }) => ({ document, version, sha256 })));
  accept.mockRestore();
});

test("a new version shows what is different before it is accepted", async () => {
  const user = await openWindow("terms-changed");
  expect(await screen.findByText("The terms have changed")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Read the terms" }));
  const dialog = await screen.findByRole("dialog", { name: "Terms" });
  const changes = within(dialog).getByText("What is different in version 2027-01-01.1").parentElement as HTMLElement;
  expect(within(changes).getByText(/You can cancel at any time/).tagName).toBe("DEL");
  expect(within(changes).getByText(/You can cancel with a month's notice/).tagName).toBe("INS");
});
