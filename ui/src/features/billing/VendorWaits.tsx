/** The workspace with vendor-billed in force and nothing that can answer: what it waits for, and the way back in one press. */
import type { ReactNode } from "react";
import { bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Icon } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";

/** `children` are what can be done meanwhile. */
export function VendorWaits({ children }: { children: ReactNode }) {
  const back = useCommand(() => bridge.billingChoose("byok"));
  return (
    <section className="empty">
      <Icon name="receipt" size="l" />
      <h1>{t("billing.waits")}</h1>
      <p className="quiet">{t("billing.waitsText")}</p>
      {back.error ? <ErrorNote error={back.error} bare /> : null}
      <div className="row">
        <Button variant="primary" busy={back.busy} onClick={back.run}>
          {t("billing.useOwnKeys")}
        </Button>
        {children}
      </div>
    </section>
  );
}
