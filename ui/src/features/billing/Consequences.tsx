/** What a switch of the billing mode changes, in words, side by side. */
import type { BillingMode, BillingView, KeysView } from "../../bridge";
import { format, t } from "../../text";
import { planOf } from "./plans";

interface ConsequencesProps {
  billing: BillingView;
  keys: KeysView;
  to: BillingMode;
}

export function Consequences({ billing, keys, to }: ConsequencesProps) {
  const own = keys.keys.filter(({ place }) => place !== "none");
  const providers = [...new Set(own.map((key) => (key.ownAddress ? key.label : key.providerName)))].join(", ");
  const hasKeys = own.length > 0;
  const byok = planOf(billing, "byok");
  const vendor = planOf(billing, "vendor_billed");
  const columns: Record<BillingMode, [string, string, string, string]> = {
    byok: [
      hasKeys ? t("change.byok.use", { providers }) : t("change.byok.useNoKey"),
      byok ? t("change.byok.price", { price: format.planPrice(byok.monthly) }) : "",
      t("change.byok.requests"),
      hasKeys ? t("change.byok.keys") : t("change.byok.noKeys"),
    ],
    vendor_billed: [
      t("change.vendor.use"),
      vendor
        ? t("change.vendor.price", {
            price: format.planPrice(vendor.monthly),
            included: format.planPrice(vendor.included ?? "0"),
          })
        : "",
      t("change.vendor.requests"),
      hasKeys ? t("change.vendor.keys", { store: keys.store.name }) : t("change.vendor.noKeys"),
    ],
  };
  const from = columns[to === "byok" ? "vendor_billed" : "byok"];
  const names = [t("change.use"), t("change.price"), t("change.requests"), t("change.keys")];
  return (
    <table className="table table--tight consequences">
      <thead>
        <tr>
          <th scope="col">
            <span className="vh">{t("change.what")}</span>
          </th>
          <th scope="col">{t("change.before")}</th>
          <th scope="col">{t("change.after")}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name, at) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{from[at]}</td>
            <td>{columns[to][at]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
