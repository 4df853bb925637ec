/**
 * The passphrase vault's forms. A passphrase stands in its field alone: it is handed over once, when the form is sent, and the
 * field is emptied in the same tick; no state holds it.
 */
import { type FormEvent, type RefObject, useRef, useState } from "react";
import { BackendError, bridge, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Field, Icon } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";

interface FormProps {
  /** The vault is open, and keys are kept in it. */
  onOpen: (view: StoreView) => void;
}

/** What stands in a field, which is empty from then on. */
export function handOver(field: HTMLInputElement | null): string {
  const text = field?.value ?? "";
  if (field) field.value = "";
  return text;
}

interface PassphraseFieldProps {
  label: string;
  fieldRef: RefObject<HTMLInputElement | null>;
  hint?: string;
  problem?: string | null;
  isNew?: boolean;
}

export function PassphraseField({ label, fieldRef, hint, problem, isNew = false }: PassphraseFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => (
        <input
          {...control}
          ref={fieldRef}
          className="input"
          type="password"
          autoComplete={isNew ? "new-password" : "off"}
          autoCorrect="off"
          autoCapitalize="off"
          spellCheck={false}
          required
        />
      )}
    </Field>
  );
}

/** Opens the vault, and tells what to do when the passphrase is forgotten. */
export function UnlockForm({ onOpen, onBegun }: FormProps & { onBegun: (view: StoreView) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const unlock = useCommand(async (passphrase: string) => onOpen(await bridge.vaultUnlock(passphrase)));
  const isWrong = unlock.error instanceof BackendError && unlock.error.code === "passphrase_wrong";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    await unlock.run(handOver(field.current));
    field.current?.focus();
  };
  return (
    <>
      <form className="stack storepanel__form" onSubmit={send} autoComplete="off">
        <PassphraseField
          label={t("store.passphrase")}
          fieldRef={field}
          problem={isWrong ? t("cause.passphrase_wrong.title") : null}
        />
        <div className="row">
          <Button type="submit" variant="primary" busy={unlock.busy}>
            {t("store.vaultUnlock")}
          </Button>
        </div>
        {unlock.error && !isWrong ? <ErrorNote bare error={unlock.error} /> : null}
      </form>
      <details className="storepanel__help">
        <summary className="medium">
          <Icon name="chev-r" size="s" />
          {t("store.vaultForgot")}
        </summary>
        <p className="quiet">{t("store.vaultForgotText")}</p>
        <BeginAnew onBegun={onBegun} />
      </details>
    </>
  );
}

/** Puts a vault aside that cannot be opened. */
export function BeginAnew({ onBegun }: { onBegun: (view: StoreView) => void }) {
  const begin = useCommand(async () => onBegun(await bridge.vaultBeginAnew()));
  return (
    <>
      <Button busy={begin.busy} onClick={begin.run}>
        {t("store.vaultAnew")}
      </Button>
      {begin.error ? <ErrorNote bare error={begin.error} /> : null}
    </>
  );
}

/** A new passphrase, typed twice. `refused` is what the backend said of it. */
export function useNewPassphrase() {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [differs, setDiffers] = useState(false);
  /** The passphrase, when both fields have the same; they are empty from then on. */
  const take = (): string | null => {
    const same = first.current?.value === second.current?.value;
    setDiffers(!same);
    if (!same) {
      second.current?.focus();
      return null;
    }
    handOver(second.current);
    return handOver(first.current);
  };
  const fields = (label: string, refused: unknown) => {
    const isShort = refused instanceof BackendError && refused.code === "passphrase_too_short";
    return (
      <>
        <PassphraseField
          isNew
          label={label}
          fieldRef={first}
          hint={t("store.passphraseHint")}
          problem={isShort ? t("cause.passphrase_too_short.title") : null}
        />
        <PassphraseField
          isNew
          label={t("store.passphraseAgain")}
          fieldRef={second}
          problem={differs ? t("store.passphraseDiffers") : null}
        />
        <p className="hint">{t("store.passphraseForever")}</p>
        {refused && !isShort ? <ErrorNote bare error={refused} /> : null}
      </>
    );
  };
  return { take, fields };
}

/** Makes a vault. */
export function CreateForm({ onOpen }: FormProps) {
  const passphrase = useNewPassphrase();
  const create = useCommand(async (text: string) => onOpen(await bridge.vaultCreate(text)));
  const send = (event: FormEvent) => {
    event.preventDefault();
    const text = passphrase.take();
    if (text !== null) create.run(text);
  };
  return (
    <form className="stack storepanel__form" onSubmit={send} autoComplete="off">
      {passphrase.fields(t("store.passphrase"), create.error)}
      <div className="row">
        <Button type="submit" variant="primary" busy={create.busy}>
          {t("store.vaultMake")}
        </Button>
      </div>
    </form>
  );
}
