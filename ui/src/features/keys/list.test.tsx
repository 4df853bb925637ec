/** The list of keys: told apart, kept in both modes, checked as a whole. */
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import { refuse } from "../../bridge/fake/state";
import { keysRoute, openWindow } from "../../test/window";

const row = (last4: string) => screen.getByText(`··${last4}`).closest("tr") as HTMLElement;
const menu = async (user: Awaited<ReturnType<typeof openWindow>>, name: string, item: string) => {
  await user.click(await screen.findByRole("button", { name: `Actions for ${name}` }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("keys with an address of their own", () => {
  test("behind one company address are told apart, and show which is the default", async () => {
    await openWindow("company", { route: keysRoute });
    await screen.findByRole("table", { name: "Provider keys" });
    expect(within(row("e0c7")).getByRole("rowheader")).toHaveTextContent(
      "NorthwindOwn addressdefaultllm.northwind.example/v1",
    );
    expect(within(row("b17c")).getByRole("rowheader")).toHaveTextContent(
      "Northwind, batchOwn addressllm.northwind.example/v1",
    );
    expect(within(row("77aa")).getByRole("rowheader")).toHaveTextContent(
      "AnthropicOwn addressThrough the proxyclaude.northwind.example",
    );
  });

  test("are renamed visibly", async () => {
    const user = await openWindow("company", { route: keysRoute });
    await menu(user, "Anthropic ··77aa", "Rename");
    await user.clear(await screen.findByLabelText("Name of this key"));
    await user.keyboard("Night shift{Enter}");
    await waitFor(() => expect(row("77aa")).toHaveTextContent("Night shift"));
  });

  test("are made the default by their own menu", async () => {
    const user = await openWindow("company", { route: keysRoute });
    await menu(user, "Northwind, batch ··b17c", "Make default for OpenAI-compatible");
    await waitFor(() => expect(row("b17c")).toHaveTextContent("default"));
    expect(row("e0c7")).not.toHaveTextContent("default");
  });
});

test("a row says when the key was added and when it last paid", async () => {
  await openWindow("company", { route: keysRoute });
  await screen.findByRole("table", { name: "Provider keys" });
  expect(row("e0c7")).toHaveTextContent(/Added .+\d{4}, used 1 hr\. ago/);
  expect(row("b17c")).toHaveTextContent(/Added .+, not used yet/);
});

test("a model is named only where the endpoint lists none", async () => {
  const user = await openWindow("company", { route: keysRoute });
  await user.click(await screen.findByRole("button", { name: "Actions for Northwind, batch ··b17c" }));
  expect(await screen.findByRole("menuitem", { name: "Name a model…" })).toBeInTheDocument();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Actions for Northwind ··e0c7" }));
  await screen.findByRole("menuitem", { name: "Rename" });
  expect(screen.queryByRole("menuitem", { name: "Name a model…" })).not.toBeInTheDocument();
});

describe("with vendor-billed in force", () => {
  test("keys are listed as kept and not used; nothing adds, replaces or checks one", async () => {
    const user = await openWindow("vendor", { route: { ...keysRoute, sheet: { kind: "add" } } as typeof keysRoute });
    await screen.findByRole("table", { name: "Provider keys" });
    expect(screen.getByText("Keys are kept and not used")).toBeInTheDocument();
    expect(row("4f2a")).toHaveTextContent("Not used");
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(screen.queryByLabelText("API key")).not.toBeInTheDocument();
    for (const name of ["Add a key", "Check all"]) {
      expect(screen.queryByRole("button", { name })).not.toBeInTheDocument();
    }
    await user.click(screen.getByRole("button", { name: "Actions for Anthropic ··4f2a" }));
    expect(await screen.findByRole("menuitem", { name: "Remove" })).toBeInTheDocument();
    for (const name of ["Replace key…", "Check again"]) {
      expect(screen.queryByRole("menuitem", { name })).not.toBeInTheDocument();
    }
    expect(screen.getByRole("table", { name: "Local endpoints" })).toBeInTheDocument();
  });

  test("no key is asked for, and own keys are one page away", async () => {
    const user = await openWindow("vendor-no-keys", { route: keysRoute });
    await screen.findByText("No keys yet");
    expect(screen.queryByRole("button", { name: "Add a key" })).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Use own keys" }));
    expect(await screen.findByRole("heading", { name: "Billing" })).toBeInTheDocument();
  });
});

describe("checking all", () => {
  test("goes on after a key in trouble and says the first trouble at the end, to be put away", async () => {
    const user = await openWindow("working", { route: keysRoute });
    const asked: string[] = [];
    vi.spyOn(bridge, "keysRecheck").mockImplementation(async (id) => {
      asked.push(id);
      if (id === "k-anthropic") refuse("not_found");
      if (id === "k-openai") refuse("storage");
      if (id === "k-gemini") refuse("busy");
      return state.keys[0] ?? refuse("not_found");
    });
    await user.click(await screen.findByRole("button", { name: "Check all" }));
    const alert = await screen.findByRole("alert");
    expect(asked).toEqual(["k-anthropic", "k-openai", "k-gemini", "k-northwind"]);
    expect(alert).toHaveTextContent("storage");
    expect(within(alert).queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
    await user.click(within(alert).getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  test("has nothing to say of a key that was removed meanwhile", async () => {
    const user = await openWindow("working", { route: keysRoute });
    vi.spyOn(bridge, "keysRecheck").mockImplementation(async () => refuse("not_found"));
    const button = await screen.findByRole("button", { name: "Check all" });
    await user.click(button);
    await waitFor(() => expect(button).not.toHaveAttribute("aria-busy"));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  test("goes on after a missing key, and does not ask a store again that did not open", async () => {
    const user = await openWindow("working", { route: keysRoute });
    const asked: string[] = [];
    vi.spyOn(bridge, "keysRecheck").mockImplementation(async (id) => {
      asked.push(id);
      return refuse("credential_store", { store: id === "k-anthropic" ? "missing" : "prompt_dismissed" });
    });
    await user.click(await screen.findByRole("button", { name: "Check all" }));
    expect(
      await screen.findByRole("heading", { name: "The key ··4f2a is no longer in Secret Service" }),
    ).toBeInTheDocument();
    expect(asked).toEqual(["k-anthropic", "k-openai"]);
  });
});
