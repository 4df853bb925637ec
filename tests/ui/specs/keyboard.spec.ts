/** The keyboard alone does everything, the focus comes back from where it went, and Esc is safe. */
import type { Page } from "@playwright/test";
import { tabAndPress, tabTo } from "../kit/keyboard";
import { field } from "../kit/steps";
import { expect, test } from "../kit/test";

const button = (page: Page, name: string | RegExp) =>
  typeof name === "string" ? page.getByRole("button", { name, exact: true }) : page.getByRole("button", { name });

const section = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Settings" }).getByRole("button", { name, exact: true });

/** The pointer is never used: a press of it fails the test. */
test.beforeEach(({ page }) =>
  page.addInitScript(() => {
    addEventListener("mousedown", () => console.error("the pointer was used"), true);
  }),
);

test("first run: mode, key, terms, first question", async ({ open, page }) => {
  await open("first-run");
  const own = page.getByRole("radio", { name: /Bring your own keys/ });
  const vendor = page.getByRole("radio", { name: /Vendor-billed/ });
  await tabTo(page, own);
  await page.keyboard.press("ArrowRight");
  await expect(vendor).toBeChecked();
  await expect(page.getByText("Spending limit above the included $15")).toBeVisible();
  await expect(page.locator('input[name="api-key"]')).toHaveCount(0);
  await page.keyboard.press("ArrowLeft");
  await expect(own).toBeChecked();

  await tabTo(page, page.locator('input[name="api-key"]'));
  await page.keyboard.type("sk-ant-api03-typed-4f2a");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Working, 11 models found")).toBeVisible();
  await tabAndPress(page, page.getByRole("checkbox", { name: /I accept the/ }), "Space");
  await tabAndPress(page, button(page, /^Continue/));

  await expect(field(page)).toBeFocused();
});

test("a key is added, renamed, removed and brought back", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Control+,");
  await tabTo(page, section(page, "Billing"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await tabAndPress(page, button(page, "Add a key"));

  const sheet = page.getByRole("dialog", { name: "Add a key" });
  await expect(sheet).toBeVisible();
  await expect.poll(() => sheet.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await tabTo(page, sheet.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type("Second");
  await tabTo(page, sheet.locator('input[name="api-key"]'));
  await page.keyboard.type("sk-ant-api03-second-9z9z");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Working, 11 models found")).toBeVisible();
  await tabAndPress(page, button(page, "Save key"));
  await expect(sheet).toHaveCount(0);
  await expect(button(page, "Add a key")).toBeFocused();
  await expect(page.getByText("··9z9z")).toBeVisible();

  await tabAndPress(page, button(page, /^Actions for Anthropic.*9z9z/));
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  // The menu has the keyboard a moment after it is there.
  await expect.poll(() => menu.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("End");
  await expect(menu.getByRole("menuitem", { name: "Remove" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("··9z9z", { exact: true })).toHaveCount(0);
  await tabAndPress(page, button(page, "Undo"));
  await expect(page.getByText("··9z9z", { exact: true })).toBeVisible();
});

test("a question is asked, stopped and asked anew in other words", async ({ open, page }) => {
  await open("held");
  await page.keyboard.press("Control+l");
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("Can the export stream?");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("Without a lock.");
  await page.keyboard.press("Enter");
  await expect(page.getByText("so far")).toBeVisible();
  await expect(page.getByRole("log")).toHaveAttribute("aria-busy", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByText("Stopped. What arrived is kept.")).toBeVisible();
  await expect(page.getByRole("log")).toHaveAttribute("aria-busy", "false");

  await expect(field(page)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  const editor = page.getByRole("textbox", { name: "Edit your message" });
  await expect(editor).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(editor).toHaveCount(0);
  await expect(field(page)).toBeFocused();
});

test("the list of models opens, filters, chooses and gives the focus back", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Control+l");
  await page.keyboard.press("Control+Shift+m");
  const filter = page.getByRole("combobox", { name: "Filter models" });
  await expect(filter).toBeFocused();
  await page.keyboard.type("opus");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(filter).toHaveCount(0);
  await expect(page.getByLabel("Model: Claude Opus 4.1")).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest(".composer") !== null)).toBe(true);

  await page.keyboard.press("Control+Shift+m");
  await expect(filter).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(filter).toHaveCount(0);
  await expect(page.getByLabel("Model: Claude Opus 4.1")).toBeVisible();
});

test("a conversation is opened, renamed, deleted and brought back from the list", async ({ open, page }) => {
  await open("working");
  const list = page.getByRole("navigation");
  const row = list.getByRole("button", { name: "Refund rounding", exact: true });
  await tabTo(page, list.locator("[data-roving]").first());
  for (let at = 0; at < 20 && !(await row.evaluate((element) => element === document.activeElement)); at += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await expect(row).toBeFocused();
  await page.keyboard.press("F2");
  const title = page.getByRole("textbox", { name: "Title of the conversation" });
  await expect(title).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Rounding of refunds");
  await page.keyboard.press("Enter");
  const renamed = list.getByRole("button", { name: "Rounding of refunds", exact: true });
  await expect(renamed).toBeVisible();

  await renamed.focus();
  await page.keyboard.press("Delete");
  await expect(page.getByText("“Rounding of refunds” was deleted")).toBeVisible();
  await expect(renamed).toHaveCount(0);
  await tabAndPress(page, button(page, "Undo"));
  await expect(renamed).toBeVisible();
});

test("settings change at once and Esc leads back to where one was", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.getByRole("log")).toBeVisible();
  await page.keyboard.press("Control+,");
  await tabTo(page, section(page, "Billing"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "General" })).toBeVisible();
  const light = page.getByRole("radio", { name: "Light" });
  await tabTo(page, light);
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("log")).toBeVisible();
});

test("F6 goes round the parts of the window", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Alt+ArrowDown");
  await expect(field(page)).toBeFocused();
  const visited = new Set<string>();
  for (let part = 0; part < 8; part += 1) {
    await page.keyboard.press("F6");
    visited.add(
      await page.evaluate(() => {
        const at = document.activeElement;
        return at?.closest("nav, header, [role=log], form.composer, section.status")?.className.split(" ")[0] ?? "nowhere";
      }),
    );
  }
  expect([...visited].sort()).toEqual(["bar", "composer", "sidebar", "status", "thread"]);
});

test("the question before a link keeps the focus in it, and Esc opens nothing", async ({ open, page }) => {
  await open("answers");
  const row = page.getByRole("navigation").getByRole("button", { name: "Everything Markdown can", exact: true });
  await tabTo(page, page.getByRole("navigation").locator("[data-roving]").first());
  for (let at = 0; at < 20 && !(await row.evaluate((element) => element === document.activeElement)); at += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  const link = button(page, /the manual/);
  await expect(link).toBeVisible();
  await tabTo(page, link, "Shift+Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Stay here" })).toBeFocused();
  for (let stop = 0; stop < 5; stop += 1) {
    await page.keyboard.press("Tab");
    // At either end the focus passes a guard, which sends it back in.
    await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(link).toBeFocused();
});

test("Esc leaves the confirmation of another billing mode without changing it", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Control+,");
  const own = page.getByRole("radio", { name: /Bring your own keys/ });
  await tabTo(page, own);
  await page.keyboard.press("ArrowDown");
  const dialog = page.getByRole("dialog", { name: "Switch to vendor-billed?" });
  await expect(dialog.getByRole("button", { name: "Keep my keys" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(own).toBeChecked();
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest("fieldset") !== null)).toBe(true);
  await page.keyboard.press("Escape");
  await expect(field(page)).toBeVisible();
});

test("Esc closes the sheet of a key, wipes it, and gives the focus back", async ({ open, page }) => {
  await open("working");
  await page.keyboard.press("Control+,");
  await tabTo(page, section(page, "Billing"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await tabAndPress(page, button(page, "Add a key"));
  await tabTo(page, page.locator('input[name="api-key"]'));
  await page.keyboard.type("sk-ant-api03-typed-4f2a");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(button(page, "Add a key")).toBeFocused();
  await expect(page.getByRole("heading", { name: "Keys", exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.locator('input[name="api-key"]')).toHaveValue("");
});
