/** A typed key leaves the window in the tick in which it is handed over, and is nowhere in it afterwards. */
import type { Page } from "@playwright/test";
import { addKey, keyField } from "../kit/steps";
import { expect, test } from "../kit/test";

const KEY = "sk-ant-api03-0f1e2d3c4b5a-only-in-this-test-4f2a";

/** Where the window holds the key: markup, fields, storage, address, history. */
const traces = (page: Page) =>
  page.evaluate(async (key) => {
    const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
    const places: Record<string, string> = {
      markup: document.documentElement.outerHTML,
      fields: fields.map(({ value, defaultValue }) => value + defaultValue).join("\n"),
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      address: location.href + JSON.stringify(history.state),
      cookies: document.cookie,
      selection: String(getSelection()),
    };
    return Object.keys(places).filter((place) => places[place]?.includes(key));
  }, KEY);

test("Return hands a key over and empties the field in the same tick", async ({ open, page }) => {
  await open("working");
  await addKey()(page);
  await keyField(page).fill(KEY);
  expect(await traces(page)).toEqual(["fields"]);
  // Nothing is awaited between the key press and the look at the field.
  const after = await keyField(page).evaluate((input: HTMLInputElement) => {
    const before = input.value;
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    return { before, value: input.value };
  });
  expect(after).toEqual({ before: KEY, value: "" });
  await expect(page.getByText("Key ··4f2a")).toBeVisible();
  expect(await traces(page)).toEqual([]);
  await expect(page.getByText("Working, 11 models found")).toBeVisible();
  expect(await traces(page)).toEqual([]);
});

test("the button Check hands a key over and empties the field in the same tick", async ({ open, page }) => {
  await open("first-run");
  await keyField(page).fill(KEY);
  const after = await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('input[name="api-key"]');
    const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Check key");
    button?.click();
    return input?.value;
  });
  expect(after).toBe("");
  await expect(page.getByText("Working, 11 models found")).toBeVisible();
  expect(await traces(page)).toEqual([]);
});

test("a pasted key never stands in the field", async ({ open, page }) => {
  await open("working");
  await addKey()(page);
  const after = await keyField(page).evaluate((input: HTMLInputElement, key) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", key);
    const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    return { taken: !input.dispatchEvent(paste), value: input.value };
  }, KEY);
  expect(after).toEqual({ taken: true, value: "" });
  await expect(page.getByText("Key ··4f2a")).toBeVisible();
  expect(await traces(page)).toEqual([]);
});

test("the field is a password field that nothing keeps, completes or corrects", async ({ open, page }) => {
  await open("first-run");
  const input = keyField(page);
  await expect(input).toHaveAttribute("type", "password");
  await expect(input).toHaveAttribute("autocomplete", "off");
  await expect(input).toHaveAttribute("spellcheck", "false");
  await expect(input).toHaveAttribute("autocorrect", "off");
});

test("the saved key shows its last four characters and nothing else of it", async ({ open, page }) => {
  await open("working");
  await addKey()(page);
  await keyField(page).fill(KEY);
  await keyField(page).press("Enter");
  await page.getByRole("button", { name: "Save key" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("row", { name: /Anthropic/ })).toHaveCount(2);
  const text = await page.evaluate(() => document.documentElement.outerHTML);
  expect(text).toContain("··4f2a");
  expect(text).not.toContain(KEY.slice(12, 24));
});
