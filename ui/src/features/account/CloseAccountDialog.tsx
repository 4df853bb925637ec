/** Closing the account for good: what is lost, what becomes of the keys, and one more sign-in as proof. */
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { BackendError, bridge, queries, type SignInWay } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, toast } from "../../kit";
import { t } from "../../text";
import { CauseNote } from "../failures";
import { SignInProgress } from "./SignInProgress";

export function CloseAccountDialog({ onClose }: { onClose: () => void }) {
  const { data: account } = useQuery(queries.account);
  const { data: keys } = useQuery(queries.keys);
  const [removesKeys, setRemovesKeys] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const closing = useCommand(async (way: SignInWay) => {
    try {
      await bridge.accountClose(way, removesKeys);
    } catch (error) {
      if (error instanceof BackendError && error.code === "stopped") return;
      throw error;
    }
    toast({ title: t("account.closed") });
    onClose();
  });
  const leave = () => {
    if (closing.busy) bridge.signInCancel();
    onClose();
  };
  const goOnWithCode = async () => {
    await bridge.signInCancel();
    closing.run("code");
  };
  return (
    <Dialog
      open
      onClose={leave}
      initialFocus={keep}
      title={t("account.closeTitle")}
      foot={
        <>
          <span className="grow" />
          <Button ref={keep} onClick={leave}>
            {t("account.keepAccount")}
          </Button>
          <Button variant="danger" busy={closing.busy} onClick={() => closing.run("browser")}>
            {t("account.closeNow")}
          </Button>
        </>
      }
    >
      <p className="quiet">{t("account.closeText")}</p>
      <label className="choice">
        <input
          className="check"
          type="checkbox"
          checked={removesKeys}
          disabled={closing.busy}
          onChange={(event) => setRemovesKeys(event.target.checked)}
        />
        <span>{t("account.closeKeys", { store: keys?.store.name ?? "" })}</span>
      </label>
      {closing.busy ? <SignInProgress progress={account?.signIn ?? null} onUseCode={goOnWithCode} /> : null}
      {closing.error ? <CauseNote error={closing.error} /> : null}
    </Dialog>
  );
}
