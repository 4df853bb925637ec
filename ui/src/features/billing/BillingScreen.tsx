/** Settings > Billing: who bills, the plan, what is left, the licence, the terms. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { type AccountView, type BillingMode, type BillingView, bridge, type KeysView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Card, Icon, Note, TextButton } from "../../kit";
import { navigate } from "../../route";
import { format, t } from "../../text";
import { Account, isSignedOut, LicenceNotice, licenceStop } from "../account";
import { CauseNote, ErrorNote } from "../failures";
import { placeName } from "../store";
import { BuyDialog } from "./BuyDialog";
import { ChangeDialog } from "./ChangeDialog";
import { PlanSection } from "./PlanSection";
import { isPaidFor, planOf } from "./plans";
import { TermsSection } from "./TermsSection";
import { UseModeDialog } from "./UseModeDialog";
import { WalletSection } from "./WalletSection";

export function BillingScreen() {
  const { data: billing, error, refetch } = useQuery(queries.billing);
  const { data: keys } = useQuery(queries.keys);
  const { data: account } = useQuery(queries.account);
  const { run: refresh, error: notRefreshed } = useCommand(bridge.billingRefresh);
  useEffect(() => {
    refresh();
  }, [refresh]);
  if (error) return <ErrorNote error={error} onRetry={refetch} />;
  if (!billing || !keys || !account) return null;
  const mode = billing.mode ?? "byok";
  return (
    <div className="page__in">
      <header className="page__head">
        <h1>{t("settings.billing")}</h1>
        <span className="quiet">{account.email}</span>
      </header>
      <LicenceNotice inBilling />
      <Mode billing={billing} keys={keys} account={account} />
      {billing.plans.length === 0 && notRefreshed ? (
        <section className="sect">
          <CauseNote error={notRefreshed} onRetry={refresh} />
        </section>
      ) : isSignedOut(account) ? null : (
        <PlanSection billing={billing} keys={keys} account={account} />
      )}
      {mode === "vendor_billed" && licenceStop(account, mode) === null ? <WalletSection /> : null}
      <Account account={account} />
      <TermsSection billing={billing} mode={mode} />
    </div>
  );
}

interface ModeProps {
  billing: BillingView;
  keys: KeysView;
  account: AccountView;
}

function Mode({ billing, keys, account }: ModeProps) {
  const group = useId();
  // Choosing asks; only the confirmation puts a mode in force.
  const [asked, setAsked] = useState<BillingMode | null>(null);
  const isFixed = billing.switching !== null || billing.scheduled !== null;
  const choose = (mode: BillingMode) => mode !== billing.mode && !isFixed && setAsked(mode);
  const card = (mode: BillingMode, title: string, text: string) => (
    <Card
      compact
      group={group}
      checked={billing.mode === mode}
      onChoose={() => choose(mode)}
      title={title}
      mark={billing.mode === mode ? <span className="tag tag--brass">{t("billing.inUse")}</span> : undefined}
    >
      <span className="quiet">{text}</span>
    </Card>
  );
  return (
    <section className="sect sect--first">
      <fieldset>
        <legend className="h2">{t("billing.how")}</legend>
        <div className="cards cards--compact">
          {card("byok", t("billing.byok"), t("billing.byokSettings"))}
          {card("vendor_billed", t("billing.vendor"), t("billing.vendorSettings"))}
        </div>
      </fieldset>
      <Switching billing={billing} />
      <p className="row sect__note quiet">
        <Icon name="key" size="s" />
        <span className="grow">{keysLine(keys)}</span>
        <TextButton onClick={() => navigate({ screen: "settings", section: "keys" })}>
          {t("billing.manageKeys")}
        </TextButton>
      </p>
      {asked ? (
        <SwitchDialog billing={billing} keys={keys} account={account} to={asked} onClose={() => setAsked(null)} />
      ) : null}
    </section>
  );
}

/** A switch that was agreed and waits, or that was sent and whose outcome nobody knows yet. */
function Switching({ billing }: { billing: BillingView }) {
  const check = useCommand(bridge.licenceCheck);
  const withdraw = useCommand(bridge.planChangeWithdraw);
  const { switching, scheduled } = billing;
  if (switching) {
    return (
      <div className="sect__note">
        <Note
          tone="warn"
          icon="clock"
          role="status"
          title={t("change.unknown")}
          actions={
            <Button size="s" busy={check.busy} onClick={check.run}>
              {t("change.askAgain")}
            </Button>
          }
        >
          <p>{t("change.unknownText")}</p>
          {check.error ? <CauseNote bare error={check.error} /> : null}
        </Note>
      </div>
    );
  }
  if (!scheduled) return null;
  const named = { plan: scheduled.planName, day: format.day(scheduled.at) };
  return (
    <div className="sect__note">
      <Note
        tone="info"
        icon="clock"
        title={scheduled.mode === "byok" ? t("change.scheduledByok", named) : t("change.scheduledVendor", named)}
        actions={
          <Button size="s" busy={withdraw.busy} onClick={withdraw.run}>
            {t("change.withdraw")}
          </Button>
        }
      >
        <p>{t("change.scheduledText")}</p>
        {withdraw.error ? <CauseNote bare error={withdraw.error} /> : null}
      </Note>
    </div>
  );
}

interface SwitchDialogProps extends ModeProps {
  to: BillingMode;
  onClose: () => void;
}

type Need = "nothing" | "change" | "purchase";

/** The confirmation that a switch needs: nothing to buy, a plan to change, or a first plan to pay for. */
function SwitchDialog({ billing, keys, account, to, onClose }: SwitchDialogProps) {
  const isAllowed = licenceStop(account, to) === null;
  const isPerson = account.kind === "signed_in";
  const { data: subscription, isFetched } = useQuery({ ...queries.subscription, enabled: !isAllowed && isPerson });
  const plan = planOf(billing, to);
  const found: Need | null = isAllowed
    ? "nothing"
    : isPerson && !isFetched
      ? null
      : subscription && isPaidFor(subscription)
        ? "change"
        : "purchase";
  // What was opened stays until it is closed: in it a person signs in, and the mode changes.
  const [need, setNeed] = useState<Need | null>(null);
  if (need === null && found !== null) setNeed(found);
  if (need === "nothing") return <UseModeDialog billing={billing} mode={to} onClose={onClose} />;
  if (need === "change" && plan) {
    const isYearly = subscription?.interval === "year" && plan.annualCode !== null;
    const code = isYearly && plan.annualCode ? plan.annualCode : plan.monthlyCode;
    return <ChangeDialog billing={billing} keys={keys} plan={code} mode={to} onClose={onClose} />;
  }
  return need === "purchase" ? <BuyDialog billing={billing} account={account} mode={to} onClose={onClose} /> : null;
}

/** How many keys there are, whose, and where they really are. */
function keysLine({ keys, store }: KeysView): string {
  const kept = keys.filter(({ place }) => place !== "none" && place !== "missing" && place !== "session_ended");
  if (kept.length === 0) return t("billing.keysNone");
  const providers = [...new Set(kept.map((key) => (key.ownAddress ? key.label : key.providerName)))].join(", ");
  const inMemory = kept.filter(({ place }) => place === "session").length;
  const named = { count: kept.length, store: placeName(store), providers };
  if (inMemory === 0) return t("billing.keysKept", named);
  return inMemory === kept.length
    ? t("billing.keysInMemory", named)
    : t("billing.keysPartlyInMemory", { ...named, inMemory });
}
