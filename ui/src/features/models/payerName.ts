/** Who is billed, in words, and which group of the list it is. */
import type { PayerView } from "../../bridge";
import { t } from "../../text";

/** Who is billed for a group: "Anthropic, your key ··4f2a". */
export function payerName(payer: PayerView): string {
  switch (payer.kind) {
    case "user_key":
      return t("models.yourKey", { provider: payer.providerName, last4: payer.last4 });
    case "plan":
      return t("models.yourPlan", { provider: payer.providerName });
    case "nobody":
      return t("models.onThisComputer", { name: payer.label });
  }
}

/** Who answers, as they name themselves. */
export const answererOf = (payer: PayerView): string => (payer.kind === "nobody" ? payer.label : payer.providerName);

/** The id of what the models of a group are asked through: a key, an endpoint, a provider of the plan. */
export const sourceOf = (payer: PayerView): string => (payer.kind === "plan" ? `plan-${payer.provider}` : payer.keyId);
