import { afterEach, describe, expect, it, vi } from "vitest";
import { answerCost, isoDay, systemLocale } from "./format";

describe("the system's locale", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is the language's own where the system has none that Intl knows", () => {
    vi.spyOn(navigator, "language", "get").mockReturnValue("C");
    expect(systemLocale()).toBe("en");
    expect(answerCost("0.0237")).toBe("$0.0237");
  });
});

describe("a day without a time", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(["America/New_York", "Pacific/Auckland", "UTC"])("is the same day in %s", (zone) => {
    vi.stubEnv("TZ", zone);
    expect(isoDay("2026-11-20")).toBe("November 20, 2026");
  });
});
