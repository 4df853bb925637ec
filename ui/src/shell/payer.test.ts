import { expect, test } from "vitest";
import { scenarios } from "../bridge/fake/scenarios";
import { payerOf } from "./payer";

test("a key whose money ran out is shown as stopped, although it may be asked again", () => {
  const { billing, keys, store, models } = scenarios.working();
  const group = models.find(({ payer }) => payer.keyId === "k-openai");
  expect(group?.unavailable).toBeNull();
  const payer = payerOf(
    billing,
    { store, keys, localServers: [], reconciled: [] },
    { keyId: "k-openai", model: "gpt-5.1" },
  );
  expect(payer).toMatchObject({ kind: "refused", code: "out_of_credit" });
});
