/** Letting the plan end with its period: what goes on until then, and what waits after it. */
import { useRef } from "react";
import { bridge, type SubscriptionView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";

interface CancelDialogProps {
  subscription: SubscriptionView;
  onClose: () => void;
}

export function CancelDialog({ subscription, onClose }: CancelDialogProps) {
  const keep = useRef<HTMLButtonElement>(null);
  const cancel = useCommand(async () => {
    await bridge.planCancel();
    onClose();
  });
  const { periodEnd } = subscription;
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={keep}
      title={t("cancel.title")}
      foot={
        <>
          <span className="grow" />
          <Button ref={keep} onClick={onClose}>
            {t("cancel.keep")}
          </Button>
          <Button variant="danger" busy={cancel.busy} onClick={cancel.run}>
            {t("billing.cancelPlan")}
          </Button>
        </>
      }
    >
      <p className="quiet">
        {periodEnd === null ? t("cancel.text") : t("cancel.textOn", { day: format.day(periodEnd) })}
      </p>
      {cancel.error ? <CauseNote error={cancel.error} /> : null}
    </Dialog>
  );
}
