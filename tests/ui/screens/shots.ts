/** Takes the pictures. One of each screen and state, light and dark, at the usual and at the smallest size of the window. */
import { fileURLToPath } from "node:url";
import { show } from "../kit/show";
import { test } from "../kit/test";
import { screens } from ".";

const FOLDER = process.env.BRASSKEY_SHOTS ?? fileURLToPath(new URL("../../../target/shots", import.meta.url));
const SIZES = [
  [1280, 820],
  [900, 640],
] as const;

for (const screen of screens) {
  for (const [width, height] of SIZES) {
    test(`${screen.name} at ${width}`, async ({ open }) => {
      const page = await open(screen.scenario, { width, height });
      await show(page, screen);
      // Colours of code and formulas are loaded when the first of them is shown.
      await page.waitForLoadState("networkidle");
      // Nothing is pointed at, but what is open stays open.
      if ((await page.locator(".popover").count()) === 0) await page.mouse.move(0, 0);
      for (const theme of ["light", "dark"]) {
        await page.evaluate((chosen) => {
          document.documentElement.dataset["theme"] = chosen;
        }, theme);
        await page.screenshot({
          path: `${FOLDER}/${screen.name}.${theme}.${width}.png`,
          animations: "disabled",
          caret: "hide",
        });
      }
    });
  }
}
