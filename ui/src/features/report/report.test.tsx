import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { bridge } from "../../bridge";
import { state } from "../../bridge/fake";
import type { ScenarioName } from "../../bridge/fake/scenarios";
import { openWindow } from "../../test/window";

async function reportIn(scenario: ScenarioName): Promise<HTMLElement> {
  await openWindow(scenario, { route: { screen: "settings", section: "about" } });
  await userEvent.click(await screen.findByRole("button", { name: "Report a problem…" }));
  return screen.findByRole("dialog", { name: "Report a problem" });
}

test("about says which version this is", async () => {
  await openWindow("working", { route: { screen: "settings", section: "about" } });
  expect(await screen.findByText("Version 0.1.0")).toBeInTheDocument();
  expect(screen.getByText(/security@brasskey.app/)).toBeInTheDocument();
});

test("all of a report is read before it is saved, and where it goes is said", async () => {
  const dialog = await reportIn("working");
  const { text } = await bridge.reportView();
  expect((await within(dialog).findByRole("document", { name: "The report" })).textContent).toBe(text);
  expect(dialog).toHaveTextContent("support@brasskey.app");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save…" }));
  expect(await screen.findByText("Saved in “Brasskey report 2026-11-21.txt”")).toBeInTheDocument();
});

test("a report is copied as it is shown", async () => {
  const dialog = await reportIn("working");
  await userEvent.click(await within(dialog).findByRole("button", { name: "Copy" }));
  await waitFor(async () => expect(state.copied).toBe((await bridge.reportView()).text));
});

test("a report that could not be saved says so", async () => {
  const dialog = await reportIn("disk-full");
  await userEvent.click(await within(dialog).findByRole("button", { name: "Save…" }));
  expect(await screen.findByText("The report was not saved (storage)")).toBeInTheDocument();
});
