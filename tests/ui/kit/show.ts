/** Brings a screen into its state and makes sure that it is there. */
import { expect, type Page } from "@playwright/test";
import type { Screen } from "../screens/screen";

export async function show(page: Page, { act, shows }: Screen): Promise<void> {
  await act?.(page);
  const words = typeof shows === "string" ? page.getByText(shows) : page.getByText(shows);
  await expect(words.filter({ visible: true }).first()).toBeVisible();
  await settle(page);
}

/** Waits until nothing moves any more: what fades in has faded in, and the text has its font. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Rows of the thread are measured in one frame and placed in the next.
    for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((each) => each.finished));
    await document.fonts.ready;
  });
}
