/** A failure that the screen has no words of its own for: it says so, shows the code, and offers the details. */
import { bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { t } from "../../text";
import { codeOf, detailsOf } from "./details";

interface ErrorNoteProps {
  error: unknown;
  /** Tries again. */
  onRetry?: () => void;
  /** Puts the note away. */
  onDismiss?: () => void;
  bare?: boolean;
}

export function ErrorNote({ error, onRetry, onDismiss, bare = false }: ErrorNoteProps) {
  const copy = useCommand(async () => {
    await bridge.clipboardCopy(detailsOf(error));
    return true;
  });
  return (
    <Note
      tone="bad"
      role="alert"
      bare={bare}
      title={t("failures.title")}
      actions={
        <>
          {onRetry ? (
            <Button size="s" onClick={onRetry}>
              {t("failures.tryAgain")}
            </Button>
          ) : null}
          <TextButton className="small" onClick={copy.run}>
            {t("failures.copyDetails")}
          </TextButton>
          {onDismiss ? (
            <TextButton className="small" onClick={onDismiss}>
              {t("kit.dismiss")}
            </TextButton>
          ) : null}
        </>
      }
    >
      <p>{t("failures.explanation")}</p>
      <p className="note__code">
        {t("failures.code")} <code>{codeOf(error)}</code>
      </p>
    </Note>
  );
}
