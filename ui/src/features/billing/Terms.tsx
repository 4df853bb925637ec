/** The terms: readable everywhere they are named, accepted as exactly the texts that were shown. */
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { type BillingMode, bridge, queries, type TermsView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { rich, t } from "../../text";
import { isAccepted, termsOf } from "./plans";

/** Loaded when the terms are read. */
export const TermsDialog = lazy(() => import("./TermsDialog"));

/** Accepts these versions. */
export const acceptTerms = (texts: readonly TermsView[]) =>
  bridge.termsAccept(texts.map(({ document, version, sha256 }) => ({ document, version, sha256 })));

/** The word that opens the terms of a mode for reading. */
export function TermsLink({ mode, children }: { mode: BillingMode; children: ReactNode }) {
  const { data: billing } = useQuery(queries.billing);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <TextButton className="textbtn--inline" onClick={() => setOpen(true)}>
        {children}
      </TextButton>
      {billing && isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog texts={termsOf(billing, mode)} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

interface TermsTickProps {
  mode: BillingMode;
  isTicked: boolean;
  onTick: (isTicked: boolean) => void;
}

/** The box by which the terms of a mode are accepted, with what they come down to. */
export function TermsTick({ mode, isTicked, onTick }: TermsTickProps) {
  const link = (chunks: ReactNode[]) => (
    <TermsLink key="terms" mode={mode}>
      {chunks}
    </TermsLink>
  );
  return (
    <label className="choice">
      <input className="check" type="checkbox" checked={isTicked} onChange={(event) => onTick(event.target.checked)} />
      <span className="quiet">
        {mode === "byok" ? rich("billing.iAccept", { terms: link }) : rich("billing.iAcceptVendor", { terms: link })}
      </span>
    </label>
  );
}

/** The terms of the mode in force wait to be accepted: everything but sending works. */
export function TermsDue() {
  const { data: billing } = useQuery(queries.billing);
  const [isOpen, setOpen] = useState(false);
  const accept = useCommand(async (texts: readonly TermsView[]) => {
    await acceptTerms(texts);
    setOpen(false);
  });
  if (!billing?.mode) return null;
  const texts = termsOf(billing, billing.mode);
  if (texts.length === 0 || isAccepted(texts)) return null;
  const isChanged = texts.some(({ before }) => before !== null);
  return (
    <div className="notice">
      <Note
        tone="warn"
        icon="file"
        title={isChanged ? t("billing.termsChanged") : t("billing.termsDue")}
        actions={
          <Button size="s" onClick={() => setOpen(true)}>
            {t("billing.termsRead")}
          </Button>
        }
      >
        <p>{t("billing.termsDueText")}</p>
      </Note>
      {isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog
            texts={texts}
            busy={accept.busy}
            error={accept.error}
            onClose={() => setOpen(false)}
            onAccept={() => accept.run(texts)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
