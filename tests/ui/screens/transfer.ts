/** Export and import. */
import { press, settings, steps } from "../kit/steps";
import type { Screen } from "./screen";

const IMPORT = steps(settings("Your data"), press("Import a file…"));

export const transfer: Screen[] = [
  { name: "12-data", scenario: "working", act: settings("Your data"), shows: "Import a file" },
  { name: "12-data.under-way", scenario: "transfer-holds", act: IMPORT, shows: "38 of 120 conversations" },
  { name: "12-data.unreadable", scenario: "transfer-damaged", act: IMPORT, shows: "Line 1,204, column 17" },
  {
    name: "12-data.disk-full",
    scenario: "disk-full",
    act: steps(settings("Your data"), press("Export everything")),
    shows: "The file could not be written",
  },
  {
    name: "12-data.menu",
    scenario: "working",
    act: async (page) => {
      await page.getByRole("button", { name: "Actions for Orders service" }).click();
      await page.getByRole("menuitem", { name: "Export" }).hover();
    },
    shows: "As JSON, for importing",
  },
];
