import { expect, test } from "vitest";
import { type ScenarioName, scenarios } from "../bridge/fake/scenarios";
import type { World } from "../bridge/fake/state";
import { payerOf } from "./payer";

const payerIn = (scenario: ScenarioName, model: { keyId: string; model: string } | null = null) => {
  const { billing, account, keys, store }: World = scenarios[scenario]();
  return payerOf({ billing, account, keys: { store, keys, localServers: [], reconciled: [] } }, model);
};

test("a key whose money ran out is shown as stopped, although it may be asked again", () => {
  const group = scenarios.working().models.find(({ payer }) => payer.kind === "user_key" && payer.keyId === "k-openai");
  expect(group?.unavailable).toBeNull();
  const payer = payerIn("working", { keyId: "k-openai", model: "gpt-5.1" });
  expect(payer).toMatchObject({ kind: "refused", code: "out_of_credit" });
});

test.each([
  ["vendor", { kind: "plan" }],
  ["vendor-elsewhere", { kind: "licence", code: "entitlement_reached" }],
  ["signed-out", { kind: "licence", code: "sign_in_needed" }],
  ["trial-over", { kind: "licence", code: "licence_lapsed" }],
  ["revoked", { kind: "licence", code: "licence_revoked" }],
  ["grace", { kind: "keys" }],
] as const)("%s says who pays, or that nobody does", (scenario, payer) => {
  expect(payerIn(scenario)).toMatchObject(payer);
});

test("a model of this computer is nobody's to bill, whatever the licence says", () => {
  expect(payerIn("trial-over", { keyId: "k-ollama", model: "qwen3:8b" })).toEqual({ kind: "computer" });
});
