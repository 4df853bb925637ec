/**
 * The confirmation before another plan, and with it perhaps another billing mode: what changes, when, and what it costs, with the
 * platform's own figures. What is confirmed is what was shown; on failure nothing has changed.
 */
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import {
  BackendError,
  type BillingMode,
  type BillingView,
  bridge,
  type KeysView,
  type PlanPreviewView,
  queries,
  type SwitchTime,
} from "../../bridge";
import { useCommand } from "../../command";
import { Button, Card, Dialog, Spinner } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { Consequences } from "./Consequences";
import { LastMonth } from "./LastMonth";
import { isAccepted, planOf, termsOf } from "./plans";
import { acceptTerms, TermsTick } from "./Terms";

interface ChangeDialogProps {
  billing: BillingView;
  keys: KeysView;
  /** The plan's code, and its mode. */
  plan: string;
  mode: BillingMode;
  onClose: () => void;
}

export function ChangeDialog({ billing, keys, plan, mode, onClose }: ChangeDialogProps) {
  const isSwitch = mode !== billing.mode;
  const toVendor = mode === "vendor_billed";
  const [when, setWhen] = useState<SwitchTime>("now");
  const [isTicked, setTicked] = useState(false);
  const stay = useRef<HTMLButtonElement>(null);
  const preview = useQuery({
    queryKey: ["preview", plan, when],
    queryFn: () => bridge.planPreview(plan, when),
    // A preview is good for what was shown, not for the next time.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  const texts = termsOf(billing, mode);
  const needsTerms = !isAccepted(texts);
  const change = useCommand(async (shown: PlanPreviewView) => {
    if (needsTerms) await acceptTerms(texts);
    try {
      await bridge.planChange(shown.preview);
    } catch (error) {
      // The figures are others by now: they are shown before it is asked again.
      if (error instanceof BackendError && error.code === "preview_changed") preview.refetch();
      throw error;
    }
    onClose();
  });
  const shown = preview.data;
  const reason = needsTerms && !isTicked ? t("onboarding.needTerms") : shown ? null : t("change.waitsForFigures");
  const title = isSwitch
    ? toVendor
      ? t("change.toVendorTitle")
      : t("change.toByokTitle")
    : t("change.planTitle", { plan: shown?.planName ?? planOf(billing, mode)?.name ?? "" });
  return (
    <Dialog
      open
      size="l"
      onClose={onClose}
      initialFocus={stay}
      title={title}
      foot={
        <>
          <span className="hint grow">{reason}</span>
          <Button ref={stay} size="l" onClick={onClose}>
            {isSwitch && toVendor ? t("change.keepKeys") : t("change.stay")}
          </Button>
          <Button
            variant="primary"
            size="l"
            busy={change.busy}
            disabledReason={reason}
            onClick={() => shown && change.run(shown)}
          >
            {shown ? confirmLabel(shown) : t("change.confirm")}
          </Button>
        </>
      }
    >
      <p className="quiet">
        {isSwitch ? (toVendor ? t("change.toVendor") : t("change.toByok")) : t("change.planText")}
      </p>
      {isSwitch ? <Consequences billing={billing} keys={keys} to={mode} /> : null}
      <When billing={billing} when={when} preview={shown} onChoose={setWhen} />
      {preview.isFetching ? (
        <p className="row quiet" role="status">
          <Spinner /> {t("change.reckoning")}
        </p>
      ) : null}
      {preview.error ? <CauseNote error={preview.error} onRetry={preview.refetch} /> : null}
      {shown ? <Figures preview={shown} /> : null}
      {isSwitch ? <LastMonth mode={mode} /> : null}
      {needsTerms ? <TermsTick mode={mode} isTicked={isTicked} onTick={setTicked} /> : null}
      {change.error ? <CauseNote error={change.error} /> : null}
    </Dialog>
  );
}

const isPositive = (amount: string): boolean => /^(?!-).*[1-9]/.test(amount);

function confirmLabel({ when, estimate, effectiveAt }: PlanPreviewView): string {
  if (when === "period_end") return t("change.confirmLater", { day: format.day(effectiveAt) });
  return estimate && isPositive(estimate.net)
    ? t("change.confirmAndPay", { amount: format.total(estimate.net) })
    : t("change.confirm");
}

interface WhenProps {
  billing: BillingView;
  when: SwitchTime;
  preview: PlanPreviewView | undefined;
  onChoose: (when: SwitchTime) => void;
}

function When({ when, preview, onChoose }: WhenProps) {
  const group = useId();
  const { data: subscription } = useQuery(queries.subscription);
  const end = subscription?.periodEnd ?? null;
  const due = preview?.when === "now" && preview.estimate ? preview.estimate.net : null;
  return (
    <fieldset>
      <legend className="label">{t("change.when")}</legend>
      <div className="cards cards--compact">
        <Card compact group={group} checked={when === "now"} onChoose={() => onChoose("now")} title={t("change.now")}>
          <span className="hint">
            {due === null
              ? t("change.nowText")
              : isPositive(due)
                ? t("change.dueToday", { amount: format.total(due) })
                : t("change.nothingToday")}
          </span>
        </Card>
        <Card
          compact
          group={group}
          checked={when === "period_end"}
          onChoose={() => onChoose("period_end")}
          title={end === null ? t("change.atRenewal") : t("change.atRenewalOn", { day: format.day(end) })}
        >
          <span className="hint">{t("change.nothingToday")}</span>
        </Card>
      </div>
    </fieldset>
  );
}

/** What it costs now, to the cent; at the end of the period nothing is charged before. */
function Figures({ preview }: { preview: PlanPreviewView }) {
  const { estimate, when, exact, planName, price, interval, effectiveAt } = preview;
  const then = price && interval ? priceLine(price, interval) : null;
  if (when === "period_end" || !estimate) {
    return then ? <p className="quiet">{t("change.then", { price: then, day: format.day(effectiveAt) })}</p> : null;
  }
  const isCredit = estimate.net.startsWith("-");
  return (
    <table className="table table--tight num">
      <caption className="vh">{t("change.figures")}</caption>
      <tbody>
        <tr>
          <td>{t("change.charge", { plan: planName })}</td>
          <td className="right">{format.total(estimate.charge)}</td>
        </tr>
        <tr>
          <td>{t("change.credit")}</td>
          <td className="right">{format.total(negated(estimate.credit))}</td>
        </tr>
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {isCredit ? t("change.kept") : t("change.due")}{" "}
            <span className="faint">{exact ? then && t("change.thenPrice", { price: then }) : t("change.about")}</span>
          </th>
          <td className="right">{format.total(isCredit ? estimate.net.slice(1) : estimate.net)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

const negated = (amount: string): string => (/[1-9]/.test(amount) ? `-${amount}` : amount);

/** "$24 a month". */
export function priceLine(price: string, interval: "month" | "year"): string {
  const named = { price: format.planPrice(price) };
  return interval === "month" ? t("billing.aMonth", named) : t("billing.aYear", named);
}
