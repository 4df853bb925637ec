/** Settings > Billing, its last part: the licence, this computer, the others, and the end of the account. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type AccountView, bridge, type LicenceView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Status, TextButton } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { CloseAccountDialog } from "./CloseAccountDialog";
import { ComputersDialog } from "./ComputersDialog";
import { isSignedOut } from "./licence";
import { askToSignIn } from "./SignInDialog";
import { SignOutDialog } from "./SignOutDialog";

/** What is said of a clock that is wrong. */
const CLOCKS = { behind: "account.clockBehind", ahead: "account.clockAhead" } as const;

type Open = "computers" | "signOut" | "close" | null;

export function Account({ account }: { account: AccountView }) {
  const [open, setOpen] = useState<Open>(null);
  const check = useCommand(bridge.licenceCheck);
  const { licence, kind } = account;
  const isOut = isSignedOut(account);
  const shut = () => setOpen(null);
  return (
    <section className="sect" aria-labelledby="billing-licence">
      <h2 id="billing-licence">{t("account.licence")}</h2>
      <dl className="rows">
        <div className="r">
          <dt>{t("account.state")}</dt>
          <dd className="r__v">
            <LicenceStatus licence={licence} />
            <small>{licence ? checkedLine(licence) : t("account.noLicenceText")}</small>
            {licence && licence.clock !== "right" ? <small>{t(CLOCKS[licence.clock])}</small> : null}
            {check.error && !isOut ? <CauseNote bare error={check.error} /> : null}
          </dd>
          <dd>
            {licence ? (
              <Button size="s" busy={check.busy || account.checking} onClick={check.run}>
                {t("account.checkNow")}
              </Button>
            ) : null}
          </dd>
        </div>
        <div className="r">
          <dt>{t("account.thisComputer")}</dt>
          <dd className="r__v">
            {account.computer}
            <small>
              <Seats account={account} />
            </small>
          </dd>
          <dd>
            {kind === "signed_in" ? (
              <Button size="s" variant="ghost" onClick={() => setOpen("signOut")}>
                {t("account.signOut")}
              </Button>
            ) : (
              <Button size="s" onClick={askToSignIn}>
                {t("account.signIn")}
              </Button>
            )}
          </dd>
        </div>
      </dl>
      {kind === "signed_in" ? (
        <p className="row page__foot">
          {isOut ? null : <TextButton onClick={() => setOpen("computers")}>{t("account.showComputers")}</TextButton>}
          <span className="grow" />
          <TextButton onClick={() => setOpen("close")}>{t("account.close")}</TextButton>
        </p>
      ) : null}
      {open === "computers" ? <ComputersDialog onClose={shut} /> : null}
      {open === "signOut" ? <SignOutDialog onClose={shut} /> : null}
      {open === "close" ? <CloseAccountDialog onClose={shut} /> : null}
    </section>
  );
}

function LicenceStatus({ licence }: { licence: LicenceView | null }): ReactNode {
  if (!licence) {
    return (
      <Status icon="lock" tone="warn">
        {t("account.noLicence")}
      </Status>
    );
  }
  const { state } = licence;
  switch (state.state) {
    case "active":
      return (
        <Status icon="check" tone="ok">
          {t("account.active")}
        </Status>
      );
    case "renewal_due":
      return (
        <Status icon="clock" tone="warn">
          {t("account.grace", { days: state.daysLeft })}
        </Status>
      );
    case "limited":
      return (
        <Status icon="clock" tone="bad">
          {t("account.limited")}
        </Status>
      );
    case "revoked":
      return (
        <Status icon="ban" tone="bad">
          {t("account.revoked")}
        </Status>
      );
  }
}

function checkedLine({ state, checkedAt, worksUntil }: LicenceView): string {
  const checked = { day: format.day(checkedAt), time: format.clockTime(checkedAt) };
  return state.state === "active"
    ? t("account.checkedWorksUntil", { ...checked, until: format.day(worksUntil) })
    : t("account.checked", checked);
}

function Seats({ account }: { account: AccountView }): ReactNode {
  const { data } = useQuery({ ...queries.seats, enabled: account.kind === "signed_in" && !isSignedOut(account) });
  if (account.kind === "trial") return t("account.trialHere");
  if (account.kind === "none") return t("account.nobody");
  if (!data || isSignedOut(account)) return account.email;
  return data.max === null
    ? t("account.seats", { count: data.seats.length })
    : t("account.seatsOf", { count: data.seats.length, max: data.max });
}
