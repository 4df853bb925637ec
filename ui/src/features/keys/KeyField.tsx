/**
 * The key field: a password field that is never held, never refilled and never kept by the browser. On paste or Return its value
 * goes to the backend once and the field is empty in the same tick; then it shows the last four characters of what was taken.
 */
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useEffect, useId } from "react";
import type { ProviderView } from "../../bridge";
import { type FieldControl, Icon, IconButton, Spinner } from "../../kit";
import { t } from "../../text";
import type { KeyEntry } from "./useKeyEntry";

interface KeyFieldProps {
  entry: KeyEntry;
  provider: ProviderView;
  fieldRef: RefObject<HTMLInputElement | null>;
  /** Set inside a labelled field. */
  control?: FieldControl;
  invalid: boolean;
  describedBy: string;
}

/** Hands over what stands in the field and empties it, before anything else can happen. */
export function handOver(field: HTMLInputElement | null, entry: KeyEntry): void {
  // What is being saved stays what it is, and what is typed meanwhile stays in the field.
  if (!field || entry.saving) return;
  const handed = entry.submit(field.value);
  field.value = "";
  field.focus();
  return void handed;
}

export function KeyField({ entry, provider, fieldRef, control, invalid, describedBy }: KeyFieldProps) {
  const chipId = useId();
  const { pending, checking, result, saving, setTyped } = entry;
  // What stood in the field went with it.
  useEffect(() => () => setTyped(false), [setTyped]);
  const works = result?.outcome === "works";

  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    // Into a field that holds something the paste is a piece of it; Return hands the whole over.
    if (event.currentTarget.value !== "" || saving) return;
    event.preventDefault();
    entry.submit(event.clipboardData.getData("text"));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (event.currentTarget.value === "" && pending) entry.check();
    else handOver(event.currentTarget, entry);
  };
  const onClear = () => {
    if (fieldRef.current) fieldRef.current.value = "";
    setTyped(false);
    entry.clear();
  };
  return (
    <div className="withicon keyfield grow">
      <input
        {...control}
        ref={fieldRef}
        className={works ? "input input--mono is-valid" : "input input--mono"}
        type="password"
        name="api-key"
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={pending ? " " : `${provider.keyPrefix ?? ""}…`}
        aria-label={control ? undefined : t("keys.apiKeyOf", { provider: provider.name })}
        aria-invalid={invalid || undefined}
        aria-describedby={[pending ? chipId : null, describedBy].filter(Boolean).join(" ")}
        onInput={(event) => setTyped(event.currentTarget.value !== "")}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
      {pending?.last4 ? (
        <span className="keyfield__chip" id={chipId}>
          {t("keys.held", { last4: pending.last4 })}
        </span>
      ) : null}
      {pending ? (
        <span className="keyfield__end">
          {checking ? <Spinner /> : works ? <Icon name="check" size="s" className="keyfield__ok" /> : null}
          <IconButton size="s" icon="x" label={t("keys.clear")} onClick={onClear} />
        </span>
      ) : null}
    </div>
  );
}
