/** What last month's calls came to in each mode, from this computer's receipts. */
import { useQuery } from "@tanstack/react-query";
import { type BillingMode, queries } from "../../bridge";
import { format, t } from "../../text";

export function LastMonth({ mode }: { mode: BillingMode }) {
  const { data } = useQuery(queries.lastMonth);
  if (!data || data.calls === 0 || data.byok === null || data.vendorBilled === null) return null;
  const [now, then] = mode === "byok" ? [data.vendorBilled, data.byok] : [data.byok, data.vendorBilled];
  return (
    <p className="hint">
      {t("change.lastMonth", {
        month: format.month(data.month),
        calls: data.calls,
        use: format.total(data.modelUse),
        asIs: format.total(now),
        after: format.total(then),
      })}{" "}
      {data.unknown > 0 ? t("change.lastMonthUnknown", { count: data.unknown }) : null}
    </p>
  );
}
