import { IntlMessageFormat } from "intl-messageformat";
import { expect, test } from "vitest";
import { en } from "./en";

const messages = Object.entries(en);

test("every message can be read", () => {
  expect(messages.length).toBeGreaterThan(300);
  for (const [key, message] of messages) {
    expect(() => new IntlMessageFormat(message, "en"), key).not.toThrow();
    expect(message.trim(), key).toBe(message);
  }
});

test("no message pleads, apologises or cheers", () => {
  const found = messages.filter(([, message]) => /\b(please|sorry|oops|successfully|simply)\b/i.test(message));
  expect(found).toEqual([]);
});
