/** What the check found, below the field: spoken politely, never interrupting. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { BackendError, bridge, type ProviderView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, TextButton } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";
import { type CheckAction, type CheckWords, malformed, savedLater, wordsFor } from "./check";
import type { KeyEntry } from "./useKeyEntry";

interface CheckNoteProps {
  entry: KeyEntry;
  provider: ProviderView;
  nameOf: (id: ProviderView["id"]) => string;
  /** Provider and address stay. */
  isFixed: boolean;
  /** Saves at once; without it the key is saved later, and the note says so. */
  onSave?: (() => void) | undefined;
  onEditBaseUrl: () => void;
}

export function CheckNote(props: CheckNoteProps) {
  const { provider } = props;
  const openPage = useCommand((page: CheckAction & { do: "open" }) => bridge.providerPageOpen(provider.id, page.page));
  return (
    <>
      <Finding {...props} onOpen={openPage.run} />
      {openPage.error ? <ErrorNote bare error={openPage.error} onDismiss={openPage.dismiss} /> : null}
    </>
  );
}

interface FindingProps extends CheckNoteProps {
  onOpen: (page: CheckAction & { do: "open" }) => void;
}

function Finding({ entry, provider, nameOf, isFixed, onSave, onEditBaseUrl, onOpen }: FindingProps) {
  const waitMs = useAutomaticCheck(entry);
  const { data: keys } = useQuery(queries.keys);
  const { pending, checking, result, error, gone } = entry;

  if (gone) {
    const isOld = gone === "expired";
    return (
      <Note bare tone="warn" role="status" title={isOld ? t("keys.note.expiredPending") : t("keys.note.originChanged")}>
        <p>{isOld ? t("keys.note.expiredPendingText") : t("keys.note.originChangedText")}</p>
      </Note>
    );
  }
  if (error) return <Refusal entry={entry} />;
  if (checking) {
    return (
      <Note
        bare
        busy
        tone="info"
        role="status"
        title={t("keys.note.checking", { provider: provider.name })}
        actions={
          <Button size="s" onClick={entry.stop}>
            {t("keys.note.stop")}
          </Button>
        }
      >
        <p>{t("keys.note.checkingText")}</p>
      </Note>
    );
  }
  const ownAddress = entry.baseUrl.trim() === "" ? null : entry.baseUrl.trim();
  const serverAt = (host: string) => keys?.localServers.find(({ address }) => address === host)?.name ?? null;
  const words: CheckWords | null = result
    ? wordsFor(result, { provider, nameOf, ownAddress, waitMs, isFixed, serverAt })
    : pending?.hasSpace && !entry.keyless
      ? malformed()
      : null;
  if (!words) return null;

  const act = (action: CheckAction) => {
    switch (action.do) {
      case "paste":
        return entry.paste();
      case "clear":
        return entry.clear();
      case "check":
        return entry.check();
      case "checkAnyway":
        return entry.check({ anyShape: true });
      case "stopWaiting":
        return entry.stopWaiting();
      case "useOther":
        return entry.check({ provider: action.provider, baseUrl: "" });
      case "addV1":
        return entry.check({ baseUrl: `${entry.baseUrl.trim().replace(/\/+$/, "")}/v1`, anyShape: true });
      case "editBaseUrl":
        return onEditBaseUrl();
      case "open":
        return onOpen(action);
      case "save":
        return onSave?.();
    }
  };
  const later = result && !onSave ? savedLater(result, provider) : null;
  const [first, ...rest] = words.actions.filter((action) => action.do !== "save" || onSave);
  return (
    <Note
      bare
      tone={words.tone}
      icon={words.icon}
      role="status"
      title={words.title}
      actions={
        first ? (
          <>
            <Button size="s" onClick={() => act(first)}>
              {first.label}
            </Button>
            {rest.map((action) => (
              <TextButton key={action.label} className="small" onClick={() => act(action)}>
                {action.label}
              </TextButton>
            ))}
          </>
        ) : undefined
      }
    >
      {words.text ? <p>{words.text}</p> : null}
      {later ? <p>{later}</p> : null}
      {words.code ? (
        <p className="note__code">
          <code>{words.code}</code>
        </p>
      ) : null}
    </Note>
  );
}

/** A command refused the entry itself; nothing was sent. */
function Refusal({ entry: { error, failedAt, keyless } }: { entry: KeyEntry }) {
  const code = error instanceof BackendError ? error.code : null;
  const simple = (title: string, text?: string) => (
    <Note bare tone="warn" role="status" title={title}>
      {text ? <p>{text}</p> : null}
    </Note>
  );
  switch (code) {
    case "key_empty":
      return simple(t("keys.note.empty"));
    case "clipboard_empty":
      return simple(t("keys.note.clipboardEmpty"));
    case "invalid_input":
      return keyless && failedAt === "entry" ? (
        simple(t("keys.note.keylessElsewhere"))
      ) : (
        <ErrorNote bare error={error} />
      );
    case "platform_unreachable":
      return simple(t("keys.note.vendorBilled"), t("keys.note.vendorBilledText"));
    // These have their place elsewhere in the form.
    case "base_url_invalid":
    case "credential_store":
      return null;
    default:
      return <ErrorNote bare error={error} />;
  }
}

/** Checks again by itself when the provider's wait is over; the milliseconds left, while there is a wait. */
function useAutomaticCheck(entry: KeyEntry): number | null {
  const { checkAt, checkByItself } = entry;
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (checkAt === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [checkAt]);
  const isOver = checkAt !== null && now >= checkAt;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the end of the wait starts a check.
  useEffect(() => {
    if (isOver) checkByItself();
  }, [isOver]);
  return checkAt === null ? null : Math.max(0, checkAt - now);
}
