/** Settings > Billing: who bills, the plan, the terms. */
import { useQuery } from "@tanstack/react-query";
import { Suspense, useId, useState } from "react";
import { type BillingMode, type BillingView, bridge, type KeysView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Card, Icon, Note, TextButton } from "../../kit";
import { navigate } from "../../route";
import { format, t } from "../../text";
import { ErrorNote } from "../failures";
import { planOf } from "./plans";
import { SwitchDialog } from "./SwitchDialog";
import { acceptTerms, TermsDialog } from "./Terms";

export function BillingScreen() {
  const { data: billing, error, refetch } = useQuery(queries.billing);
  const { data: keys } = useQuery(queries.keys);
  if (error) return <ErrorNote error={error} onRetry={refetch} />;
  if (!billing || !keys) return null;
  return (
    <div className="page__in">
      <header className="page__head">
        <h1>{t("settings.billing")}</h1>
      </header>
      <Mode billing={billing} keys={keys} />
      <Plan billing={billing} />
      <Terms billing={billing} />
    </div>
  );
}

function Mode({ billing, keys }: { billing: BillingView; keys: KeysView }) {
  const group = useId();
  // Choosing asks; only the confirmation puts a mode in force.
  const [asked, setAsked] = useState<BillingMode | null>(null);
  const back = useCommand(() => bridge.billingChoose("byok"));
  const choose = (mode: BillingMode) => mode !== billing.mode && setAsked(mode);
  const inUse = <span className="tag tag--brass">{t("billing.inUse")}</span>;
  return (
    <section className="sect sect--first">
      <fieldset>
        <legend className="h2">{t("billing.how")}</legend>
        <div className="cards cards--compact">
          <Card
            compact
            group={group}
            checked={billing.mode === "byok"}
            onChoose={() => choose("byok")}
            title={t("billing.byok")}
            mark={billing.mode === "byok" ? inUse : undefined}
          >
            <span className="quiet">{t("billing.byokSettings")}</span>
          </Card>
          <Card
            compact
            group={group}
            checked={billing.mode === "vendor_billed"}
            onChoose={() => choose("vendor_billed")}
            title={t("billing.vendor")}
            mark={billing.mode === "vendor_billed" ? inUse : undefined}
          >
            <span className="quiet">{t("billing.vendorSettings")}</span>
          </Card>
        </div>
      </fieldset>
      {billing.mode === "vendor_billed" ? (
        <div className="sect__note">
          <Note
            tone="warn"
            icon="receipt"
            title={t("billing.vendorOut")}
            actions={
              <Button size="s" busy={back.busy} onClick={back.run}>
                {t("billing.useOwnKeys")}
              </Button>
            }
          >
            <p>{t("billing.vendorOutText")}</p>
            {back.error ? <ErrorNote bare error={back.error} /> : null}
          </Note>
        </div>
      ) : null}
      <p className="row sect__note quiet">
        <Icon name="key" size="s" />
        <span className="grow">{keysLine(keys)}</span>
        <TextButton onClick={() => navigate({ screen: "settings", section: "keys" })}>
          {t("billing.manageKeys")}
        </TextButton>
      </p>
      <SwitchDialog to={asked} store={keys.store} hasKeys={keys.keys.length > 0} onClose={() => setAsked(null)} />
    </section>
  );
}

/** How many keys there are, whose, and where they really are. */
function keysLine({ keys, store }: KeysView): string {
  const kept = keys.filter(({ place }) => place === "system" || place === "session" || place === "set_aside");
  if (kept.length === 0) return t("billing.keysNone");
  const providers = [...new Set(kept.map((key) => (key.ownAddress ? key.label : key.providerName)))].join(", ");
  const inMemory = kept.filter(({ place }) => place === "session").length;
  const named = { count: kept.length, store: store.name, providers };
  if (inMemory === 0) return t("billing.keysKept", named);
  return inMemory === kept.length
    ? t("billing.keysInMemory", named)
    : t("billing.keysPartlyInMemory", { ...named, inMemory });
}

function Plan({ billing }: { billing: BillingView }) {
  const plan = billing.mode ? planOf(billing, billing.mode) : undefined;
  if (!plan) return null;
  const byok = plan.mode === "byok";
  return (
    <section className="sect" aria-labelledby="billing-plan">
      <h2 id="billing-plan">{t("billing.plan")}</h2>
      <dl className="rows">
        <div className="r">
          <dt>{byok ? t("billing.fee") : t("billing.planVendor")}</dt>
          <dd className="r__v">
            <span className="num">{t("billing.feeMonthly", { price: format.planPrice(plan.monthly) })}</span>
            {plan.annual ? (
              <span className="num quiet"> {t("billing.feeAnnual", { price: format.planPrice(plan.annual) })}</span>
            ) : null}
            <small>
              {byok
                ? t("billing.feeNote", { days: plan.trialDays })
                : plan.included
                  ? t("billing.planVendorNote", { included: format.planPrice(plan.included) })
                  : null}
            </small>
            <small>{t("billing.notCharged")}</small>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Terms({ billing: { terms } }: { billing: BillingView }) {
  const [isOpen, setOpen] = useState(false);
  const accept = useCommand(async () => {
    await acceptTerms(terms);
    setOpen(false);
  });
  const isDue = terms.acceptedAt === null;
  return (
    <section className="sect" aria-labelledby="billing-terms">
      <h2 id="billing-terms">{t("billing.terms")}</h2>
      <dl className="rows">
        <div className="r">
          <dt>{t("billing.termsTitle")}</dt>
          <dd className="r__v">
            {t("billing.termsVersion", { version: terms.version })}
            <small>
              {terms.acceptedAt === null
                ? t("billing.termsNotAccepted")
                : t("billing.termsAccepted", { day: format.day(terms.acceptedAt) })}
            </small>
          </dd>
          <dd>
            <Button size="s" onClick={() => setOpen(true)}>
              {t("billing.termsRead")}
            </Button>
          </dd>
        </div>
      </dl>
      {isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog
            terms={terms}
            busy={accept.busy}
            error={accept.error}
            onClose={() => setOpen(false)}
            onAccept={isDue ? accept.run : undefined}
          />
        </Suspense>
      ) : null}
    </section>
  );
}
