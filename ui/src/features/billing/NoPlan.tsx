/** The workspace in vendor-billed mode with nothing that can answer: what it waits for, and the ways on. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { bridge, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Icon } from "../../kit";
import { navigate } from "../../route";
import { t } from "../../text";
import { licenceStop } from "../account";
import { CauseNote } from "../failures";

/** `children` are what can be done meanwhile. */
export function NoPlan({ children }: { children: ReactNode }) {
  const { data: account } = useQuery(queries.account);
  const back = useCommand(() => bridge.billingChoose("byok"));
  // The plan is there and its models are being listed.
  const isComing = account !== undefined && licenceStop(account, "vendor_billed") === null;
  return (
    <section className="empty">
      <Icon name="receipt" size="l" />
      <h1>{isComing ? t("billing.modelsComing") : t("billing.noPlanYet")}</h1>
      <p className="quiet">{isComing ? t("billing.modelsComingText") : t("billing.noPlanYetText")}</p>
      {back.error ? <CauseNote error={back.error} bare /> : null}
      <div className="empty__acts">
        {isComing ? null : (
          <Button variant="primary" onClick={() => navigate({ screen: "settings", section: "billing" })}>
            {t("billing.choosePlan")}
          </Button>
        )}
        <Button busy={back.busy} onClick={back.run}>
          {t("billing.useOwnKeys")}
        </Button>
        {children}
      </div>
    </section>
  );
}
