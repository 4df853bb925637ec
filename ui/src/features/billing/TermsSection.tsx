/** Settings > Billing: the texts that are agreed, to read, and to accept where they wait. */
import { Suspense, useState } from "react";
import type { BillingMode, BillingView } from "../../bridge";
import { useCommand } from "../../command";
import { Button } from "../../kit";
import { format, t } from "../../text";
import { isAccepted, termsOf } from "./plans";
import { acceptTerms, TermsDialog } from "./Terms";

export function TermsSection({ billing, mode }: { billing: BillingView; mode: BillingMode }) {
  const [isOpen, setOpen] = useState(false);
  const texts = termsOf(billing, mode);
  const accept = useCommand(async () => {
    await acceptTerms(texts);
    setOpen(false);
  });
  if (texts.length === 0) return null;
  const isDue = !isAccepted(texts);
  return (
    <section className="sect" aria-labelledby="billing-terms">
      <h2 id="billing-terms">{t("billing.terms")}</h2>
      <dl className="rows">
        {texts.map(({ document, version, acceptedAt }, at) => (
          <div className="r" key={document}>
            <dt>
              {document === "terms"
                ? t("billing.termsGeneral")
                : mode === "byok"
                  ? t("billing.termsOwn")
                  : t("billing.termsVendor")}
            </dt>
            <dd className="r__v">
              {t("billing.termsVersion", { version })}
              <small>
                {acceptedAt === null
                  ? t("billing.termsNotAccepted")
                  : t("billing.termsAccepted", { day: format.day(acceptedAt) })}
              </small>
            </dd>
            <dd>
              {at === 0 ? (
                <Button size="s" onClick={() => setOpen(true)}>
                  {t("billing.termsRead")}
                </Button>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
      {isOpen ? (
        <Suspense fallback={null}>
          <TermsDialog
            texts={texts}
            busy={accept.busy}
            error={accept.error}
            onClose={() => setOpen(false)}
            onAccept={isDue ? accept.run : undefined}
          />
        </Suspense>
      ) : null}
    </section>
  );
}
