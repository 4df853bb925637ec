/** Reading while an answer is written, and conversations of any length. */
import type { Page } from "@playwright/test";
import { ask, conversation, field } from "../kit/steps";
import { expect, test } from "../kit/test";

const log = (page: Page) => page.getByRole("log");
const fromEnd = (page: Page) => log(page).evaluate((e) => Math.round(e.scrollHeight - e.clientHeight - e.scrollTop));
const from = (page: Page) => log(page).evaluate((e) => Math.round(e.scrollTop));
const height = (page: Page) => log(page).evaluate((e) => e.scrollHeight);

/** Lets the answer grow by at least this much. */
async function grows(page: Page, by: number): Promise<void> {
  const before = await height(page);
  await expect.poll(() => height(page)).toBeGreaterThan(before + by);
}

test("the view follows the end of an answer while the reader is there", async ({ open, page }) => {
  await open("slow");
  await conversation("Stream the nightly export")(page);
  await ask("Show me everything.")(page);
  await expect(page.getByText("so far")).toBeVisible();
  await grows(page, 400);
  await expect.poll(() => fromEnd(page)).toBeLessThan(60);
  await expect(page.getByRole("button", { name: "Jump to latest" })).toHaveCount(0);
});

test("who scrolled up stays there, and a press leads back to the end and follows again", async ({ open, page }) => {
  await open("slow");
  await conversation("Stream the nightly export")(page);
  await ask("Show me everything.")(page);
  await expect(page.getByText("so far")).toBeVisible();
  await grows(page, 300);
  await log(page).hover();
  await page.mouse.wheel(0, -260);
  const jump = page.getByRole("button", { name: "Jump to latest" });
  await expect(jump).toBeVisible();
  const stayed = await from(page);
  await grows(page, 200);
  expect(Math.abs((await from(page)) - stayed)).toBeLessThanOrEqual(2);

  await jump.click();
  await expect.poll(() => fromEnd(page)).toBeLessThan(60);
  await grows(page, 200);
  await expect.poll(() => fromEnd(page)).toBeLessThan(60);
  await expect(jump).toHaveCount(0);
});

test("another version is shown where the reader is", async ({ open, page }) => {
  await open("answers", { width: 1000, height: 640 });
  await conversation("How answers end")(page);
  await log(page).evaluate((element) => element.scrollTo(0, 0));
  const place = async (id: string) => (await page.locator(`[data-message="${id}"]`).boundingBox())?.y ?? Number.NaN;
  const shown = (id: string) => page.locator(`[data-message="${id}"]`);
  await expect(shown("e2")).toBeVisible();
  const before = await place("e1");
  await shown("e2").getByRole("button", { name: "Next version" }).click();
  await expect(shown("e2c")).toBeVisible();
  await expect(shown("e10")).toHaveCount(0);
  await shown("e2c").getByRole("button", { name: "Previous version" }).click();
  await expect(shown("e2")).toBeVisible();
  await page.waitForTimeout(200);
  expect(Math.abs((await place("e1")) - before)).toBeLessThanOrEqual(2);
  expect(await fromEnd(page)).toBeGreaterThan(60);
});

test("what is selected in an answer stays selected while it grows", async ({ open, page }) => {
  await open("slow");
  await conversation("Stream the nightly export")(page);
  await ask("Show me everything.")(page);
  const words = page.getByText(/^A table, a/).last();
  await expect(words).toBeVisible();
  await words.evaluate((element) => {
    const text = element.firstChild as Text;
    document.getSelection()?.setBaseAndExtent(text, 2, text, 7);
  });
  await grows(page, 300);
  expect(await page.evaluate(() => document.getSelection()?.toString())).toBe("table");
});

test("an edited question keeps its text and the keyboard, however far it is scrolled away", async ({ open, page }) => {
  await open("long");
  await conversation("Long")(page);
  await field(page).press("ArrowUp");
  const editor = page.getByRole("textbox", { name: "Edit your message" });
  await expect(editor).toBeFocused();
  await editor.fill("In other words");
  await log(page).evaluate((element) => element.scrollBy(0, -6000));
  await expect(page.getByText("Question 2499:")).toHaveCount(0);
  await page.keyboard.type("!");
  await log(page).evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(editor).toHaveValue("In other words!");
  await expect(editor).toBeFocused();
});

test("5,000 messages keep the document small, from the first to the last", async ({ open, page }) => {
  await open("long");
  await conversation("Long")(page);
  const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  await expect(page.getByText("Question 2500")).toBeVisible();
  expect(await nodes()).toBeLessThan(3000);
  await log(page).evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await expect(page.getByText("Question 2500")).toHaveCount(0);
  expect(await nodes()).toBeLessThan(3000);
  await log(page).evaluate((element) => element.scrollTo(0, 0));
  await expect(page.getByText("Question 1:")).toBeVisible();
  expect(await nodes()).toBeLessThan(3000);
});

test("a draft waits while another conversation is read, and a running answer goes on", async ({ open, page }) => {
  await open("held");
  await conversation("Stream the nightly export")(page);
  await ask("And if the connection drops?")(page);
  await expect(page.getByText("so far")).toBeVisible();
  await field(page).fill("The next thing to ask");
  await conversation("Refund rounding")(page);
  await expect(field(page)).toHaveValue("");
  await conversation("Stream the nightly export")(page);
  await expect(field(page)).toHaveValue("The next thing to ask");
  await expect(page.getByText("so far")).toBeVisible();
  await page.getByRole("button", { name: /^Stop/ }).click();
  await expect(page.getByText("Stopped. What arrived is kept.")).toBeVisible();
});

test("what a model says opens nothing, runs nothing and loads nothing by itself", async ({ open, page }) => {
  await open("answers");
  await conversation("What someone who means harm sends")(page);
  await expect(page.getByText("Image from sink.example (not loaded)")).toBeVisible();
  const answer = page.locator('[data-message="h2"] .turn__body');
  expect(await answer.locator("img, script, iframe, object, embed, a[href]").count()).toBe(0);
  await expect(answer.getByText("<script>window.hit = 1</script>")).toBeVisible();
  await expect(answer.getByRole("button", { name: /run it|your files/ })).toHaveCount(0);
  await answer.getByRole("button", { name: "Sign in again" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("sink.example", { exact: true })).toBeVisible();
  await expect(dialog.getByText("https://sink.example/steal?key=abc")).toBeVisible();
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => "hit" in window)).toBe(false);
});

test("a wait is counted down, said at its start, ten seconds before its end and at its end", async ({ open, page }) => {
  await open("limited", { heldClock: true });
  await conversation("Stream the nightly export")(page);
  await ask("Show me step 2.")(page);
  const note = page.locator(".note").filter({ hasText: "Sending again by itself" });
  const said = note.getByRole("status");
  await expect(note).toBeVisible();
  await expect(said).toHaveText(/It is sent again by itself/);
  await page.clock.runFor(14_000);
  await expect(said).toHaveText("Sending again in ten seconds");
  await page.clock.runFor(10_000);
  await expect(note).toHaveCount(0);
});

test("fifty million characters are refused with their number, at once, and what was written stays", async ({
  open,
  page,
}) => {
  await open("working");
  await conversation("Stream the nightly export")(page);
  await field(page).fill("Before. ");
  await field(page).evaluate((element) => {
    const data = new DataTransfer();
    data.setData("text", "word ".repeat(10_000_000));
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByText(/it would be 50,000,008 characters, and a message holds 4,000,000/)).toBeVisible();
  await expect(field(page)).toHaveValue("Before. ");
  await field(page).press("End");
  await field(page).pressSequentially("After.");
  await expect(field(page)).toHaveValue("Before. After.");
  await expect(page.getByText(/Not taken/)).toHaveCount(0);
});

test("a pasted book is taken and can be written on", async ({ open, page }) => {
  const book = "It was the best of times, it was the worst of times.\n".repeat(10_000);
  await open("working");
  await conversation("Stream the nightly export")(page);
  await field(page).evaluate((element: HTMLTextAreaElement, text) => {
    // As a paste puts it there, without the minute that a driver takes over it.
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(element, text);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.setSelectionRange(text.length, text.length);
  }, book);
  await field(page).pressSequentially("The end.");
  const ends = () => field(page).evaluate((e: HTMLTextAreaElement) => e.value.slice(-15));
  await expect.poll(ends).toBe("times.\nThe end.");
});
