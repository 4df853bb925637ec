/** F6 goes round the parts of the window: side bar, title bar, conversation, composer, status line. */
const FOCUSABLE =
  'a[href], button:not([tabindex="-1"]), input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';

/** Moves the focus to the next part, or to the one before. */
export function goToRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.querySelector(FOCUSABLE) !== null,
  );
  const current = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions.at((current === -1 ? (by === 1 ? 0 : -1) : current + by) % regions.length);
  next?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
}
