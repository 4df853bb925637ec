/** In forced colours the system paints everything: focus and selection must still show as shapes. */
import type { Locator, Page } from "@playwright/test";
import { conversation, openModels, settings, steps } from "../kit/steps";
import { expect, test } from "../kit/test";

test.beforeEach(({ page }) => page.emulateMedia({ forcedColors: "active" }));

/** What a control looks like where nothing can be told by a mixed colour: its lines and its two system colours. */
const look = (control: Locator) =>
  control.evaluate((element) => {
    const { outlineStyle, outlineWidth, borderColor, borderWidth, backgroundColor, color } = getComputedStyle(element);
    return { outline: outlineStyle === "none" ? "none" : `${outlineStyle} ${outlineWidth}`, borderColor, borderWidth, backgroundColor, color };
  });

const stops = async (page: Page, count: number) => {
  const unmarked: string[] = [];
  for (let stop = 0; stop < count; stop += 1) {
    await page.keyboard.press("Tab");
    const told = await page.evaluate(() => {
      const shows = (element: Element | null): boolean => {
        if (!element) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
      };
      const focused = document.activeElement;
      if (!focused || focused === document.body) return null;
      // A card, a field or the composer may carry the mark for the control in it.
      const isMarked = shows(focused) || shows(focused.closest("label, .card, .composer__box, .field, .withicon, .models__filter"));
      return isMarked ? null : focused.outerHTML.slice(0, 120);
    });
    if (told) unmarked.push(told);
  }
  return unmarked;
};

test("the focus shows at every stop of the workspace", async ({ open, page }) => {
  await open("working");
  await conversation("Stream the nightly export")(page);
  expect(await stops(page, 24)).toEqual([]);
});

test("the focus shows at every stop of the first run", async ({ open, page }) => {
  await open("first-run");
  expect(await stops(page, 12)).toEqual([]);
});

test("the focus shows at every stop of the keys", async ({ open, page }) => {
  await open("working");
  await settings("Keys")(page);
  expect(await stops(page, 18)).toEqual([]);
});

test("the chosen billing mode differs from the other one by more than a wash", async ({ open, page }) => {
  await open("working");
  await settings("Billing")(page);
  const cards = page.locator(".card");
  await expect(cards).toHaveCount(2);
  expect(await look(cards.first())).not.toEqual(await look(cards.last()));
});

test("the open conversation differs from the others in the side bar", async ({ open, page }) => {
  await open("working");
  await conversation("Stream the nightly export")(page);
  await page.mouse.move(0, 0);
  const row = (name: string) => page.getByRole("navigation").getByRole("button", { name, exact: true });
  await expect(row("Stream the nightly export")).toHaveAttribute("aria-current", "page");
  expect(await look(row("Stream the nightly export"))).not.toEqual(await look(row("Refund rounding")));
});

test("the model that the keyboard stands on differs from the others", async ({ open, page }) => {
  await open("working");
  await steps(conversation("Stream the nightly export"), openModels)(page);
  await page.keyboard.press("ArrowDown");
  const marked = page.locator("[data-highlighted]");
  await expect(marked).toHaveCount(1);
  const other = page.getByRole("option").filter({ hasNot: page.locator("[data-highlighted]") }).filter({ hasText: "llama3.3:70b" });
  expect(await look(marked)).not.toEqual(await look(other));
});
