/** Leaving the account on this computer: what stays, and where. */
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { bridge, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog } from "../../kit";
import { t } from "../../text";
import { CauseNote } from "../failures";

export function SignOutDialog({ onClose }: { onClose: () => void }) {
  const { data: keys } = useQuery(queries.keys);
  const stay = useRef<HTMLButtonElement>(null);
  const signOut = useCommand(async () => {
    await bridge.signOut();
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={stay}
      title={t("account.signOutTitle")}
      foot={
        <>
          <span className="grow" />
          <Button ref={stay} onClick={onClose}>
            {t("account.staySignedIn")}
          </Button>
          <Button variant="primary" busy={signOut.busy} onClick={signOut.run}>
            {t("account.signOut")}
          </Button>
        </>
      }
    >
      <p className="quiet">{t("account.signOutText", { store: keys?.store.name ?? "" })}</p>
      {signOut.error ? <CauseNote error={signOut.error} /> : null}
    </Dialog>
  );
}
