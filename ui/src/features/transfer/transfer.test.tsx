import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { bridge } from "../../bridge";
import type { ScenarioName } from "../../bridge/fake/scenarios";
import { openSubmenu, openWindow } from "../../test/window";

const data = (scenario: ScenarioName) => openWindow(scenario, { route: { screen: "settings", section: "data" } });

test("everything is exported as one file, and how many conversations are in it is said", async () => {
  const user = await data("working");
  await user.click(await screen.findByRole("button", { name: "Export everything" }));
  expect(await screen.findByText(/120 conversations saved in “Brasskey everything/)).toBeInTheDocument();
});

test("an import says what was added and what was here already", async () => {
  const user = await data("working");
  await user.click(await screen.findByRole("button", { name: /Import a file/ }));
  expect(await screen.findByText("100 conversations were added; 20 were here already")).toBeInTheDocument();
});

test("what takes its time shows how far it is, and can be stopped", async () => {
  const user = await data("transfer-holds");
  await user.click(await screen.findByRole("button", { name: /Import a file/ }));
  const dialog = await screen.findByRole("dialog", { name: "Importing" });
  expect(within(dialog).getByRole("progressbar", { name: "38 of 120 conversations" })).toHaveAttribute("value", "38");
  await user.click(within(dialog).getByRole("button", { name: "Stop" }));
  expect(await screen.findByText(/Stopped: 38 of 120 conversations added/)).toBeInTheDocument();
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

test("a file that cannot be read says why and where", async () => {
  const user = await data("transfer-damaged");
  await user.click(await screen.findByRole("button", { name: /Import a file/ }));
  const dialog = await screen.findByRole("dialog", { name: "Nothing was imported" });
  expect(dialog).toHaveTextContent("The file is cut off or damaged.");
  expect(dialog).toHaveTextContent("Line 1,204, column 17");
  await user.click(within(dialog).getByRole("button", { name: "Close" }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

test("a full disk is said, with what stays as it was", async () => {
  const user = await data("disk-full");
  await user.click(await screen.findByRole("button", { name: "Export everything" }));
  const dialog = await screen.findByRole("dialog", { name: "The file could not be written" });
  expect(dialog).toHaveTextContent("A file that was there before is as it was.");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

test("one conversation is exported from its menu", async () => {
  const run = vi.spyOn(bridge, "exportRun");
  const user = await openWindow("working", { route: { screen: "conversation", id: "c-export" } });
  await user.click(await screen.findByRole("button", { name: "Conversation actions" }));
  await openSubmenu(user, "Export");
  (await screen.findByRole("menuitem", { name: "As Markdown, for reading" })).focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(run).toHaveBeenCalled());
  expect(run).toHaveBeenCalledWith({ what: "conversation", id: "c-export" }, "markdown", expect.anything());
});
