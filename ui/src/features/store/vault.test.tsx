import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { state } from "../../bridge/fake";
import { keysRoute, openWindow } from "../../test/window";

const PASSPHRASE = "a kettle and two cups";

async function chooseVault(): Promise<UserEvent> {
  const user = await openWindow("store-absent", { route: keysRoute });
  await user.click(await screen.findByRole("radio", { name: "Keep keys in a passphrase vault" }));
  return user;
}

async function makes(user: UserEvent, first: string, second: string) {
  await user.type(screen.getByLabelText("Passphrase"), first);
  await user.type(screen.getByLabelText("The same once more"), second);
  await user.click(screen.getByRole("button", { name: "Make the vault" }));
}

test("where there is no store, a passphrase vault is one of the choices and is used from then on", async () => {
  const user = await chooseVault();
  await makes(user, PASSPHRASE, PASSPHRASE);
  expect(await screen.findByText("Keys are in your passphrase vault")).toBeInTheDocument();
  expect(screen.getByText(/Kept in your passphrase vault/)).toBeInTheDocument();
  expect(state.store.state).toBe("vault_open");
});

test("two passphrases that differ make no vault", async () => {
  const user = await chooseVault();
  await makes(user, PASSPHRASE, "a kettle and two caps");
  expect(await screen.findByText("The two are not the same")).toBeInTheDocument();
  expect(screen.getByLabelText("The same once more")).toHaveFocus();
  expect(state.store.state).toBe("absent");
});

test("a passphrase that is too short is refused, and the fields are empty", async () => {
  const user = await chooseVault();
  await makes(user, "a kettle", "a kettle");
  expect(await screen.findByText("The passphrase is too short")).toBeInTheDocument();
  expect(screen.getByLabelText("Passphrase")).toHaveValue("");
  expect(state.store.hasVault).toBe(false);
});

test("a locked vault asks for its passphrase, and a wrong one is said beside the field", async () => {
  const user = await openWindow("store-vault-locked", { route: keysRoute });
  await screen.findByRole("heading", { name: "Your passphrase vault is locked" });
  const field = screen.getByLabelText("Passphrase");
  await user.type(field, "two kettles and a cup{Enter}");
  expect(await screen.findByText("This is not the passphrase")).toBeInTheDocument();
  expect(field).toHaveValue("");
  expect(field).toHaveFocus();
  await user.type(field, `${PASSPHRASE}{Enter}`);
  expect(await screen.findByText("Keys are in your passphrase vault")).toBeInTheDocument();
});

test("a forgotten passphrase leads to a new vault", async () => {
  const user = await openWindow("store-vault-locked", { route: keysRoute });
  await user.click(await screen.findByText("If you forgot the passphrase"));
  await user.click(screen.getByRole("button", { name: "Begin a new vault" }));
  await screen.findByRole("heading", { name: "The passphrase vault’s file is gone" });
  await makes(user, "a samovar for a change", "a samovar for a change");
  expect(await screen.findByText("Keys are in your passphrase vault")).toBeInTheDocument();
  expect(screen.getAllByText("Add it again").length).toBeGreaterThan(0);
});

test("an open vault is locked at a press", async () => {
  const user = await openWindow("store-vault", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Lock now" }));
  expect(await screen.findByRole("heading", { name: "Your passphrase vault is locked" })).toBeInTheDocument();
});

test("the passphrase is changed by who knows it", async () => {
  const user = await openWindow("store-vault", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Change passphrase…" }));
  const dialog = await screen.findByRole("dialog", { name: "Change the passphrase" });
  const fill = async (old: string) => {
    await user.type(within(dialog).getByLabelText("Passphrase so far"), old);
    await user.type(within(dialog).getByLabelText("New passphrase"), "a samovar for a change");
    await user.type(within(dialog).getByLabelText("The same once more"), "a samovar for a change");
    await user.click(within(dialog).getByRole("button", { name: "Change the passphrase" }));
  };
  await fill("two kettles and a cup");
  expect(await within(dialog).findByText("This is not the passphrase")).toBeInTheDocument();
  await fill(PASSPHRASE);
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(state.passphrase).toBe("a samovar for a change");
});

test("with a working store the keys go back into it", async () => {
  const user = await openWindow("store-vault", { route: keysRoute });
  state.storeAfterProbe = "ready";
  await user.click(await screen.findByRole("button", { name: "Use Secret Service" }));
  await waitFor(() => expect(state.store.state).toBe("ready"));
  expect(await screen.findByText(/Kept in Secret Service/)).toBeInTheDocument();
});

test("without its file one can go back to a store that works, and to memory where none does", async () => {
  const user = await openWindow("store-vault-missing", { route: keysRoute });
  state.storeAfterProbe = "absent";
  await user.click(await screen.findByRole("button", { name: "Use Secret Service" }));
  expect(await screen.findByRole("radio", { name: "Keep keys in memory until I quit" })).toBeInTheDocument();
  expect(state.store.state).toBe("vault_missing");
});

test("without its file keys are kept in a store that works from then on", async () => {
  const user = await openWindow("store-vault-missing", { route: keysRoute });
  state.storeAfterProbe = "ready";
  await user.click(await screen.findByRole("button", { name: "Use Secret Service" }));
  await waitFor(() => expect(state.store.state).toBe("ready"));
  expect(await screen.findByText(/Kept in Secret Service/)).toBeInTheDocument();
});

test.each([
  ["store-vault-damaged", "The passphrase vault cannot be read", "Begin a new vault"],
  ["store-vault-unwritable", "The passphrase vault’s file cannot be used", "Try again"],
  ["store-vault-missing", "The passphrase vault’s file is gone", "Make the vault"],
] as const)("%s has its own title and action", async (scenario, title, action) => {
  await openWindow(scenario, { route: keysRoute });
  expect(await screen.findByRole("heading", { name: title })).toBeInTheDocument();
  expect(screen.getByRole("button", { name: action })).toBeInTheDocument();
});
