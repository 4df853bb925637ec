/** Who pays for the next answer, as the status line says it: always in words, with a shape. */
import type { AccountView, BillingView, ErrorCode, KeysView, KeyView, ModelRef, StoreStateView } from "../bridge";
import { licenceStop } from "../features/account";

/** Who pays, or why nobody can. */
export type PlatePayer =
  | { kind: "key"; key: KeyView }
  | { kind: "keys" }
  | { kind: "computer" }
  | { kind: "plan" }
  | { kind: "licence"; code: ErrorCode }
  | { kind: "refused"; key: KeyView; code: ErrorCode }
  | { kind: "locked" }
  | { kind: "outOfReach" }
  | { kind: "none" };

/** Failures of a key that no waiting mends. */
const STOPS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "key_invalid",
  "key_invalid_or_quota",
  "key_disabled",
  "key_expired",
  "key_wrong_kind",
  "permission_missing",
  "ip_not_allowed",
  "org_mismatch",
  "account_disabled",
  "out_of_credit",
  "billing_problem",
  "billing_required",
  "spend_limit",
  "usage_limit",
  "daily_quota",
  "region_unsupported",
]);

const LOCKED: ReadonlySet<StoreStateView> = new Set<StoreStateView>(["locked", "prompt_dismissed", "vault_locked"]);
const OUT_OF_REACH: ReadonlySet<StoreStateView> = new Set<StoreStateView>([
  "absent",
  "no_collection",
  "denied",
  "unresponsive",
  "broken",
  "vault_missing",
  "vault_damaged",
  "vault_unwritable",
]);

interface Known {
  billing: BillingView;
  account: AccountView;
  keys: KeysView;
}

/** Who would pay for an answer of `model`; without one, for answers in general. */
export function payerOf({ billing, account, keys }: Known, model: ModelRef | null): PlatePayer {
  const chosen = model ? keys.keys.find(({ id }) => id === model.keyId) : undefined;
  if (chosen?.place === "none" && chosen.onThisComputer) return { kind: "computer" };
  const stop = billing.mode && licenceStop(account, billing.mode);
  if (stop) return { kind: "licence", code: stop };
  if (billing.mode === "vendor_billed") return { kind: "plan" };
  if (keys.keys.length === 0) return { kind: "none" };
  const key = chosen ?? only(keys.keys);
  // Where keys are kept now: what ails the place ails the key.
  const isThere = ({ place }: KeyView) => place === "system" || place === "vault";
  const inSystem = key ? isThere(key) : keys.keys.some(isThere);
  if (inSystem && LOCKED.has(keys.store.state)) return { kind: "locked" };
  if (inSystem && OUT_OF_REACH.has(keys.store.state)) return { kind: "outOfReach" };
  if (!key) return { kind: "keys" };
  if (key.place === "none" && key.onThisComputer) return { kind: "computer" };
  if (key.place === "missing" || key.place === "session_ended") return { kind: "outOfReach" };
  if (key.health.state === "failing" && STOPS.has(key.health.failure.code)) {
    return { kind: "refused", key, code: key.health.failure.code };
  }
  return { kind: "key", key };
}

function only(keys: KeyView[]): KeyView | undefined {
  return keys.length === 1 ? keys[0] : undefined;
}
