import { expect, test } from "vitest";
import * as format from "./format";

/** Numbers that a binary fraction would spoil, and a few thousand drawn by a fixed rule. */
function* amounts(): Generator<string> {
  yield* ["0", "0.1", "0.2", "0.30000000000000004", "9007199254740993.005", "0.000000000001", "12", "0.00005"];
  let seed = 7n;
  for (let index = 0; index < 3000; index += 1) {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    const whole = seed % 100_000n;
    const fraction = ((seed >> 20n) % 10n ** 12n).toString().padStart(12, "0");
    yield `${whole}.${fraction}`;
  }
}

const scaled = (amount: string, places: number): bigint => {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(places, "0"));
};

test.each([0, 2, 4, 6])("rounding to %i places is never off by more than half of the last one", (places) => {
  for (const amount of amounts()) {
    const digits = Math.max(12, (amount.split(".")[1] ?? "").length);
    const difference = scaled(format.roundDecimal(amount, places), digits) - scaled(amount, digits);
    const unit = 10n ** BigInt(digits - places);
    expect((difference < 0n ? -difference : difference) * 2n <= unit, amount).toBe(true);
  }
});

test("a half goes to the even digit, and large sums keep every digit", () => {
  expect(format.roundDecimal("0.125", 2)).toBe("0.12");
  expect(format.roundDecimal("0.135", 2)).toBe("0.14");
  expect(format.roundDecimal("9007199254740993.005", 2)).toBe("9007199254740993.00");
  expect(format.roundDecimal("0.995", 2)).toBe("1.00");
});

test("one answer has four decimals, a total two, and neither reads as nothing when it is not", () => {
  expect(format.answerCost("0.0237")).toBe("$0.0237");
  expect(format.answerCost("0.00001")).toBe("<$0.0001");
  expect(format.answerCost("0")).toBe("$0.0000");
  expect(format.total("38.2")).toBe("$38.20");
  expect(format.total("0.0004")).toBe("<$0.01");
  expect(format.total("0")).toBe("$0.00");
});

test("prices show the decimals that they have", () => {
  expect(format.planPrice("12")).toBe("$12");
  expect(format.planPrice("12.50")).toBe("$12.50");
  expect(format.pricePerMillion("3")).toBe("$3.00");
  expect(format.pricePerMillion("0.0750")).toBe("$0.075");
});
