/** The texts to read, with what is different from the version before, and to accept where they are not yet. */
import type { TermsView } from "../../bridge";
import { Button, Dialog } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { MarkdownText } from "../markdown";
import { differencesOf } from "./differences";

interface TermsDialogProps {
  texts: readonly TermsView[];
  onClose: () => void;
  /** Offers to accept; without it the dialog is for reading. */
  onAccept?: (() => void) | undefined;
  busy?: boolean;
  /** Why accepting did not work. */
  error?: unknown;
}

export default function TermsDialog({ texts, onClose, onAccept, busy = false, error }: TermsDialogProps) {
  const accepted = texts.map(({ acceptedAt }) => acceptedAt).filter((at) => at !== null);
  return (
    <Dialog
      open
      onClose={onClose}
      size="l"
      title={t("billing.terms")}
      foot={
        <>
          <span className="hint grow">
            {accepted.length === texts.length && accepted.length > 0
              ? t("billing.termsAccepted", { day: format.day(Math.max(...accepted)) })
              : null}
          </span>
          <Button onClick={onClose}>{t("kit.close")}</Button>
          {onAccept ? (
            <Button variant="primary" busy={busy} onClick={onAccept}>
              {t("billing.termsAccept")}
            </Button>
          ) : null}
        </>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it. */}
      <div className="terms" tabIndex={0}>
        {texts.map((text) => (
          <Text key={text.document} text={text} />
        ))}
      </div>
      {error ? <CauseNote error={error} /> : null}
    </Dialog>
  );
}

function Text({ text }: { text: TermsView }) {
  const { before, acceptedAt, version } = text;
  const differences = before !== null && acceptedAt === null ? differencesOf(before, text.text) : null;
  return (
    <section className="terms__text">
      {differences ? (
        <div className="terms__changes">
          <h3>{t("billing.termsChanges", { version })}</h3>
          {differences.removed.map((paragraph) => (
            <p key={paragraph}>
              <span className="vh">{t("billing.termsRemoved")} </span>
              <del>{paragraph}</del>
            </p>
          ))}
          {differences.added.map((paragraph) => (
            <p key={paragraph}>
              <span className="vh">{t("billing.termsAdded")} </span>
              <ins>{paragraph}</ins>
            </p>
          ))}
        </div>
      ) : null}
      <MarkdownText text={text.text} />
    </section>
  );
}
