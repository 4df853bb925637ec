/** The first run: who bills, a first key if there is one at hand, the terms. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { BackendError, bridge, queries, type StartView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { format, rich, t } from "../../text";
import { acceptTerms, ModeCards, planOf, TermsLink } from "../billing";
import { ErrorNote } from "../failures";
import { isSavable, KeyForm, useFindLocal, useKeyEntry } from "../keys";
import { StorePanel, useSlow, WaitingNote } from "../store";
import { keyInTheWay } from "./keyInTheWay";
import { useKeptMode } from "./useKeptMode";

export default function Onboarding({ start }: { start: StartView }) {
  const titleId = useId();
  const client = useQueryClient();
  const { data: billing = start.billing } = useQuery(queries.billing);
  const { data: keys = start.keys } = useQuery(queries.keys);
  const { mode, choose, keep, error: notKept } = useKeptMode(billing.mode ?? "byok");
  const wasAccepted = billing.terms.acceptedAt !== null;
  const [isTicked, setTicked] = useState(wasAccepted);
  const entry = useKeyEntry({ provider: start.providers[0]?.id ?? "anthropic" });
  const byok = planOf(billing, "byok");
  const isOwn = mode === "byok";

  const finish = useCommand(async (withKey: boolean) => {
    await keep(mode);
    if (isOwn) {
      if (!wasAccepted) await acceptTerms(billing.terms);
      // The terms stand before the key: own keys need them.
      if (withKey && isSavable(entry) && !(await entry.save(""))) return;
    }
    client.setQueryData(queries.billing.queryKey, await bridge.firstRunFinish());
  });
  const withoutTerms = isOwn && !isTicked ? t("onboarding.needTerms") : null;
  const inTheWay = keyInTheWay(entry, isOwn);
  const isSlow = useSlow(entry.saving);
  const saveFailed = entry.error !== null && entry.failedAt === "save";
  const storeRefusal =
    entry.error instanceof BackendError && entry.error.code === "credential_store" ? entry.error : null;

  if (storeRefusal) {
    return (
      <div className="firstrun firstrun--store">
        <StorePanel
          store={keys.store}
          state={storeRefusal.view.store}
          onReady={() => finish.run(true)}
          onLeave={() => finish.run(false)}
        />
        {finish.error ? <ErrorNote error={finish.error} /> : null}
      </div>
    );
  }
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
      {notKept ? <ErrorNote bare error={notKept} onRetry={() => choose(mode)} /> : null}
      {isOwn ? (
        <FirstKey start={start} entry={entry} localServers={keys.localServers} />
      ) : (
        <div className="firstrun__part" role="status">
          <Note
            tone="warn"
            icon="receipt"
            title={t("onboarding.vendorOut")}
            actions={
              <Button size="s" onClick={() => choose("byok")}>
                {t("billing.useOwnKeys")}
              </Button>
            }
          >
            <p>{t("onboarding.vendorOutText")}</p>
          </Note>
        </div>
      )}
      {isSlow || finish.error ? (
        // Above the foot, which lies over the form and must not grow.
        <div ref={inView} className="firstrun__part">
          {isSlow ? <WaitingNote name={keys.store.name} /> : null}
          {finish.error ? <ErrorNote error={finish.error} onDismiss={finish.dismiss} /> : null}
        </div>
      ) : null}
      <div className="firstrun__space" />
      <div className="ask__foot">
        {isOwn ? (
          <label className="choice">
            <input
              className="check"
              type="checkbox"
              checked={isTicked}
              onChange={(event) => setTicked(event.target.checked)}
            />
            <span className="quiet">
              {rich("billing.iAccept", { terms: (chunks) => <TermsLink key="terms">{chunks}</TermsLink> })}
            </span>
          </label>
        ) : (
          <span />
        )}
        <div className="row firstrun__go">
          <Button
            variant="primary"
            size="l"
            busy={finish.busy || entry.saving}
            disabledReason={inTheWay ?? withoutTerms}
            onClick={() => finish.run(true)}
          >
            {isOwn
              ? t("onboarding.continue", { price: format.planPrice(byok?.monthly ?? "0") })
              : t("onboarding.continueVendor")}
          </Button>
        </div>
        <p className="hint ask__hint">
          {inTheWay} {withoutTerms}{" "}
          {withoutTerms === null && (inTheWay || saveFailed) ? (
            <TextButton disabled={finish.busy} onClick={() => finish.run(false)}>
              {t("onboarding.withoutKey")}
            </TextButton>
          ) : isOwn ? (
            byok && t("onboarding.free", { days: byok.trialDays })
          ) : (
            t("onboarding.vendorFree")
          )}
        </p>
      </div>
    </form>
  );
}

/** Shows what came to be outside of what is seen. */
const inView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "nearest" });

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
