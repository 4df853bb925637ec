/** Going over to a mode that the plan allows already: nothing is bought, it is only put in force. */
import { useRef, useState } from "react";
import { type BillingMode, type BillingView, bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog } from "../../kit";
import { t } from "../../text";
import { CauseNote } from "../failures";
import { isAccepted, termsOf } from "./plans";
import { acceptTerms, TermsTick } from "./Terms";

interface UseModeDialogProps {
  billing: BillingView;
  mode: BillingMode;
  onClose: () => void;
}

export function UseModeDialog({ billing, mode, onClose }: UseModeDialogProps) {
  const [isTicked, setTicked] = useState(false);
  const stay = useRef<HTMLButtonElement>(null);
  const texts = termsOf(billing, mode);
  const needsTerms = !isAccepted(texts);
  const choose = useCommand(async () => {
    if (needsTerms) await acceptTerms(texts);
    await bridge.billingChoose(mode);
    onClose();
  });
  const toVendor = mode === "vendor_billed";
  const reason = needsTerms && !isTicked ? t("onboarding.needTerms") : null;
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={stay}
      title={toVendor ? t("change.toVendorTitle") : t("change.toByokTitle")}
      foot={
        <>
          <span className="hint grow">{reason}</span>
          <Button ref={stay} onClick={onClose}>
            {t("change.stay")}
          </Button>
          <Button variant="primary" busy={choose.busy} disabledReason={reason} onClick={choose.run}>
            {t("change.confirm")}
          </Button>
        </>
      }
    >
      <p className="quiet">{toVendor ? t("change.toVendor") : t("change.toByok")}</p>
      <p className="quiet">{t("change.planAllows")}</p>
      {needsTerms ? <TermsTick mode={mode} isTicked={isTicked} onTick={setTicked} /> : null}
      {choose.error ? <CauseNote error={choose.error} /> : null}
    </Dialog>
  );
}
