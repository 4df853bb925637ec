import { describe, expect, it } from "vitest";
import type { ModelGroupView } from "../../bridge";
import { scenarios } from "../../bridge/fake/scenarios";
import { failure } from "../../bridge/fake/state";
import { firstModel, otherModel } from "./offer";

const [anthropic, openai, local] = scenarios.working().models as [ModelGroupView, ModelGroupView, ModelGroupView];
const able: ModelGroupView = { ...openai, trouble: null };
const sonnet = { keyId: "k-anthropic", model: "claude-sonnet-4-5" };
const name = (offered: ReturnType<typeof otherModel>) => offered?.model.name ?? null;

describe("another model", () => {
  it("is of another key where there is one", () => {
    expect(name(otherModel([anthropic, able, local], sonnet, "overloaded"))).toBe("GPT-5.1");
  });

  it("is not of a key that the last try found in trouble", () => {
    expect(name(otherModel([anthropic, openai, local], sonnet, "out_of_credit"))).toBe("llama3.3:70b");
  });

  it("is on this computer without a connection", () => {
    expect(name(otherModel([anthropic, able, local], sonnet, "offline"))).toBe("llama3.3:70b");
    expect(otherModel([anthropic, able], sonnet, "offline")).toBeNull();
  });

  it.each(["overloaded", "timeout", "server_error"] as const)(
    "is of the same key for %s, where that is the only one",
    (code) => {
      const troubled = { ...anthropic, trouble: failure(code) };
      expect(name(otherModel([troubled], sonnet, code))).toBe("Claude Opus 4.1");
    },
  );

  it.each(["key_disabled", "out_of_credit", "rate_limited", "proxy_or_network"] as const)(
    "is never of the same key for %s",
    (code) => {
      expect(otherModel([anthropic], sonnet, code)).toBeNull();
    },
  );

  it("is never of the same key while its money has run out", () => {
    expect(otherModel([{ ...anthropic, trouble: failure("out_of_credit") }], sonnet, "overloaded")).toBeNull();
  });
});

describe("the first model", () => {
  it("is one whose key is in no trouble, or else one that may be asked", () => {
    expect(firstModel([openai, anthropic])).toEqual(sonnet);
    expect(firstModel([openai])?.model).toBe("gpt-5.1");
    expect(firstModel([{ ...openai, unavailable: failure("key_disabled") }])).toBeNull();
  });
});
