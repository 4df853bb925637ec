/** Whether a message can be sent to a model now, and if not, why, in words. A function of its inputs. */
import type { BillingView, ModelGroupView, ModelRef } from "../../bridge";
import type { MessageKey } from "../../text";
import { findModel } from "../models";

/** Why nothing can be sent, and where that is mended. */
export interface Blocked {
  reason: Extract<MessageKey, `chat.blocked.${string}`>;
  go: "keys" | "billing" | "models" | null;
}

export function blockedBy(
  billing: BillingView | undefined,
  groups: readonly ModelGroupView[],
  model: ModelRef | null,
): Blocked | null {
  const offered = model && findModel(groups, model);
  const isLocal = offered?.payer.kind === "nobody";
  // A model on this computer answers in both modes, and needs no terms: nobody is billed.
  if (billing?.mode === "vendor_billed" && !isLocal) return { reason: "chat.blocked.platform", go: "billing" };
  if (billing?.mode && billing.terms.acceptedAt === null && !isLocal) {
    return { reason: "chat.blocked.terms", go: "billing" };
  }
  if (groups.length === 0) return { reason: "chat.blocked.noKey", go: "keys" };
  if (!model) return { reason: "chat.blocked.noModel", go: "models" };
  // Another model of the same store is as far away.
  if (offered?.unavailable?.code === "credential_store") return { reason: "chat.blocked.store", go: "keys" };
  if (!offered || offered.unavailable) return { reason: "chat.blocked.otherModel", go: "models" };
  return null;
}
