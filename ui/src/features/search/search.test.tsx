import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import type { ScenarioName } from "../../bridge/fake/scenarios";
import { openWindow } from "../../test/window";
import { closeSearch } from "./search";

async function searching(scenario: ScenarioName = "working") {
  closeSearch();
  const user = await openWindow(scenario);
  fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const dialog = await screen.findByRole("dialog", { name: "Search" });
  const field = within(dialog).getByRole("combobox");
  await waitFor(() => expect(field).toHaveFocus());
  return { user, dialog, field };
}

const options = (dialog: HTMLElement) =>
  within(dialog)
    .queryAllByRole("option")
    .map(({ textContent }) => textContent);

test("the shortcut opens the search with what was worked on last, and Esc closes it", async () => {
  const { user, dialog } = await searching();
  expect(options(dialog)[0]).toContain("Stream the nightly export");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

test("what is typed finds projects, titles and messages, marked", async () => {
  const { user, dialog } = await searching();
  await user.keyboard("export");
  await waitFor(() => expect(options(dialog)).toHaveLength(4));
  expect(within(dialog).getByText("Conversations")).toBeInTheDocument();
  expect(dialog.querySelector("mark")).toHaveTextContent("export");
  expect(within(dialog).getByRole("status")).toHaveTextContent("4 results");
  await user.clear(within(dialog).getByRole("combobox"));
  await user.keyboard("thesi");
  await waitFor(() => expect(options(dialog)).toEqual(["Thesis, chapter four"]));
});

test("a message is opened by the keyboard alone, at its place", async () => {
  const { user, dialog } = await searching();
  await user.keyboard("schema");
  await waitFor(() => expect(options(dialog)).toHaveLength(1));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(await screen.findByRole("log", { name: "Conversation" })).toBeInTheDocument();
  expect(screen.getByRole("heading", { name: "Stream the nightly export" })).toBeInTheDocument();
});

test("where nothing matches it says so, and the search can be cleared", async () => {
  const { user, dialog, field } = await searching();
  await user.keyboard("refnud");
  await user.click(await within(dialog).findByRole("button", { name: "Clear search" }));
  expect(field).toHaveValue("");
  expect(field).toHaveFocus();
});

test("a message that was deleted meanwhile is said to be gone", async () => {
  const { user, dialog } = await searching();
  await user.keyboard("schema");
  await waitFor(() => expect(options(dialog)).toHaveLength(1));
  await bridge.conversationsDelete("c-export");
  await user.keyboard("{Enter}");
  expect(await screen.findByText("This message was deleted meanwhile")).toBeInTheDocument();
});

test("when the database does not answer, it says so and can be asked again", async () => {
  const { user, dialog } = await searching("search-broken");
  await user.keyboard("export");
  const again = await within(dialog).findByRole("button", { name: "Try again" });
  state.isSearchBroken = false;
  await user.click(again);
  await waitFor(() => expect(options(dialog)).toHaveLength(4));
});
