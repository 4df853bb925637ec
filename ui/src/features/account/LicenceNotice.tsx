/** What the licence has to say in the workspace: the trial's last days, grace while offline, and what has stopped. */
import { useQuery } from "@tanstack/react-query";
import { type AccountView, bridge, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, type GlyphName, Note, type NoteTone } from "../../kit";
import { navigate } from "../../route";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { daysUntil } from "./licence";
import { askToSignIn } from "./SignInDialog";

/** The trial is spoken of in its last days only. */
const LAST_DAYS = 3;

interface Said {
  tone: NoteTone;
  icon: GlyphName;
  title: string;
  text: string;
  act: "signIn" | "check" | "plan" | "portal" | "trial";
}

function said({ licence, kind }: AccountView, now: number): Said | null {
  if (!licence) {
    return kind === "none"
      ? {
          tone: "warn",
          icon: "lock",
          title: t("account.notice.none"),
          text: t("account.notice.noneText"),
          act: "signIn",
        }
      : null;
  }
  const { state, standing, end, checkedAt } = licence;
  if (state.state === "revoked") {
    return {
      tone: "bad",
      icon: "ban",
      title: t("account.notice.revoked"),
      text: t("account.notice.revokedText"),
      act: "signIn",
    };
  }
  if (state.state === "limited") {
    const isTrial = kind === "trial" || standing === "trial";
    return isTrial || standing === "free"
      ? {
          tone: "bad",
          icon: "clock",
          title: isTrial ? t("account.notice.trialOver") : t("account.notice.planOver"),
          text: t("account.notice.overText"),
          act: "plan",
        }
      : {
          tone: "bad",
          icon: "clock",
          title: t("account.notice.limited"),
          text: t("account.notice.limitedText"),
          act: "check",
        };
  }
  if (state.state === "renewal_due") {
    return {
      tone: "warn",
      icon: "clock",
      title: t("account.notice.grace", { day: format.day(state.until) }),
      text: t("account.notice.graceText", { since: format.day(checkedAt), until: format.day(state.until) }),
      act: "check",
    };
  }
  if (standing === "past_due") {
    return {
      tone: "warn",
      icon: "card",
      title: t("account.notice.pastDue"),
      text: t("account.notice.pastDueText"),
      act: "portal",
    };
  }
  if (standing === "trial" && end !== null && daysUntil(end, now) <= LAST_DAYS) {
    return {
      tone: "info",
      icon: "clock",
      title: t("account.notice.trialEnds", { days: daysUntil(end, now) }),
      text: t("account.notice.trialEndsText"),
      act: "plan",
    };
  }
  return null;
}

/** `inBilling`: it stands in the screen that it would lead to. */
export function LicenceNotice({ inBilling = false }: { inBilling?: boolean }) {
  const { data: account } = useQuery(queries.account);
  const check = useCommand(bridge.licenceCheck);
  const portal = useCommand(() => bridge.portalOpen("payment"));
  const trial = useCommand(bridge.trialBegin);
  const notice = account && said(account, Date.now());
  if (!notice) return null;
  const { tone, icon, title, text, act } = notice;
  const toBilling = () => navigate({ screen: "settings", section: "billing" });
  const error = check.error ?? portal.error ?? trial.error;
  return (
    <div className={inBilling ? "sect__note sect__note--first" : "notice"}>
      <Note
        tone={tone}
        icon={icon}
        role="status"
        title={title}
        actions={
          act === "plan" && inBilling ? null : (
            <>
              {act === "signIn" ? (
                <Button size="s" onClick={askToSignIn}>
                  {t("account.signIn")}
                </Button>
              ) : null}
              {act === "signIn" && account.kind === "none" ? (
                <Button size="s" busy={trial.busy} onClick={trial.run}>
                  {t("account.beginTrial")}
                </Button>
              ) : null}
              {act === "check" ? (
                <Button size="s" busy={check.busy || account.checking} onClick={check.run}>
                  {t("account.checkNow")}
                </Button>
              ) : null}
              {act === "portal" ? (
                <Button size="s" busy={portal.busy} onClick={portal.run}>
                  {t("account.openPortal")}
                </Button>
              ) : null}
              {act === "plan" ? (
                <Button size="s" onClick={toBilling}>
                  {t("billing.choosePlan")}
                </Button>
              ) : null}
            </>
          )
        }
      >
        <p>{text}</p>
        {error ? <CauseNote bare error={error} /> : null}
      </Note>
    </div>
  );
}
