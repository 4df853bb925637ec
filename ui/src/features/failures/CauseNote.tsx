/** A refusal that the catalogue has words for: what happened, why, and the one thing that mends it. */
import { BackendError, bridge, type ErrorCode, type PortalArea } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { t } from "../../text";
import { causeTitle, causeWhy, errors } from "../../text/errors";
import { ErrorNote } from "./ErrorNote";

interface CauseNoteProps {
  error: unknown;
  onRetry?: () => void;
  onDismiss?: () => void;
  bare?: boolean;
}

/** What is this computer's own trouble has no better words than its code. */
const UNEXPECTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["storage", "invalid_input", "not_found", "busy"]);

/** What is mended on the billing provider's own pages, and on which. */
const PAGES: Partial<Record<ErrorCode, PortalArea>> = { at_portal: "plan", payment_failed: "payment" };

export function CauseNote({ error, onRetry, onDismiss, bare = false }: CauseNoteProps) {
  if (!(error instanceof BackendError) || UNEXPECTED.has(error.code)) {
    return (
      <ErrorNote error={error} bare={bare} {...(onRetry ? { onRetry } : {})} {...(onDismiss ? { onDismiss } : {})} />
    );
  }
  const { tone, icon } = errors[error.code];
  const area = PAGES[error.code];
  const parts = { provider: t("shell.brasskey") };
  return (
    <Note
      tone={tone}
      icon={icon}
      role="alert"
      bare={bare}
      title={causeTitle(error.code, parts, error.view.failure)}
      actions={
        area || onRetry || onDismiss ? (
          <>
            {area ? <OpenPage area={area} /> : null}
            {onRetry ? (
              <Button size="s" onClick={onRetry}>
                {t("failures.tryAgain")}
              </Button>
            ) : null}
            {onDismiss ? (
              <TextButton className="small" onClick={onDismiss}>
                {t("kit.dismiss")}
              </TextButton>
            ) : null}
          </>
        ) : null
      }
    >
      <p>{causeWhy(error.code, parts, error.view.failure)}</p>
    </Note>
  );
}

function OpenPage({ area }: { area: PortalArea }) {
  const open = useCommand(() => bridge.portalOpen(area));
  return (
    <>
      <Button size="s" busy={open.busy} onClick={open.run}>
        {t("failures.openBillingPage")} <span className="vh">{t("billing.inBrowser")}</span>
      </Button>
      {open.error ? <ErrorNote bare error={open.error} onRetry={open.run} /> : null}
    </>
  );
}
