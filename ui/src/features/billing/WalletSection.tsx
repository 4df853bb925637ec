/** Settings > Billing in vendor-billed mode: what is left, the limit above it, and where it went. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { bridge, queries, type WalletView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Field, Table } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { isAmount } from "./amount";
import { Meter } from "./Meter";

/** Days that are listed: the top of what was used. */
const DAYS = 5;

export function WalletSection() {
  const { data: wallet, error, refetch } = useQuery(queries.wallet);
  return (
    <section className="sect" aria-labelledby="billing-wallet">
      <h2 id="billing-wallet">{t("wallet.title")}</h2>
      {error ? <CauseNote error={error} onRetry={refetch} /> : null}
      {wallet ? <Wallet wallet={wallet} /> : null}
    </section>
  );
}

function Wallet({ wallet }: { wallet: WalletView }) {
  const { included, allowance, overage, resetsAt, days } = wallet;
  const left = allowance.startsWith("-") ? "0" : allowance;
  const used = Number(included) - Number(left);
  const top = [...days].sort((a, b) => Number(b.amount) - Number(a.amount)).slice(0, DAYS);
  return (
    <>
      <dl className="rows">
        <div className="r">
          <dt>{t("wallet.allowance")}</dt>
          <dd className="r__v">
            <span className="num">
              {t("wallet.leftOf", { left: format.total(left), included: format.planPrice(included) })}
            </span>
            <Meter label={t("wallet.used")} value={used} max={Number(included)} />
            <small>{resetsAt === null ? null : t("wallet.resets", { day: format.day(resetsAt) })}</small>
          </dd>
        </div>
        <div className="r">
          <dt>{t("wallet.above")}</dt>
          <dd className="r__v">
            <Cap key={wallet.overageCap} wallet={wallet} />
            <small>{t("wallet.overage", { amount: format.total(overage) })}</small>
          </dd>
        </div>
      </dl>
      {top.length > 0 ? (
        <Table
          caption={t("wallet.days")}
          head={
            <>
              <th scope="col">{t("wallet.day")}</th>
              <th scope="col" className="right">
                {t("wallet.spent")}
              </th>
            </>
          }
        >
          {top.map(({ day, amount }) => (
            <tr key={day}>
              <td>{format.isoDay(day)}</td>
              <td className="right num">{format.total(amount)}</td>
            </tr>
          ))}
        </Table>
      ) : null}
    </>
  );
}

function Cap({ wallet }: { wallet: WalletView }) {
  const [text, setText] = useState(format.roundDecimal(wallet.overageCap, 2));
  const save = useCommand(() => bridge.walletSetCap(text.trim()));
  const problem = isAmount(text, wallet.planCap)
    ? null
    : t("wallet.capProblem", { max: format.planPrice(wallet.planCap) });
  const isChanged = text.trim() !== format.roundDecimal(wallet.overageCap, 2);
  return (
    <form
      className="row row--top"
      onSubmit={(event) => {
        event.preventDefault();
        if (!problem && isChanged) save.run();
      }}
    >
      <Field label={t("wallet.cap")} hint={t("wallet.capHint")} problem={problem}>
        {(control) => (
          <input
            {...control}
            className="input input--num"
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" size="s" busy={save.busy} disabledReason={isChanged ? problem : t("wallet.capUnchanged")}>
        {t("wallet.setCap")}
      </Button>
      {save.error ? <CauseNote bare error={save.error} /> : null}
    </form>
  );
}
