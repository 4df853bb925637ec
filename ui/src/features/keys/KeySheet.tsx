/** Adding a key, or putting another in the place of a saved one. */
import { useId, useRef, useState } from "react";
import { BackendError, type KeysView, type KeyView, type ProviderView, type StoreView } from "../../bridge";
import { Button, Field, Note, Sheet } from "../../kit";
import { t } from "../../text";
import { keptWords, keyOwner, placeName, StorePanel, StoreWaiting } from "../store";
import { KeyForm } from "./KeyForm";
import { isSavable, useKeyEntry } from "./useKeyEntry";

interface KeySheetProps {
  view: KeysView;
  providers: ProviderView[];
  /** The key to replace; none to add one. */
  replaced: KeyView | undefined;
  onClose: () => void;
}

export function KeySheet({ view, providers, replaced, onClose }: KeySheetProps) {
  const labelRef = useRef<HTMLInputElement>(null);
  const formId = useId();
  const entry = useKeyEntry({
    provider: replaced?.provider ?? providers[0]?.id ?? "anthropic",
    baseUrl: replaced?.ownAddress ? replaced.baseUrl : "",
  });
  // The store refused: its screen stands in place of the form until it is ready; the key waits in the backend.
  const refused = entry.error instanceof BackendError && entry.error.code === "credential_store";
  const [isOutOfTheWay, setOutOfTheWay] = useState(false);

  const save = async () => {
    setOutOfTheWay(false);
    const saved = await entry.save(labelRef.current?.value ?? "", replaced);
    if (saved) onClose();
  };
  const isBlocked = refused && !isOutOfTheWay;
  // What stands in the field is another key than the one that was checked.
  const canSave = isSavable(entry) && !entry.typed;
  const works = entry.result?.outcome === "works";
  const isRefused = entry.result && !entry.checking && !entry.typed;
  const reason = canSave ? null : isRefused ? t("keys.needsOther") : t("keys.needsCheck");
  const toMemory = view.store.state === "session";

  return (
    <Sheet
      open
      onClose={onClose}
      title={
        replaced ? t("keys.replaceTitle", { provider: keyOwner(replaced), last4: replaced.last4 ?? "" }) : t("keys.add")
      }
      foot={
        <>
          <span className="hint grow">
            {isBlocked
              ? t("keys.note.notSaved")
              : canSave
                ? toMemory
                  ? t("keys.savedToMemory")
                  : t("keys.savedTo", { store: placeName(view.store) })
                : reason}
          </span>
          <Button onClick={onClose}>{t("kit.cancel")}</Button>
          {isBlocked ? null : (
            <Button variant="primary" busy={entry.saving} disabledReason={reason} onClick={save}>
              {works || !canSave ? t("keys.save") : t("keys.saveAnyway")}
            </Button>
          )}
        </>
      }
    >
      {isBlocked ? (
        <StorePanel
          store={view.store}
          state={entry.error instanceof BackendError ? entry.error.view.store : null}
          compact
          onReady={save}
          onLeave={() => setOutOfTheWay(true)}
        />
      ) : null}
      <form
        className="stack stack--l"
        id={formId}
        autoComplete="off"
        hidden={isBlocked}
        onSubmit={(event) => event.preventDefault()}
      >
        {replaced ? <p className="quiet">{replaceText(replaced, view.store)}</p> : null}
        <KeyForm
          entry={entry}
          providers={providers}
          layout="sheet"
          fixedEndpoint={replaced !== undefined}
          onSave={save}
          name={
            replaced ? null : (
              <Field label={t("keys.name")} hint={t("keys.nameOptional")}>
                {(control) => <input {...control} ref={labelRef} className="input" maxLength={80} autoComplete="off" />}
              </Field>
            )
          }
        />
        <p className="hint">{keptWords(view.store)}</p>
        {isOutOfTheWay ? <Note bare tone="warn" role="status" title={t("keys.note.notSaved")} /> : null}
      </form>
      <StoreWaiting busy={entry.saving} name={view.store.name} />
    </Sheet>
  );
}

/** What becomes of the key that is replaced, by where it is. */
function replaceText({ place }: KeyView, { name }: StoreView): string {
  switch (place) {
    case "session":
      return t("keys.replaceTextMemory");
    case "vault":
      return t("keys.replaceText", { store: t("store.vaultName") });
    case "vault_aside":
      return t("keys.replaceTextSetAside", { store: t("store.vaultName") });
    case "set_aside":
      return t("keys.replaceTextSetAside", { store: name });
    case "missing":
    case "session_ended":
      return t("keys.replaceTextGone");
    case "system":
    case "none":
      return t("keys.replaceText", { store: name });
  }
}
