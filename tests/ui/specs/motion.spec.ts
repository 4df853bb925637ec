/** Nothing moves for those who asked for that. */
import { addKey, ask, conversation, steps } from "../kit/steps";
import { expect, test } from "../kit/test";

const endless = () =>
  document
    .getAnimations()
    .filter((each) => each.playState === "running" && each.effect?.getComputedTiming().iterations === Infinity).length;

const streaming = steps(conversation("Stream the nightly export"), ask("And then?"));

test("the caret blinks while an answer is written", async ({ open, page }) => {
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await open("held");
  await streaming(page);
  await expect(page.getByText("so far")).toBeVisible();
  expect(await page.evaluate(endless)).toBeGreaterThan(0);
});

test("with reduced motion nothing moves while an answer is written", async ({ open, page }) => {
  await open("held");
  await streaming(page);
  await expect(page.getByText("so far")).toBeVisible();
  expect(await page.evaluate(endless)).toBe(0);
});

test("with reduced motion a check says in words that it runs", async ({ open, page }) => {
  await open("working");
  await addKey("sk-ant-api03-stays")(page);
  await expect(page.getByText("Checking with Anthropic")).toBeVisible();
  expect(await page.evaluate(endless)).toBe(0);
});

test("with reduced motion dialogs and sheets stand where they belong at once", async ({ open, page }) => {
  await open("working");
  await addKey()(page);
  const sheet = page.getByRole("dialog");
  await sheet.waitFor();
  expect(await sheet.evaluate((element) => getComputedStyle(element).transform)).toMatch(/^(none|matrix\(1, 0, 0, 1, 0, 0\))$/);
});
