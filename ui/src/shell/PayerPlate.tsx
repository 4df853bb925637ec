/** The payer plate and the sentence beside it. */
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import { type ErrorCode, queries } from "../bridge";
import { type GlyphName, Icon } from "../kit";
import { format, t } from "../text";
import type { PlatePayer } from "./payer";

interface Words {
  icon: GlyphName;
  look?: "vendor" | "stop";
  plate: string;
  /** Provider and last four characters. */
  key?: string;
  sentence: ReactNode;
}

/** What is left of vendor-billed use; who bills, while that is not known. */
function Balance() {
  const { data: wallet } = useQuery(queries.wallet);
  if (!wallet) return t("status.brasskeyBills");
  const left = wallet.allowance.startsWith("-") ? "0" : wallet.allowance;
  return /[1-9]/.test(wallet.available)
    ? t("status.brasskeyBillsLeft", { left: format.total(left), included: format.planPrice(wallet.included) })
    : t("status.allowanceSpent");
}

function licenceSentence(code: ErrorCode): string {
  switch (code) {
    case "sign_in_needed":
      return t("status.beginOrSignIn");
    case "entitlement_reached":
      return t("status.otherPlan");
    default:
      return t("status.licenceOver");
  }
}

function wordsFor(payer: PlatePayer): Words {
  switch (payer.kind) {
    case "key": {
      const { providerName, last4 } = payer.key;
      return {
        icon: "key",
        plate: t("status.yourKey"),
        key: last4 ? `${providerName} ··${last4}` : providerName,
        sentence: t("status.bills", { provider: providerName }),
      };
    }
    case "keys":
      return { icon: "key", plate: t("status.yourKeys"), sentence: t("status.providersBill") };
    case "computer":
      return { icon: "laptop", look: "vendor", plate: t("status.onThisComputer"), sentence: t("status.free") };
    case "plan":
      return { icon: "receipt", look: "vendor", plate: t("status.vendorBilled"), sentence: <Balance /> };
    case "licence":
      return { icon: "lock", look: "stop", plate: t("status.noLicence"), sentence: licenceSentence(payer.code) };
    case "refused": {
      const { providerName, last4 } = payer.key;
      return {
        icon: payer.code.startsWith("key_") ? "ban" : "card",
        look: "stop",
        plate: t("status.keyStopped"),
        key: `${providerName} ··${last4}`,
        sentence: t("status.refuses", { provider: providerName }),
      };
    }
    case "locked":
      return { icon: "lock", look: "stop", plate: t("status.keysLocked"), sentence: t("status.nothingBilled") };
    case "outOfReach":
      return { icon: "warn", look: "stop", plate: t("status.keysOutOfReach"), sentence: t("status.nothingBilled") };
    case "none":
      return { icon: "key", look: "vendor", plate: t("status.noKey"), sentence: t("status.nothingBilled") };
  }
}

export function PayerPlate({ payer, onPress }: { payer: PlatePayer; onPress: () => void }) {
  const words = wordsFor(payer);
  return (
    <>
      <button type="button" className={clsx("plate", words.look && `plate--${words.look}`)} onClick={onPress}>
        <Icon name={words.icon} size="s" />
        {words.plate}
        {words.key ? <span className="mono">{words.key}</span> : null}
      </button>
      <span className="status__sentence">{words.sentence}</span>
    </>
  );
}
