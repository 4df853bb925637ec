import { describe, expect, it } from "vitest";
import type { Billed, ErrorCode } from "../bridge";
import { failure } from "../bridge/fake/state";
import { actLabel, actsOf, billedLine, causeTitle, causeWhy, errors, failureWhy, sideOf } from "./errors";

const parts = { provider: "Anthropic", last4: "4f2a", model: "GPT-5.1" };
const codes = Object.keys(errors) as ErrorCode[];

describe.each(codes)("%s", (code) => {
  it("has a title under 45 characters, a sentence and an action", () => {
    const title = causeTitle(code, parts);
    expect(title.length).toBeGreaterThan(5);
    expect(title.length).toBeLessThan(45);
    expect(title).not.toMatch(/[.!]$/);
    const why = causeWhy(code, parts, failure(code, { scopes: ["model.read"] }));
    expect(why).toMatch(/\.$/);
    for (const what of [errors[code].primary, ...errors[code].others]) {
      expect(actLabel(what, parts)).toMatch(/^[A-Z][^{}]+[^.]$/);
      expect([title, why]).not.toContain(actLabel(what, parts));
    }
    expect(`${title} ${why} ${sideOf(code, parts)}`).not.toMatch(/[{}…]/);
  });

  it("is not said with words that the voice forbids", () => {
    expect(`${causeTitle(code, parts)} ${causeWhy(code, parts)}`).not.toMatch(/please|sorry|oops|successfully|simply/i);
  });
});

describe("a cause", () => {
  it("names the scopes that the key lacks, and says so without any", () => {
    expect(
      causeWhy("permission_missing", parts, failure("permission_missing", { scopes: ["model.read", "x"] })),
    ).toContain("It needs model.read, x.");
    expect(causeWhy("permission_missing", parts, failure("permission_missing"))).toContain("set at Anthropic");
  });

  it("does not say by itself what was charged", () => {
    for (const code of codes) expect(causeWhy(code, parts, failure(code))).not.toMatch(/charged nothing|billed/);
  });

  it("of the account's money says that the refusal was free, and only where it was", () => {
    const why = (billed: Billed) => failureWhy(failure("out_of_credit", { billed }), parts);
    const free = "Anthropic refused this message and charged nothing. Add credit there, or use another of your keys.";
    expect(why("no")).toBe(free);
    expect(why("not_sent")).toBe(free);
    expect(why("unknown")).toBe(
      "Add credit there, or use another of your keys. Anthropic may still bill for it and has not said so.",
    );
  });

  it("says after how many tries and how long it was given up", () => {
    expect(causeWhy("overloaded", parts, failure("overloaded", { tries: 3 }))).toMatch(
      /^It turned the message away after 3 tries\./,
    );
    expect(causeWhy("overloaded", parts, failure("overloaded", { tries: 1 }))).toMatch(
      /^It turned the message away\. /,
    );
    expect(causeTitle("timeout", parts, failure("timeout", { waitedMs: 60_000 }))).toBe(
      "Anthropic did not answer in 60 s",
    );
    expect(causeTitle("timeout", parts, failure("timeout"))).toBe("Anthropic did not answer in time");
  });

  it("says what is billed at the least", () => {
    const broken = failure("stream_broken", { billed: "unknown", begun: true });
    expect(failureWhy(broken, { ...parts, atLeast: "$0.0131" })).toMatch(/Anthropic bills at least \$0\.0131;/);
    expect(failureWhy(broken, parts)).toMatch(/may still bill for it/);
    expect(failureWhy({ ...broken, billed: "no" }, { ...parts, atLeast: "$0.0131" })).not.toMatch(/at least/);
  });

  it.each(["overloaded", "server_error", "timeout"] as const)(
    "%s after the first words tells of the answer, not of the message",
    (code) => {
      const begun = failure(code, { begun: true, waitedMs: 60_000 });
      expect(causeWhy(code, parts, begun)).toMatch(/what arrived is kept/i);
      expect(causeWhy(code, parts, begun)).not.toMatch(/turned the message away|did not answer/);
      expect(causeTitle(code, { ...parts, provider: "Google Gemini" }, begun).length).toBeLessThan(45);
      expect(
        actsOf(begun)
          .map(({ kind }) => kind)
          .slice(0, 2),
      ).toEqual(["continueHere", "tryAgain"]);
      expect(actsOf(failure(code))[0]?.kind).toBe("tryAgain");
    },
  );

  it("promises no day on which the provider counts anew", () => {
    expect(causeWhy("daily_quota", parts)).not.toMatch(/tomorrow/);
  });

  it("says whether it was billed", () => {
    expect(
      new Set((["not_sent", "no", "unknown", "yes"] as const).map((billed) => billedLine(billed, parts))).size,
    ).toBe(4);
  });

  it("has its provider in mind for every provider that is long", () => {
    for (const code of codes) {
      expect(causeTitle(code, { ...parts, provider: "Google Gemini" }).length).toBeLessThan(45);
    }
  });
});
