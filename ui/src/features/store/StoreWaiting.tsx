/** The store takes its time: it may be asking for a password in a window of its own, and the user can stop waiting. */
import { useEffect, useState } from "react";
import { bridge } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";

/** What is over sooner is not worth a word. */
const SLOW_MS = 400;

/** Whether something has been at work for so long that it must be said. */
export function useSlow(busy: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [busy]);
  return busy && isSlow;
}

interface StoreWaitingProps {
  /** Something that needs the store is at work. */
  busy: boolean;
  /** The store's name. */
  name: string;
  bare?: boolean;
}

/** Nothing at first; once the wait is noticeable, what is waited for, and Stop. */
export function StoreWaiting({ busy, name, bare = false }: StoreWaitingProps) {
  return useSlow(busy) ? <WaitingNote name={name} bare={bare} /> : null;
}

/** What is waited for, and Stop. */
export function WaitingNote({ name, bare = false }: { name: string; bare?: boolean }) {
  const giveUp = useCommand(() => bridge.storeGiveUp());
  return (
    <Note
      tone="info"
      busy
      bare={bare}
      role="status"
      title={t("store.waiting", { name })}
      actions={
        <Button size="s" onClick={giveUp.run}>
          {t("store.stopWaiting")}
        </Button>
      }
    >
      <p>{t("store.waitingText")}</p>
      {giveUp.error ? <ErrorNote bare error={giveUp.error} /> : null}
    </Note>
  );
}
