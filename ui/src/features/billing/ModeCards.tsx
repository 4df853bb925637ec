/** The choice of who bills, each card with what it costs, who bills for what, and what it needs. */
import { type ReactNode, useId } from "react";
import type { BillingMode, BillingView } from "../../bridge";
import { Card } from "../../kit";
import { format, rich, t } from "../../text";
import { planOf } from "./plans";

interface ModeCardsProps {
  billing: BillingView;
  storeName: string;
  chosen: BillingMode;
  onChoose: (mode: BillingMode) => void;
}

const strong = (chunks: ReactNode[]) => <strong key="strong">{chunks}</strong>;
const price = {
  b: (chunks: ReactNode[]) => <b key="b">{chunks}</b>,
  span: (chunks: ReactNode[]) => (
    <span className="quiet" key="span">
      {chunks}
    </span>
  ),
};

/** Both cards with all consequences, for the first run. */
export function ModeCards({ billing, storeName, chosen, onChoose }: ModeCardsProps) {
  const group = useId();
  const byok = planOf(billing, "byok");
  const vendor = planOf(billing, "vendor_billed");
  const included = vendor?.included ? format.planPrice(vendor.included) : null;
  return (
    <fieldset>
      <legend className="vh">{t("onboarding.mode")}</legend>
      <div className="cards">
        <Card
          group={group}
          checked={chosen === "byok"}
          onChoose={() => onChoose("byok")}
          icon="key"
          title={t("billing.byok")}
          lede={t("billing.byokLede")}
        >
          {byok ? (
            <p className="card__price">
              {rich("billing.byokPrice", { price: format.planPrice(byok.monthly), ...price })}
            </p>
          ) : null}
          <dl className="facts">
            <Fact name={t("billing.fact.pay")}>
              {byok
                ? rich("billing.byok.pay", { price: format.planPrice(byok.monthly), b: strong })
                : rich("billing.byok.payUnknown", { b: strong })}
            </Fact>
            <Fact name={t("billing.fact.requests")}>{t("billing.byok.requests")}</Fact>
            <Fact name={t("billing.fact.keys")}>{t("billing.byok.keys", { store: storeName })}</Fact>
            <Fact name={t("billing.fact.limits")}>{t("billing.byok.limits")}</Fact>
          </dl>
        </Card>
        <Card
          group={group}
          checked={chosen === "vendor_billed"}
          onChoose={() => onChoose("vendor_billed")}
          icon="receipt"
          title={t("billing.vendor")}
          lede={t("billing.vendorLede")}
        >
          {vendor && included ? (
            <p className="card__price">
              {rich("billing.vendorPrice", { price: format.planPrice(vendor.monthly), included, ...price })}
            </p>
          ) : null}
          <dl className="facts">
            <Fact name={t("billing.fact.pay")}>
              {included
                ? rich("billing.vendor.pay", { included, b: strong })
                : rich("billing.vendor.payUnknown", { b: strong })}
            </Fact>
            <Fact name={t("billing.fact.requests")}>{t("billing.vendor.requests")}</Fact>
            <Fact name={t("billing.fact.keys")}>{t("billing.vendor.keys")}</Fact>
            <Fact name={t("billing.fact.limits")}>
              {included ? t("billing.vendor.limits", { included }) : t("billing.vendor.limitsUnknown")}
            </Fact>
          </dl>
        </Card>
      </div>
    </fieldset>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
