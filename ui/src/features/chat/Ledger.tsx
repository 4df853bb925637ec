/** The note in the margin of an answer: model, cost, tokens, payer. It opens into the whole receipt. */
import clsx from "clsx";
import type { ReactNode } from "react";
import type { CostView, PayerView, ReceiptView, TokensView } from "../../bridge";
import { Popover } from "../../kit";
import { format, t } from "../../text";
import { CopyButton } from "../markdown";
import type { LiveTurn } from "./turns";

interface LedgerProps {
  modelName: string | null;
  payer: PayerView | null;
  receipt: ReceiptView | null;
}

/** The ledger note of a kept answer. */
export function Ledger({ modelName, payer, receipt }: LedgerProps) {
  if (!receipt) {
    return (
      <div className="ledger">
        <b>{modelName}</b>
        {payer ? <Payer payer={payer} /> : null}
      </div>
    );
  }
  return (
    <Popover
      label={t("ledger.receipt")}
      side="left"
      className="receipt"
      trigger={
        <button type="button" className="ledger ledger--button">
          <b>{receipt.modelName}</b>
          <span className={clsx("cost", receipt.cost.kind === "unknown" && "cost--unknown")}>
            {costOf(receipt.cost)}
          </span>
          {receipt.tokens ? <span>{tokensOf(receipt.tokens)}</span> : null}
          <Payer payer={receipt.payer} />
          <span className="vh">{t("ledger.show")}</span>
        </button>
      }
    >
      <Receipt receipt={receipt} />
    </Popover>
  );
}

/** The ledger note of an answer that is being written: everything in it is "so far". */
export function LiveLedger({ live }: { live: LiveTurn }) {
  const { payer, modelName } = live.answer;
  const { costSoFar, costIsEstimate, hasBegun } = live;
  const isFree = payer?.kind === "nobody";
  // Every piece says what the answer cost so far; one that does not comes from a model without a price.
  const isUnknown = !isFree && costSoFar === null && hasBegun;
  return (
    <div className="ledger">
      <b>{modelName}</b>
      <span className={clsx("cost", isUnknown && "cost--unknown")}>
        {isFree
          ? t("ledger.free")
          : costSoFar !== null
            ? t(costIsEstimate ? "ledger.aboutSoFar" : "ledger.soFar", { cost: format.answerCost(costSoFar) })
            : t(isUnknown ? "ledger.unknown" : "ledger.counting")}
      </span>
      {live.tokens ? <span>{tokensOf(live.tokens)}</span> : null}
      {payer ? <Payer payer={payer} /> : null}
    </div>
  );
}

function Payer({ payer }: { payer: PayerView }) {
  switch (payer.kind) {
    case "user_key":
      return <span className="key">{t("ledger.yourKey", { last4: payer.last4 })}</span>;
    case "plan":
      return <span>{t("ledger.yourPlan")}</span>;
    case "nobody":
      return <span>{t("ledger.onThisComputer")}</span>;
  }
}

/** The cost in a word: an amount, "Free", or that it is unknown. */
export function costOf(cost: CostView): string {
  switch (cost.kind) {
    case "known":
      return format.answerCost(cost.amount);
    case "free":
      return t("ledger.free");
    case "unknown":
      return t("ledger.unknown");
  }
}

const tokensOf = ({ input, output }: TokensView): string =>
  t("ledger.tokens", { input: format.count(input), output: format.count(output) });

function Receipt({ receipt }: { receipt: ReceiptView }) {
  const { cost, tokens, payer, firstTokenMs, durationMs, requestId } = receipt;
  return (
    <>
      <h2>{t("ledger.receipt")}</h2>
      <dl>
        <Line name={t("ledger.model")}>
          {receipt.modelName} <span className="faint mono">{receipt.model}</span>
        </Line>
        <Line name={t("ledger.cost")}>
          <strong className="num">{costOf(cost)}</strong>
          <span className="faint">{costNote(cost)}</span>
        </Line>
        <Line name={t("ledger.payer")}>{payerLine(payer)}</Line>
        {tokens ? <Tokens tokens={tokens} /> : null}
        {firstTokenMs === null ? null : <Line name={t("ledger.firstToken")}>{format.seconds(firstTokenMs)}</Line>}
        <Line name={t("ledger.duration")}>{format.seconds(durationMs)}</Line>
        {requestId === null ? null : (
          <Line name={t("ledger.requestId")}>
            <code className="receipt__id">{requestId}</code>
            <CopyButton text={() => requestId} />
          </Line>
        )}
      </dl>
    </>
  );
}

function payerLine(payer: PayerView): string {
  switch (payer.kind) {
    case "user_key":
      return t("ledger.billedBy", { provider: payer.providerName, label: payer.label, last4: payer.last4 });
    case "plan":
      return t("ledger.billedByPlan");
    case "nobody":
      return t("ledger.nobody", { name: payer.label });
  }
}

function Tokens({ tokens }: { tokens: TokensView }) {
  const kinds: [string, number][] = [
    [t("ledger.inputFull"), tokens.inputUncached],
    [t("ledger.cacheRead"), tokens.cacheRead],
    [t("ledger.cacheWrite"), tokens.cacheWrite],
    [t("ledger.output"), tokens.output - tokens.reasoning],
    [t("ledger.reasoning"), tokens.reasoning],
  ];
  return kinds
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => (
      <Line key={name} name={name}>
        <span className="num">{format.count(amount)}</span>
      </Line>
    ));
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Where a price is from and of what day, or why a cost is not known. */
function costNote(cost: CostView): string {
  switch (cost.kind) {
    case "free":
      return t("ledger.freeWhy");
    case "known": {
      const source =
        cost.source === "provider"
          ? t("ledger.fromProvider")
          : t("ledger.fromList", { source: cost.source, date: format.isoDay(cost.asOf) });
      return cost.toBeConfirmed ? `${source} ${t("ledger.toBeConfirmed")}` : source;
    }
    case "unknown": {
      const why = t(`ledger.unknown.${cost.reason}`);
      return cost.atLeast === null ? why : `${why} ${t("ledger.atLeast", { cost: format.answerCost(cost.atLeast) })}`;
    }
  }
}
