/** The first run: who bills, a first key if there is one at hand, the terms, and the licence. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { BackendError, bridge, type PlanView, queries, type StartView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Field, Spinner, TextButton } from "../../kit";
import { format, t } from "../../text";
import { askToSignIn, licenceStop } from "../account";
import { acceptTerms, isAccepted, isAmount, ModeCards, PaymentDialog, planOf, TermsTick, termsOf } from "../billing";
import { CauseNote } from "../failures";
import { isSavable, KeyForm, useFindLocal, useKeyEntry } from "../keys";
import { StorePanel, useSlow, WaitingNote } from "../store";
import { keyInTheWay } from "./keyInTheWay";
import { useKeptMode } from "./useKeptMode";

export default function Onboarding({ start }: { start: StartView }) {
  const titleId = useId();
  const client = useQueryClient();
  const { data: billing = start.billing } = useQuery(queries.billing);
  const { data: keys = start.keys } = useQuery(queries.keys);
  const { data: account } = useQuery(queries.account);
  const { run: refresh, error: notRead } = useCommand(bridge.billingRefresh);
  useEffect(() => {
    refresh();
  }, [refresh]);
  const { mode, choose, keep, error: notKept } = useKeptMode(billing.mode ?? "byok");
  const texts = termsOf(billing, mode);
  const wasAccepted = isAccepted(texts);
  const [ticked, setTicked] = useState<Record<string, boolean>>({});
  const isTicked = ticked[mode] ?? wasAccepted;
  const [limit, setLimit] = useState("0.00");
  const [paying, setPaying] = useState<PlanView | null>(null);
  const entry = useKeyEntry({ provider: start.providers[0]?.id ?? "anthropic" });
  const isOwn = mode === "byok";
  const plan = planOf(billing, mode);

  const over = async () => {
    client.setQueryData(queries.billing.queryKey, await bridge.firstRunFinish());
  };
  /** The mode and its terms: they stand before anything that needs them. */
  const agree = async () => {
    await keep(mode);
    const due = termsOf(await bridge.billingView(), mode).filter(({ acceptedAt }) => acceptedAt === null);
    if (due.length > 0) await acceptTerms(due);
  };
  const finish = useCommand(async (withKey: boolean) => {
    await agree();
    const { licence } = await bridge.accountView();
    if (!licence) await bridge.trialBegin();
    if (withKey && isSavable(entry) && !(await entry.save(""))) return;
    await over();
  });
  const buy = useCommand(async () => {
    await agree();
    if ((await bridge.accountView()).kind !== "signed_in") {
      if (!(await askToSignIn())) return;
      // What was accepted before goes along; whoever had an account may have other terms to accept.
      await agree();
    }
    if (licenceStop(await bridge.accountView(), "vendor_billed") === null) return paid();
    setPaying(plan ?? null);
  });
  const paid = async () => {
    if (Number(limit) > 0) await bridge.walletSetCap(limit.trim());
    await over();
  };
  const end = useCommand(paid);
  /** Leaves with what is agreed so far; messages wait for the rest. */
  const leave = useCommand(async () => {
    await keep(mode);
    await over();
  });
  const signIn = useCommand(async () => {
    await askToSignIn();
  });

  // Once shown it stays, with what was typed, also while it is asked again.
  const [isShown, setShown] = useState(false);
  if (!isShown && (billing.plans.length > 0 || notRead)) setShown(true);

  const busy = finish.busy || buy.busy || end.busy || leave.busy || entry.saving;
  const error = finish.error ?? buy.error ?? end.error ?? leave.error;
  // The licence's credential lies beside the keys: the store may ask for its password for either.
  const isSlow = useSlow(entry.saving || finish.busy);
  const saveFailed = entry.error !== null && entry.failedAt === "save";
  const storeRefusal = [entry.error, finish.error, buy.error].find(isOfTheStore);
  const inTheWay = keyInTheWay(entry, isOwn);
  const withoutPlans = plan ? null : t("onboarding.noPlans");
  const withoutTerms = isTicked ? null : t("onboarding.needTerms");
  const badLimit = isOwn || isAmount(limit, HIGHEST) ? null : t("onboarding.badLimit");
  const reason = inTheWay ?? withoutPlans ?? withoutTerms ?? badLimit;

  if (storeRefusal) {
    return (
      <div className="firstrun firstrun--store">
        <StorePanel
          store={keys.store}
          state={storeRefusal.view.store}
          onReady={() => (isOwn ? finish.run(true) : buy.run())}
          onLeave={leave.run}
        />
        {error && !isOfTheStore(error) ? <CauseNote error={error} /> : null}
      </div>
    );
  }
  if (!isShown) return <Reading titleId={titleId} />;
  return (
    <form
      className="firstrun"
      aria-labelledby={titleId}
      autoComplete="off"
      onSubmit={(event) => event.preventDefault()}
    >
      <h1 id={titleId}>{t("onboarding.title")}</h1>
      <p className="quiet firstrun__lede">{t("onboarding.lede")}</p>
      <ModeCards billing={billing} storeName={keys.store.name} chosen={mode} onChoose={choose} />
      {billing.plans.length === 0 && notRead ? (
        <div className="firstrun__part">
          <CauseNote error={notRead} onRetry={refresh} />
        </div>
      ) : null}
      {notKept ? <CauseNote bare error={notKept} onRetry={() => choose(mode)} /> : null}
      {isOwn ? (
        <FirstKey start={start} entry={entry} localServers={keys.localServers} />
      ) : plan ? (
        <Limit plan={plan} limit={limit} problem={badLimit} onChange={setLimit} />
      ) : null}
      {isSlow || error ? (
        // Above the foot, which lies over the form and must not grow.
        <div ref={inView} className="firstrun__part">
          {isSlow ? <WaitingNote name={keys.store.name} /> : null}
          {error ? <CauseNote error={error} onDismiss={dismissAll(finish, buy, end, leave)} /> : null}
        </div>
      ) : null}
      <div className="firstrun__space" />
      <div className="ask__foot">
        <TermsTick
          mode={mode}
          isTicked={isTicked}
          onTick={(next) => setTicked((before) => ({ ...before, [mode]: next }))}
        />
        <div className="row firstrun__go">
          {account?.kind === "signed_in" ? (
            <span className="hint">{account.email}</span>
          ) : (
            <TextButton disabled={busy} onClick={signIn.run}>
              {t("onboarding.haveAccount")}
            </TextButton>
          )}
          <Button
            variant="primary"
            size="l"
            busy={busy}
            disabledReason={reason}
            onClick={() => (isOwn ? finish.run(true) : buy.run())}
          >
            {plan ? t("onboarding.continue", { price: format.planPrice(plan.monthly) }) : t("onboarding.continuePlain")}
          </Button>
        </div>
        <p className="hint ask__hint">
          {reason}{" "}
          {withoutTerms === null && (inTheWay || (isOwn && saveFailed)) ? (
            <TextButton disabled={busy} onClick={() => (isOwn ? finish.run(false) : buy.run())}>
              {t("onboarding.withoutKey")}
            </TextButton>
          ) : null}
          {reason === null || error || withoutPlans ? (
            <Ways mode={mode} plan={plan} stuck={Boolean(error) || withoutPlans !== null} onLeave={leave.run} />
          ) : null}
        </p>
      </div>
      {paying ? (
        <PaymentDialog
          plan={paying.monthlyCode}
          name={paying.name}
          onClose={(isPaid) => {
            setPaying(null);
            if (isPaid) end.run();
          }}
        />
      ) : null}
    </form>
  );
}

const isOfTheStore = (error: unknown): error is BackendError =>
  error instanceof BackendError && error.code === "credential_store";

/** No plan allows more; what it really allows is told once there is one. */
const HIGHEST = "9999";

/** Shows what came to be outside of what is seen. */
const inView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "nearest" });

const dismissAll =
  (...commands: { dismiss: () => void }[]) =>
  () => {
    for (const { dismiss } of commands) dismiss();
  };

/** Before the platform has said what it offers: nothing that would move under the pointer when it has. */
function Reading({ titleId }: { titleId: string }) {
  const isSlow = useSlow(true);
  return (
    <section className="firstrun" aria-labelledby={titleId}>
      <h1 id={titleId}>{t("onboarding.title")}</h1>
      <p className="quiet firstrun__lede">{t("onboarding.lede")}</p>
      {isSlow ? (
        <p className="row quiet" role="status">
          <Spinner /> {t("onboarding.readingPlans")}
        </p>
      ) : null}
    </section>
  );
}

interface WaysProps {
  mode: "byok" | "vendor_billed";
  plan: PlanView | undefined;
  /** Something does not go on: the workspace is there all the same. */
  stuck: boolean;
  onLeave: () => void;
}

/** What happens with the press, and the way on without it. */
function Ways({ mode, plan, stuck, onLeave }: WaysProps) {
  if (stuck || mode === "vendor_billed") {
    return (
      <>
        {plan && mode === "vendor_billed" && !stuck ? `${t("onboarding.vendorNext")} ` : null}
        <TextButton onClick={onLeave}>
          {mode === "byok" ? t("onboarding.withoutLicence") : t("onboarding.withoutPlan")}
        </TextButton>
      </>
    );
  }
  return plan?.trialDays ? t("onboarding.free", { days: plan.trialDays }) : null;
}

interface LimitProps {
  plan: PlanView;
  limit: string;
  problem: string | null;
  onChange: (limit: string) => void;
}

function Limit({ plan, limit, problem, onChange }: LimitProps) {
  const included = format.planPrice(plan.included ?? "0");
  return (
    <div className="firstrun__part">
      <Field
        label={t("onboarding.limit", { included })}
        hint={t("onboarding.limitHint", { included })}
        problem={problem}
      >
        {(control) => (
          <span className="row">
            <input
              {...control}
              className="input input--num firstrun__limit"
              inputMode="decimal"
              value={limit}
              onChange={(event) => onChange(event.target.value)}
            />
            <span className="quiet">{t("onboarding.limitUnit")}</span>
          </span>
        )}
      </Field>
    </div>
  );
}

interface FirstKeyProps {
  start: StartView;
  entry: ReturnType<typeof useKeyEntry>;
  localServers: StartView["keys"]["localServers"];
}

function FirstKey({ start, entry, localServers }: FirstKeyProps) {
  const local = useFindLocal(localServers);
  return (
    <fieldset className="firstrun__part">
      <legend className="label">
        {t("onboarding.firstKey")} <span className="faint">{t("onboarding.optional")}</span>
      </legend>
      <KeyForm
        entry={entry}
        providers={start.providers}
        layout="inline"
        more={
          <>
            {local.offer}
            {start.sandbox ? <TextButton onClick={entry.takeSandbox}>{t("keys.sandbox")}</TextButton> : null}
          </>
        }
      />
      {local.outcome}
      {start.sandbox ? <p className="hint">{t("keys.sandboxHint")}</p> : null}
    </fieldset>
  );
}
