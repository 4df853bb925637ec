import { expect, test } from "vitest";
import { staleAfter } from "./changes";
import * as queries from "./queries";

test("a changed key makes the keys, the models and the estimates stale", () => {
  expect(staleAfter({ what: "keys" })).toEqual([["keys"], ["models"], ["estimate"]]);
});

test("a changed store makes the models stale, whose keys are in it", () => {
  expect(staleAfter({ what: "store" })).toEqual([["keys"], ["models"]]);
});

test("a changed conversation makes itself, its estimate and the side bar stale, and no other conversation", () => {
  expect(staleAfter({ what: "conversation", id: "c1" })).toEqual([
    ["conversation", "c1"],
    ["estimate", "c1"],
    ["workspace"],
  ]);
});

test("everything that is read is made stale by some change, but for what stays as it is while the program runs", () => {
  const model = { keyId: "k", model: "m" };
  const { start, environmentKeys, conversation, search, totals, estimate, custody, ...others } = queries;
  const read = [
    ...Object.values(others),
    conversation("c1"),
    search("x", 9),
    totals("c1"),
    totals(null),
    estimate("c1", model, 5),
    custody("k"),
  ];
  const changes = ["keys", "store", "workspace", "usage", "account", "billing", "preferences"] as const;
  const stale = [...changes.map((what) => ({ what })), { what: "conversation", id: "c1" } as const].flatMap(staleAfter);
  for (const { queryKey } of read) {
    expect(
      stale.some((key) => key.every((part, at) => part === queryKey[at])),
      String(queryKey),
    ).toBe(true);
  }
  expect([start, environmentKeys].map(({ queryKey }) => queryKey)).toEqual([["start"], ["environment"]]);
});
