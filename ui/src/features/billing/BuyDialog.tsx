/** Going over to a mode without a plan of it: what it costs, its terms, an account, and the payment. One step after the other. */
import { useRef, useState } from "react";
import { type AccountView, type BillingMode, type BillingView, bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, Segments } from "../../kit";
import { format, t } from "../../text";
import { askToSignIn, licenceStop } from "../account";
import { CauseNote } from "../failures";
import { PaymentDialog } from "./PaymentDialog";
import { isAccepted, planOf, termsOf } from "./plans";
import { acceptTerms, TermsTick } from "./Terms";

interface BuyDialogProps {
  billing: BillingView;
  account: AccountView;
  mode: BillingMode;
  onClose: () => void;
}

type Interval = "month" | "year";

export function BuyDialog({ billing, account, mode, onClose }: BuyDialogProps) {
  const plan = planOf(billing, mode);
  const [interval, setInterval] = useState<Interval>("month");
  const [isTicked, setTicked] = useState(false);
  const [isPaying, setPaying] = useState(false);
  const later = useRef<HTMLButtonElement>(null);
  const texts = termsOf(billing, mode);
  const needsTerms = !isAccepted(texts);
  const begin = useCommand(async () => {
    if (account.kind !== "signed_in" && !(await askToSignIn())) return;
    // Whoever signs in may have a plan already, and terms of their own to accept.
    const now = await bridge.billingView();
    const due = termsOf(now, mode).filter(({ acceptedAt }) => acceptedAt === null);
    if (due.length > 0) await acceptTerms(due);
    if (licenceStop(await bridge.accountView(), mode) === null) {
      const { standing } = await bridge.subscriptionView();
      if (standing !== "trial") {
        await bridge.billingChoose(mode);
        onClose();
        return;
      }
    }
    setPaying(true);
  });
  if (!plan) return null;
  const code = interval === "year" && plan.annualCode ? plan.annualCode : plan.monthlyCode;
  if (isPaying) return <PaymentDialog plan={code} name={plan.name} onClose={onClose} />;
  const reason = needsTerms && !isTicked ? t("onboarding.needTerms") : null;
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={later}
      title={t("buy.title", { plan: plan.name })}
      foot={
        <>
          <span className="hint grow">{reason}</span>
          <Button ref={later} onClick={onClose}>
            {t("buy.later")}
          </Button>
          <Button variant="primary" busy={begin.busy} disabledReason={reason} onClick={begin.run}>
            {account.kind === "signed_in" ? t("buy.pay") : t("buy.signInAndPay")}
          </Button>
        </>
      }
    >
      <p className="quiet">
        {mode === "byok" ? t("buy.byok") : t("buy.vendor", { included: format.planPrice(plan.included ?? "0") })}
      </p>
      {plan.annual ? (
        <Segments<Interval>
          label={t("buy.interval")}
          name="interval"
          value={interval}
          options={[
            { value: "month", label: t("billing.aMonth", { price: format.planPrice(plan.monthly) }) },
            { value: "year", label: t("billing.aYear", { price: format.planPrice(plan.annual) }) },
          ]}
          onChange={setInterval}
        />
      ) : null}
      {needsTerms ? <TermsTick mode={mode} isTicked={isTicked} onTick={setTicked} /> : null}
      {begin.error ? <CauseNote error={begin.error} /> : null}
    </Dialog>
  );
}
