/** Whether a message can be sent to a model now, and if not, why, in words. A function of its inputs. */
import type { AccountView, BillingView, ErrorCode, ModelGroupView, ModelRef } from "../../bridge";
import type { MessageKey } from "../../text";
import { licenceStop } from "../account";
import { isAccepted, termsOf } from "../billing";
import { findModel, nearestModel, type Offered } from "../models";

/** Why nothing can be sent, and where that is mended. */
export interface Blocked {
  reason: Exclude<Extract<MessageKey, `chat.blocked.${string}`>, "chat.blocked.nearest">;
  go: "keys" | "billing" | "models" | null;
  /** What can answer instead of a model of the other mode: offered, never taken by itself. */
  nearest?: Offered | null;
}

interface Known {
  billing: BillingView | undefined;
  account: AccountView | undefined;
  groups: readonly ModelGroupView[];
}

export function blockedBy({ billing, account, groups }: Known, model: ModelRef | null): Blocked | null {
  const offered = model && findModel(groups, model);
  // A model on this computer answers in both modes, and needs neither terms nor a licence: nobody is billed.
  if (offered?.payer.kind === "nobody" && !offered.unavailable) return null;
  const mode = billing?.mode;
  if (billing && mode) {
    const stop = account ? licenceStop(account, mode) : null;
    if (stop) return { reason: licenceReason(stop), go: "billing" };
    if (!isAccepted(termsOf(billing, mode))) return { reason: "chat.blocked.terms", go: "billing" };
  }
  if (groups.length === 0) {
    return mode === "vendor_billed"
      ? { reason: "chat.blocked.noModel", go: null }
      : { reason: "chat.blocked.noKey", go: "keys" };
  }
  if (!model) return { reason: "chat.blocked.noModel", go: "models" };
  // Another model of the same store is as far away.
  if (offered?.unavailable?.code === "credential_store") return { reason: "chat.blocked.store", go: "keys" };
  const isOfPlan = model.keyId.startsWith("plan-");
  if (offered?.unavailable?.code === "other_mode" || (!offered && isOfPlan !== (mode === "vendor_billed"))) {
    return { reason: "chat.blocked.otherMode", go: "models", nearest: nearestModel(groups, model) };
  }
  if (!offered || offered.unavailable) return { reason: "chat.blocked.otherModel", go: "models" };
  return null;
}

function licenceReason(stop: ErrorCode): Blocked["reason"] {
  switch (stop) {
    case "sign_in_needed":
      return "chat.blocked.signIn";
    case "entitlement_reached":
      return "chat.blocked.plan";
    default:
      return "chat.blocked.licence";
  }
}
