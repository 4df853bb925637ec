/** A refusal that the catalogue has words for: what happened, why, and the one thing that mends it. */
import { BackendError, type ErrorCode } from "../../bridge";
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

export function CauseNote({ error, onRetry, onDismiss, bare = false }: CauseNoteProps) {
  if (!(error instanceof BackendError) || UNEXPECTED.has(error.code)) {
    return (
      <ErrorNote error={error} bare={bare} {...(onRetry ? { onRetry } : {})} {...(onDismiss ? { onDismiss } : {})} />
    );
  }
  const { tone, icon } = errors[error.code];
  const parts = { provider: t("shell.brasskey") };
  return (
    <Note
      tone={tone}
      icon={icon}
      role="alert"
      bare={bare}
      title={causeTitle(error.code, parts, error.view.failure)}
      actions={
        onRetry || onDismiss ? (
          <>
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
