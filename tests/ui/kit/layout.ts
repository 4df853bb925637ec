/** Whether everything can be seen and reached: nothing wider than the window, nothing covered, nothing cut, nothing too small. */
import type { Page } from "@playwright/test";

// The side bar's edge is left out: the keyboard and the settings' defaults do what dragging it does.
const CONTROLS =
  'button, a[href], input:not(:disabled), select, textarea, summary, [role="menuitem"], [role="option"], [role="switch"]';

/** How many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Parts of the window that must be scrolled sideways to be read. Tables, code and formulas may be. */
export const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("body *")]
      .filter((each) => each.scrollWidth > each.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(each).overflowX))
      .filter((each) => each.checkVisibility() && !each.matches("textarea, pre, :has(> table), :has(> math), .prose *"))
      .map((each) => `${each.tagName.toLowerCase()}.${each.className} ${each.scrollWidth} of ${each.clientWidth} px`),
  );

/** Controls that cannot be brought into view, or lie under something else, each with what is wrong. */
export function lostControls(page: Page): Promise<string[]> {
  return page.evaluate((selector) => {
    const name = (element: Element) =>
      `${element.tagName.toLowerCase()} “${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}”`;
    const lost: string[] = [];
    // While a layer is open, what lies below it is not in use.
    const layer = [...document.querySelectorAll(".dialog, .sheet, .popover")].at(-1);
    for (const control of (layer ?? document).querySelectorAll<HTMLElement>(selector)) {
      if (!control.checkVisibility({ visibilityProperty: true })) continue;
      if (control.closest('[inert], [aria-hidden="true"]')) continue;
      // A hidden input is pressed through its label.
      const label = control instanceof HTMLInputElement && /radio|checkbox/.test(control.type) ? control.labels?.[0] : null;
      const target = label ?? control;
      target.scrollIntoView({ block: "nearest", inline: "nearest" });
      const { left, right, top, bottom } = target.getBoundingClientRect();
      if (left < -1 || right > window.innerWidth + 1) {
        lost.push(`${name(target)} reaches from ${Math.round(left)} to ${Math.round(right)} of ${window.innerWidth} px across`);
        continue;
      }
      if ((top < -1 || bottom > window.innerHeight + 1) && bottom - top < window.innerHeight) {
        lost.push(`${name(target)} reaches from ${Math.round(top)} to ${Math.round(bottom)} of ${window.innerHeight} px down`);
        continue;
      }
      if (getComputedStyle(target).pointerEvents === "none") continue;
      const hit = document.elementFromPoint((left + right) / 2, (Math.max(top, 0) + Math.min(bottom, window.innerHeight)) / 2);
      const reached = hit !== null && (target.contains(hit) || hit.closest("label")?.control === control);
      // A message about what happened goes away by itself.
      if (!reached && !hit?.closest(".toasts")) lost.push(`${name(target)} lies under ${hit ? `${name(hit)} .${hit.className}` : "nothing"}`);
    }
    return lost;
  }, CONTROLS);
}

/** Text that is cut off without an ellipsis and cannot be scrolled to. */
export function cutText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("body *")) {
      if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth <= 1) continue;
      const { overflowX, textOverflow } = getComputedStyle(element);
      if ((overflowX !== "hidden" && overflowX !== "clip") || textOverflow === "ellipsis") continue;
      if (!element.checkVisibility() || element.tagName === "INPUT") continue;
      cut.push(`${element.tagName.toLowerCase()}.${element.className} “${element.textContent.trim().slice(0, 40)}”`);
    }
    return cut;
  });
}

/** Targets of less than 24 by 24 px. A link in running text is as high as its line. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((selector) => {
    const small: string[] = [];
    for (const control of document.querySelectorAll<HTMLElement>(selector)) {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.closest('[inert], [aria-hidden="true"]')) continue;
      const label = control instanceof HTMLInputElement && /radio|checkbox/.test(control.type) ? control.labels?.[0] : null;
      // A card is pressed anywhere in it.
      const target = control.closest(".card") ?? label ?? control;
      const { width, height } = target.getBoundingClientRect();
      // A link in a sentence is as high as its line.
      const isInSentence = target.matches(".textbtn--inline, .prose__link");
      if (Math.min(width, height) >= 23.5 || isInSentence) continue;
      const text = (target.getAttribute("aria-label") ?? target.textContent ?? "").trim().slice(0, 40);
      small.push(`${target.tagName.toLowerCase()}.${target.className} “${text}” ${Math.round(width)}×${Math.round(height)}`);
    }
    return small;
  }, CONTROLS);
}
