/** Who is billed, in words. */
import type { PayerView } from "../../bridge";
import { t } from "../../text";

/** Who is billed for a group: "Anthropic, your key ··4f2a". */
export function payerName(payer: PayerView): string {
  return payer.kind === "user_key"
    ? t("models.yourKey", { provider: payer.providerName, last4: payer.last4 })
    : t("models.onThisComputer", { name: payer.label });
}
