/** What axe-core finds against WCAG 2.2, level AA: only what is serious or critical. */
import type { Page } from "@playwright/test";
import axe from "axe-core";

const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Each finding in a line: the rule, and where. `rules` restricts the search. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ levels, only }) => {
      const results = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: only ? { type: "rule", values: only } : { type: "tag", values: levels },
        resultTypes: ["violations"],
        elementRef: false,
      });
      return results.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(" ")} ${any[0]?.message ?? ""}`));
    },
    { levels: LEVELS, only: rules },
  );
}
