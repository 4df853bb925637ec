import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { loadScenario, state } from "../../bridge/fake";
import type { ScenarioName } from "../../bridge/fake/scenarios";
import { refuse } from "../../bridge/fake/state";
import { keysRoute, openWindow } from "../../test/window";
import { StorePanel } from ".";

const screens: [scenario: ScenarioName, title: string, action: string][] = [
  ["store-locked", "Secret Service is locked", "Unlock…"],
  ["store-absent", "This desktop has no place for keys yet", "Look again"],
  ["store-no-collection", "Secret Service has no keyring to put keys in", "Look again"],
  ["store-denied", "Linux refused access to your keys", "Ask again"],
  ["store-dismissed", "Unlocking was cancelled", "Ask again"],
  ["store-unresponsive", "Secret Service does not answer", "Try again"],
  ["store-broken", "Secret Service answers with errors", "Try again"],
];

test.each(screens)("%s has its own title and action", async (scenario, title, action) => {
  const user = await openWindow(scenario, { route: keysRoute });
  expect(await screen.findByRole("heading", { name: title })).toBeInTheDocument();
  state.storeAfterProbe = "ready";
  await user.click(screen.getByRole("button", { name: action }));
  await waitFor(() => expect(screen.queryByRole("heading", { name: title })).not.toBeInTheDocument());
});

test("the titles differ from one another", () => {
  expect(new Set(screens.map(([, title]) => title)).size).toBe(screens.length);
});

test("where there is no store, the command that installs one can be copied", async () => {
  const user = await openWindow("store-absent", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Copy" }));
  expect(state.copied).toBe("sudo apt install gnome-keyring");
});

test("a locked store does not offer memory: nothing falls back by itself", async () => {
  await openWindow("store-locked", { route: keysRoute });
  await screen.findByRole("heading", { name: "Secret Service is locked" });
  expect(screen.queryByText("Keep keys in memory until I quit")).not.toBeInTheDocument();
});

test("a key that is set aside leads back to the store that holds it", async () => {
  loadScenario("store-session");
  const ready = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <StorePanel compact store={state.store} state="set_aside" onReady={ready} />
    </QueryClientProvider>,
  );
  expect(screen.getByRole("heading", { name: "This key is in Secret Service" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Use Secret Service" }));
  await waitFor(() => expect(ready).toHaveBeenCalledOnce());
  expect(state.store.state).toBe("ready");
});

test("a missing key is added again or forgotten, and forgetting can be undone", async () => {
  const user = await openWindow("reconciled", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Actions for Google Gemini ··7Lk0" }));
  await user.click(await screen.findByRole("menuitem", { name: "Check again" }));
  expect(
    await screen.findByRole("heading", { name: "The key ··7Lk0 is no longer in Secret Service" }),
  ).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Forget this key" }));
  await waitFor(() => expect(state.keys.some(({ id }) => id === "k-gemini")).toBe(false));
  expect(screen.queryByRole("heading", { name: /no longer in Secret Service/ })).not.toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(state.keys.some(({ id }) => id === "k-gemini")).toBe(true));
});

test("a key of a run that kept it in memory says so, and leads to the form that takes it again", async () => {
  const user = await openWindow("session-ended", { route: keysRoute });
  await screen.findByRole("table", { name: "Provider keys" });
  expect(screen.getByText("··4f2a").closest("tr")).toHaveTextContent("It was kept in memory until you quit");
  await user.click(screen.getByRole("button", { name: "Actions for Anthropic ··4f2a" }));
  await user.click(await screen.findByRole("menuitem", { name: "Check again" }));
  const title = await screen.findByRole("heading", { name: "The key ··4f2a was kept in memory only" });
  const panel = title.closest("section") as HTMLElement;
  await user.click(within(panel).getByRole("button", { name: "Add it again" }));
  expect(await screen.findByRole("dialog", { name: "Replace Anthropic ··4f2a" })).toBeInTheDocument();
});

test("asking the store about a key asks for that key", async () => {
  const user = await openWindow("working", { route: keysRoute });
  const recheck = vi
    .spyOn(bridge, "keysRecheck")
    .mockImplementation(async () => refuse("credential_store", { store: "locked" }));
  const probe = vi.spyOn(bridge, "storeProbe");
  await user.click(await screen.findByRole("button", { name: "Actions for OpenAI ··Qx91" }));
  await user.click(await screen.findByRole("menuitem", { name: "Check again" }));
  await user.click(await screen.findByRole("button", { name: "Unlock…" }));
  expect(probe).toHaveBeenCalledExactlyOnceWith("k-openai");
  recheck.mockRestore();
  probe.mockRestore();
});

test("a store that does not open leaves keys in memory, and says why beside the note", async () => {
  const user = await openWindow("store-session-locked", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Use Secret Service" }));
  expect(await screen.findByText("Secret Service is locked")).toBeInTheDocument();
  expect(screen.getByText("Keys stay in memory until Secret Service can be used.")).toBeInTheDocument();
  expect(screen.getByText("Keys stay in memory until you quit")).toBeInTheDocument();
  expect(state.store.state).toBe("session");
});

test("a slow way back to the store is said and can be stopped", async () => {
  const user = await openWindow("store-session", { route: keysRoute, world: { storeAsks: true } });
  await user.click(await screen.findByRole("button", { name: "Use Secret Service" }));
  expect(await screen.findByText("Waiting for Secret Service")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Stop waiting" }));
  expect(await screen.findByText("Unlocking was cancelled")).toBeInTheDocument();
  expect(state.store.state).toBe("session");
});

test("a set-aside key whose store does not open asks that store again, not the memory", async () => {
  loadScenario("store-session-locked");
  const ready = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <StorePanel compact store={state.store} state="set_aside" keyId="k-openai" onReady={ready} />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Use Secret Service" }));
  expect(await screen.findByRole("heading", { name: "Secret Service is locked" })).toBeInTheDocument();
  state.storeAfterProbe = "ready";
  await userEvent.click(screen.getByRole("button", { name: "Unlock…" }));
  await waitFor(() => expect(ready).toHaveBeenCalledOnce());
  expect(state.store.state).toBe("ready");
});
