/** Settings > Billing: the plan, its price and period, what it grants, and changing or ending it. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import {
  type AccountView,
  type BillingView,
  bridge,
  type FeatureView,
  type KeysView,
  queries,
  type SubscriptionView,
} from "../../bridge";
import { useCommand } from "../../command";
import { Button, TextButton } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { BuyDialog } from "./BuyDialog";
import { CancelDialog } from "./CancelDialog";
import { ChangeDialog, priceLine } from "./ChangeDialog";
import { Meter } from "./Meter";
import { isPaidFor, planOf } from "./plans";

interface PlanSectionProps {
  billing: BillingView;
  keys: KeysView;
  account: AccountView;
}

type Open = "buy" | "change" | "cancel" | null;

export function PlanSection({ billing, keys, account }: PlanSectionProps) {
  const [open, setOpen] = useState<Open>(null);
  const {
    data: subscription,
    error,
    refetch,
  } = useQuery({
    ...queries.subscription,
    enabled: account.kind === "signed_in",
  });
  const portal = useCommand(() => bridge.portalOpen("payment"));
  const mode = billing.mode ?? "byok";
  const isPaid = subscription !== undefined && isPaidFor(subscription);
  const shut = () => setOpen(null);
  const other = subscription && isPaid ? otherInterval(billing, subscription) : null;
  return (
    <section className="sect" aria-labelledby="billing-plan">
      <div className="sect__head">
        <h2 id="billing-plan" className="h2">
          {t("billing.plan")}
        </h2>
        {isPaid ? (
          <TextButton disabled={portal.busy} onClick={portal.run}>
            {t("billing.cardAndInvoices")} <span className="vh">{t("billing.inBrowser")}</span>
          </TextButton>
        ) : null}
      </div>
      {portal.error ? <CauseNote bare error={portal.error} /> : null}
      {error ? <CauseNote error={error} onRetry={refetch} /> : null}
      {subscription && isPaid ? (
        <Paid
          subscription={subscription}
          yearly={other ? <OtherInterval other={other} onPress={() => setOpen("change")} /> : null}
          onCancel={() => setOpen("cancel")}
        />
      ) : error ? null : (
        <NotPaid billing={billing} account={account} onChoose={() => setOpen("buy")} />
      )}
      {open === "buy" ? <BuyDialog billing={billing} account={account} mode={mode} onClose={shut} /> : null}
      {open === "cancel" && subscription ? <CancelDialog subscription={subscription} onClose={shut} /> : null}
      {open === "change" && other && subscription?.mode ? (
        <ChangeDialog billing={billing} keys={keys} plan={other.code} mode={subscription.mode} onClose={shut} />
      ) : null}
    </section>
  );
}

interface Other {
  code: string;
  isYearly: boolean;
  /** What a year saves, exact dollars; none the other way. */
  saves: string | null;
}

/** The same plan at the other interval, where it is offered. */
function otherInterval(billing: BillingView, { mode, interval, change }: SubscriptionView): Other | null {
  const plan = mode && planOf(billing, mode);
  if (!plan || plan.annual === null || plan.annualCode === null || change?.state === "scheduled") return null;
  if (interval === "year") return { code: plan.monthlyCode, isYearly: false, saves: null };
  return { code: plan.annualCode, isYearly: true, saves: savedBy(plan.monthly, plan.annual) };
}

/** Twelve months less a year, in whole cents. */
function savedBy(monthly: string, annual: string): string | null {
  const cents = (amount: string) => BigInt(format.roundDecimal(amount, 2).replace(".", ""));
  const saved = cents(monthly) * 12n - cents(annual);
  if (saved <= 0n) return null;
  const digits = saved.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function OtherInterval({ other, onPress }: { other: Other; onPress: () => void }) {
  return (
    <Button size="s" onClick={onPress}>
      {other.isYearly
        ? other.saves
          ? t("billing.payYearlySaves", { amount: format.planPrice(other.saves) })
          : t("billing.payYearly")
        : t("billing.payMonthly")}
    </Button>
  );
}

interface PaidProps {
  subscription: SubscriptionView;
  yearly: ReactNode;
  onCancel: () => void;
}

function Paid({ subscription, yearly, onCancel }: PaidProps) {
  const reactivate = useCommand(bridge.planReactivate);
  const { planName, price, interval, mode, included, standing, periodEnd, endsAt, features } = subscription;
  const counted = features.filter(({ used }) => used !== null);
  return (
    <dl className="rows">
      <div className="r">
        <dt>{mode === "vendor_billed" ? t("billing.planVendor") : t("billing.fee")}</dt>
        <dd className="r__v">
          <span className="num">{price && interval ? priceLine(price, interval) : planName}</span>
          <small>
            {mode === "vendor_billed" && included
              ? t("billing.planVendorNote", { included: format.planPrice(included) })
              : t("billing.feeNote")}
          </small>
        </dd>
        <dd>{yearly}</dd>
      </div>
      <div className="r">
        <dt>{endsAt === null ? t("billing.renews") : t("billing.ends")}</dt>
        <dd className="r__v">
          {format.dayOr(endsAt ?? periodEnd, t("billing.notKnown"))}
          <small>
            {standing === "past_due"
              ? t("billing.pastDue")
              : endsAt === null
                ? t("billing.renewsNote")
                : t("billing.endsNote")}
          </small>
          {reactivate.error && endsAt !== null ? <CauseNote bare error={reactivate.error} /> : null}
        </dd>
        <dd>
          {endsAt === null ? (
            <Button size="s" variant="ghost" onClick={onCancel}>
              {t("billing.cancelPlan")}
            </Button>
          ) : (
            <Button size="s" busy={reactivate.busy} onClick={reactivate.run}>
              {t("billing.reactivate")}
            </Button>
          )}
        </dd>
      </div>
      {counted.length > 0 ? (
        <div className="r">
          <dt>{t("billing.thisPeriod")}</dt>
          <dd className="r__v r__v--wide">
            {counted.map((feature) => (
              <Used key={feature.code} feature={feature} />
            ))}
          </dd>
        </div>
      ) : null}
    </dl>
  );
}

function Used({ feature: { name, used, max } }: { feature: FeatureView }) {
  const count = used ?? 0;
  return (
    <div>
      <span className="row row--between">
        <span>{name}</span>
        <span className="num quiet">
          {max === null ? t("billing.unlimited", { count }) : t("billing.usedOf", { count, max })}
        </span>
      </span>
      {max === null ? null : <Meter label={t("billing.usedOfNamed", { name })} value={count} max={max} />}
    </div>
  );
}

interface NotPaidProps {
  billing: BillingView;
  account: AccountView;
  onChoose: () => void;
}

function NotPaid({ billing, account, onChoose }: NotPaidProps) {
  const plan = planOf(billing, billing.mode ?? "byok");
  if (!plan) return null;
  const { licence } = account;
  const isTrial = licence?.standing === "trial" && licence.state.state !== "limited";
  return (
    <dl className="rows">
      <div className="r">
        <dt>{plan.name}</dt>
        <dd className="r__v">
          <span className="num">{t("billing.aMonth", { price: format.planPrice(plan.monthly) })}</span>
          <small>
            {isTrial && licence.end !== null
              ? t("billing.inTrial", { day: format.day(licence.end) })
              : t("billing.noPlan")}
          </small>
        </dd>
        <dd>
          <Button size="s" onClick={onChoose}>
            {t("billing.choosePlan")}
          </Button>
        </dd>
      </div>
    </dl>
  );
}
