/** The measured pairs of the design, from the tokens themselves, in both themes. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

type Tokens = Map<string, [lightness: number, chroma: number, hue: number]>;

function tokensOf(block: string): Tokens {
  const found = block.matchAll(/--([\w-]+):\s*oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g);
  return new Map([...found].map(([, name = "", ...parts]) => [name, parts.map(Number) as [number, number, number]]));
}

function blockAfter(marker: string): string {
  const start = css.indexOf("{", css.indexOf(marker)) + 1;
  return css.slice(start, css.indexOf("\n}", start));
}

/** Relative luminance (WCAG 2) of an OKLCH colour, clipped to sRGB. */
function luminance([lightness, chroma, hue]: [number, number, number]): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(tokens: Tokens, front: string, back: string): number {
  const [first, second] = [front, back].map((name) => {
    const token = tokens.get(name);
    if (!token) throw new Error(`no token --${name}`);
    return luminance(token) + 0.05;
  }) as [number, number];
  return Math.max(first, second) / Math.min(first, second);
}

const TEXT = [
  ["ink", "paper"],
  ["ink-2", "paper"],
  ["ink-3", "paper"],
  ["ink-3", "chrome"],
  ["ink-3", "selected"],
  ["ink-3", "fill"],
  ["ink-3", "raised"],
  ["ink-2", "brass-wash"],
  ["brass-ink", "paper"],
  ["brass-ink", "brass-wash"],
  ["ok-ink", "paper"],
  ["warn-ink", "paper"],
  ["bad-ink", "paper"],
  ["info-ink", "paper"],
  ["ink-2", "warn-wash"],
  ["ink-2", "bad-wash"],
  ["ink-2", "ok-wash"],
  ["ink-2", "info-wash"],
  ["on-action", "action"],
  ["on-danger", "danger"],
  ["code-key", "sunken"],
  ["code-str", "sunken"],
  ["code-type", "sunken"],
  ["code-fn", "sunken"],
  ["code-num", "sunken"],
  ["code-rem", "sunken"],
] as const;

const EDGES = [
  ["control-line", "paper"],
  ["control-line", "sunken"],
  ["focus", "paper"],
  ["focus", "chrome"],
  ["data-1", "paper"],
  ["data-2", "paper"],
  ["data-3", "paper"],
  ["data-4", "paper"],
] as const;

const themes = {
  light: tokensOf(blockAfter(":root {")),
  dark: tokensOf(blockAfter(':root[data-theme="dark"] {')),
};

for (const [theme, tokens] of Object.entries(themes)) {
  test.each(TEXT)(`${theme}: text %s on %s has 4.5:1`, (front, back) => {
    expect(ratio(tokens, front, back)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(EDGES)(`${theme}: edge %s on %s has 3:1`, (front, back) => {
    expect(ratio(tokens, front, back)).toBeGreaterThanOrEqual(2.995);
  });
}

test("both dark blocks are the same", () => {
  const system = css.slice(css.indexOf(":root:not([data-theme="), css.indexOf("\n}\n\n:root[data-theme"));
  expect(Object.fromEntries(tokensOf(system))).toEqual(Object.fromEntries(themes.dark));
});
