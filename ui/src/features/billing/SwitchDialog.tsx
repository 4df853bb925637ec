/** The confirmation before another mode is in force: what happens to money, requests, keys and conversations. */
import { useRef } from "react";
import { type BillingMode, bridge, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, Note } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";

interface SwitchDialogProps {
  /** The mode asked for; none while nothing is asked. */
  to: BillingMode | null;
  store: StoreView;
  hasKeys: boolean;
  onClose: () => void;
}

export function SwitchDialog({ to, store, hasKeys, onClose }: SwitchDialogProps) {
  const stay = useRef<HTMLButtonElement>(null);
  const choose = useCommand(async (mode: BillingMode) => {
    await bridge.billingChoose(mode);
    onClose();
  });
  const toVendor = to === "vendor_billed";
  return (
    <Dialog
      open={to !== null}
      onClose={onClose}
      initialFocus={stay}
      title={toVendor ? t("billing.toVendorTitle") : t("billing.toByokTitle")}
      foot={
        <>
          <span className="grow" />
          <Button ref={stay} onClick={onClose}>
            {t("billing.stay")}
          </Button>
          <Button variant="primary" busy={choose.busy} onClick={() => to && choose.run(to)}>
            {toVendor ? t("billing.toVendorConfirm") : t("billing.toByokConfirm")}
          </Button>
        </>
      }
    >
      <p className="quiet">
        {toVendor
          ? store.state === "session"
            ? t("billing.toVendorMemory")
            : t("billing.toVendor", { store: store.name })
          : hasKeys
            ? t("billing.toByok")
            : t("billing.toByokNoKey")}
      </p>
      {toVendor ? (
        <Note tone="warn" title={t("billing.vendorOut")}>
          <p>{t("billing.toVendorUnreachable")}</p>
        </Note>
      ) : null}
      {choose.error ? <ErrorNote error={choose.error} /> : null}
    </Dialog>
  );
}
