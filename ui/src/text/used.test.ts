import { expect, test } from "vitest";
import { en } from "./en";

const sources = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}", "!./en/**", "!../bridge/fake/**", "!../test/**"],
  { query: "?raw", import: "default", eager: true },
);

/** Keys that are put together from a code of the backend; each part of such a code is checked by the compiler. */
const DYNAMIC = ["cause.", "act.", "billed.", "side.", "ledger.unknown.", "chat.ending."];

test("every message of the catalogue is said somewhere", () => {
  const all = Object.values(sources).join("\n");
  const unused = Object.keys(en).filter(
    (key) => !DYNAMIC.some((prefix) => key.startsWith(prefix)) && !all.includes(`"${key}"`),
  );
  expect(unused).toEqual([]);
});
