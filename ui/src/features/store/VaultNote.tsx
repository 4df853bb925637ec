/** Settings > Keys while keys are in the open passphrase vault: what that means, and what can be done with it. */
import { type FormEvent, useId, useRef, useState } from "react";
import { BackendError, bridge, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, Note, toast } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";
import { StoreRefusal } from "./StoreRefusal";
import { StoreWaiting } from "./StoreWaiting";
import { handOver, PassphraseField, useNewPassphrase } from "./VaultForm";

export function VaultNote({ store }: { store: StoreView }) {
  const [changing, setChanging] = useState(false);
  const [found, setFound] = useState<StoreView | null>(null);
  const lock = useCommand(() => bridge.vaultLock());
  const useSystem = useCommand(async () => {
    setFound(null);
    setFound(await bridge.storeUseSystem());
  });
  const failure = lock.error ?? useSystem.error;
  return (
    <>
      <Note
        tone="info"
        icon="lock"
        title={t("keys.vault")}
        actions={
          <>
            <Button size="s" busy={lock.busy} onClick={lock.run}>
              {t("keys.vaultLock")}
            </Button>
            <Button size="s" onClick={() => setChanging(true)}>
              {t("keys.vaultChange")}
            </Button>
            <Button size="s" busy={useSystem.busy} onClick={useSystem.run}>
              {t("keys.useSystem", { store: store.name })}
            </Button>
          </>
        }
      >
        <p>{t("keys.vaultText")}</p>
      </Note>
      <StoreWaiting busy={useSystem.busy} name={store.name} />
      {found ? <StoreRefusal found={found} inVault /> : null}
      {failure ? <ErrorNote error={failure} onDismiss={lock.error ? lock.dismiss : useSystem.dismiss} /> : null}
      {changing ? <ChangeDialog onClose={() => setChanging(false)} /> : null}
    </>
  );
}

function ChangeDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const old = useRef<HTMLInputElement>(null);
  const passphrase = useNewPassphrase();
  const change = useCommand(async (before: string, after: string) => {
    await bridge.vaultChange(before, after);
    toast({ title: t("keys.vaultChanged") });
    onClose();
  });
  const isWrong = change.error instanceof BackendError && change.error.code === "passphrase_wrong";
  const send = (event: FormEvent) => {
    event.preventDefault();
    const after = passphrase.take();
    if (after !== null) change.run(handOver(old.current), after);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("keys.vaultChangeTitle")}
      initialFocus={old}
      foot={
        <>
          <Button onClick={onClose}>{t("kit.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" busy={change.busy}>
            {t("keys.vaultChangeTitle")}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={send} autoComplete="off">
        <PassphraseField
          label={t("store.passphraseOld")}
          fieldRef={old}
          problem={isWrong ? t("cause.passphrase_wrong.title") : null}
        />
        {passphrase.fields(t("store.passphraseNew"), isWrong ? null : change.error)}
      </form>
    </Dialog>
  );
}
