/** Every screen and state: it renders without a complaint, for everyone, in both themes, and at every size. */
import { violations } from "../kit/axe";
import { cutText, lostControls, overflow, sideways, smallTargets } from "../kit/layout";
import { settle, show } from "../kit/show";
import { expect, test } from "../kit/test";
import { screens } from "../screens";

/** 200 % zoom of the usual window, reflow to 320 px, and the largest text in the smallest window. */
const SIZES = [
  { name: "200 % zoom", width: 640, height: 410, text: "" },
  { name: "320 px", width: 320, height: 640, text: "" },
  { name: "150 % text", width: 900, height: 640, text: "150%" },
];

const soft = expect.configure({ soft: true });

for (const screen of screens) {
  test(`${screen.name} is accessible and loses nothing at any size`, async ({ open }) => {
    const page = await open(screen.scenario);
    await show(page, screen);
    soft(await violations(page), "axe, light").toEqual([]);
    soft(await smallTargets(page), "targets").toEqual([]);
    soft(await cutText(page), "text cut off").toEqual([]);
    await page.evaluate(() => {
      document.documentElement.dataset["theme"] = "dark";
    });
    soft(await violations(page, ["color-contrast", "link-in-text-block"]), "axe, dark").toEqual([]);
    for (const { name, width, height, text } of SIZES) {
      await page.setViewportSize({ width, height });
      await page.evaluate((size) => {
        document.documentElement.style.fontSize = size;
      }, text);
      // What is open hangs on its button, so that stays in view.
      await page.evaluate(() => document.querySelector("[data-popup-open]")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
      await settle(page);
      await soft.poll(() => overflow(page), `${name}: wider than the window`).toBeLessThanOrEqual(0);
      await soft.poll(() => sideways(page), `${name}: scrolls sideways`).toEqual([]);
      await soft.poll(() => lostControls(page), `${name}: out of reach`).toEqual([]);
      soft(await cutText(page), `${name}: text cut off`).toEqual([]);
    }
  });
}
