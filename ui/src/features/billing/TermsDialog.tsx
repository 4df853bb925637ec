/** The terms to read, and to accept where they are not yet. */
import type { TermsView } from "../../bridge";
import { Button, Dialog } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";
import { MarkdownText } from "../markdown";

interface TermsDialogProps {
  terms: TermsView;
  onClose: () => void;
  /** Offers to accept; without it the dialog is for reading. */
  onAccept?: (() => void) | undefined;
  busy?: boolean;
  /** Why accepting did not work. */
  error?: unknown;
}

export default function TermsDialog({ terms, onClose, onAccept, busy = false, error }: TermsDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      size="l"
      isTitleHidden
      title={t("billing.termsTitle")}
      foot={
        <>
          <span className="hint grow">{t("billing.termsVersion", { version: terms.version })}</span>
          <Button onClick={onClose}>{t("kit.close")}</Button>
          {onAccept ? (
            <Button variant="primary" busy={busy} onClick={onAccept}>
              {t("billing.termsAccept")}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="terms">
        <MarkdownText text={terms.text} />
      </div>
      {error ? <ErrorNote error={error} /> : null}
    </Dialog>
  );
}
