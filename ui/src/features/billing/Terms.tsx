/** The terms: readable everywhere they are named, accepted as exactly the text that was shown. */
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { bridge, queries, type TermsView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { t } from "../../text";

/** Loaded when the terms are read. */
export const TermsDialog = lazy(() => import("./TermsDialog"));

/** Accepts this version. */
export const acceptTerms = ({ document, version, sha256 }: TermsView) =>
  bridge.termsAccept({ document, version, sha256 });

/** The word that opens the terms for reading. */
export function TermsLink({ children }: { children: ReactNode }) {
  const { data: billing } = useQuery(queries.billing);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <TextButton className="textbtn--inline" onClick={() => setOpen(true)}>
        {children}
      </TextButton>
      {billing && isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog terms={billing.terms} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** New terms wait to be accepted: everything but sending works. */
export function TermsDue() {
  const { data: billing } = useQuery(queries.billing);
  const [isOpen, setOpen] = useState(false);
  const accept = useCommand(async (terms: TermsView) => {
    await acceptTerms(terms);
    setOpen(false);
  });
  if (billing?.mode !== "byok" || billing.terms.acceptedAt !== null) return null;
  const { terms } = billing;
  return (
    <div className="notice">
      <Note
        tone="warn"
        icon="file"
        title={t("billing.termsDue")}
        actions={
          <Button size="s" onClick={() => setOpen(true)}>
            {t("billing.termsRead")}
          </Button>
        }
      >
        <p>{t("billing.termsDueText", { version: terms.version })}</p>
      </Note>
      {isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog
            terms={terms}
            busy={accept.busy}
            error={accept.error}
            onClose={() => setOpen(false)}
            onAccept={() => accept.run(terms)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
