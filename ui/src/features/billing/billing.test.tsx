import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { failure, refuse } from "../../bridge/fake/state";
import { openWindow } from "../../test/window";

const billing = { screen: "settings", section: "billing" } as const;

test("choosing the other mode asks first, with the consequences in words", async () => {
  const user = await openWindow("working", { route: billing });
  await user.click(await screen.findByRole("radio", { name: "Vendor-billed" }));
  const dialog = await screen.findByRole("dialog", { name: "Switch to vendor-billed?" });
  expect(within(dialog).getByText(/Brasskey will bill you for model use/)).toBeInTheDocument();
  expect(within(dialog).getByText(/This version cannot reach the Brasskey platform yet/)).toBeInTheDocument();
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Stay as it is" })).toHaveFocus());
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(state.billing.mode).toBe("byok");
  expect(screen.getByRole("radio", { name: "Bring your own keys" })).toBeChecked();
});

test("confirming puts the mode in force, and one press leads back", async () => {
  const user = await openWindow("working", { route: billing });
  await user.click(await screen.findByRole("radio", { name: "Vendor-billed" }));
  await user.click(await screen.findByRole("button", { name: "Switch to vendor-billed" }));
  expect(await screen.findByText("Messages wait: this version cannot reach the platform")).toBeInTheDocument();
  expect(state.billing.mode).toBe("vendor_billed");
  await user.click(await screen.findByRole("button", { name: "Use own keys" }));
  await waitFor(() => expect(state.billing.mode).toBe("byok"));
});

test("a switch that fails changes nothing and says why", async () => {
  const user = await openWindow("working", { route: billing });
  const choose = vi.spyOn(bridge, "billingChoose").mockImplementation(async () => refuse("storage"));
  await user.click(await screen.findByRole("radio", { name: "Vendor-billed" }));
  await user.click(await screen.findByRole("button", { name: "Switch to vendor-billed" }));
  const alert = await screen.findByRole("alert");
  expect(within(alert).getByText("storage")).toBeInTheDocument();
  expect(state.billing.mode).toBe("byok");
  choose.mockRestore();
});

test("details of an unexpected failure can be copied, with its code first", async () => {
  const user = await openWindow("working", { route: billing });
  const choose = vi
    .spyOn(bridge, "billingChoose")
    .mockImplementation(async () => refuse("storage", { failure: failure("storage", { requestId: "req_1" }) }));
  await user.click(await screen.findByRole("radio", { name: "Vendor-billed" }));
  await user.click(await screen.findByRole("button", { name: "Switch to vendor-billed" }));
  await user.click(await screen.findByRole("button", { name: "Copy details" }));
  await waitFor(() => expect(state.copied).toMatch(/^storage\n.*request id: req_1$/s));
  choose.mockRestore();
});

test("plan and terms state what is known: price, version, when it was accepted", async () => {
  await openWindow("working", { route: billing });
  expect(await screen.findByText("$12 a month")).toBeInTheDocument();
  expect(screen.getByText("or $120 a year")).toBeInTheDocument();
  expect(screen.getByText("Own keys, version 2026-11-01.1")).toBeInTheDocument();
  expect(screen.getByText(/^Accepted on .*November.*2026|^Accepted on November 3, 2026/)).toBeInTheDocument();
});

test("new terms are accepted as the text that was shown", async () => {
  const user = await openWindow("terms-due");
  const accept = vi.spyOn(bridge, "termsAccept");
  await user.click(await screen.findByRole("button", { name: "Read the terms" }));
  await user.click(await screen.findByRole("button", { name: "Accept the terms" }));
  await waitFor(() => expect(screen.queryByText("The terms wait for you")).not.toBeInTheDocument());
  const { document, version, sha256 } = state.billing.terms;
  expect(accept).toHaveBeenCalledExactlyOnceWith({ document, version, sha256 });
  accept.mockRestore();
});

test("keys in memory are not said to be in the store", async () => {
  const user = await openWindow("store-session-locked", { route: billing });
  expect(await screen.findByText(/^4 keys in memory until you quit: /)).toBeInTheDocument();
  await user.click(screen.getByRole("radio", { name: "Vendor-billed" }));
  const dialog = await screen.findByRole("dialog", { name: "Switch to vendor-billed?" });
  expect(dialog).toHaveTextContent("Keys in memory stay there until you quit, not used.");
});

test("keys in two places are said to be in both", async () => {
  await openWindow("store-session", { route: billing });
  expect(
    await screen.findByText(/^4 keys, 1 in memory until you quit and the others in Secret Service: /),
  ).toBeInTheDocument();
});
