/** Settings > Keys. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { BackendError, bridge, type KeysView, type KeyView, queries, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Icon, Note } from "../../kit";
import { navigate, type KeySheet as Sheet } from "../../route";
import { format, rich, t } from "../../text";
import { TermsLink } from "../billing";
import { ErrorNote } from "../failures";
import { keptWords, needsAttention, placeName, StorePanel, StoreRefusal, StoreWaiting, VaultNote } from "../store";
import { CustodySheet } from "./CustodySheet";
import { checkAll, type KeyTrouble } from "./checkAll";
import { KeySheet } from "./KeySheet";
import { KeyTable } from "./KeyTable";
import { LocalServers } from "./LocalServers";
import { Reconciled } from "./Reconciled";

const show = (sheet?: Sheet) => navigate({ screen: "settings", section: "keys", sheet });

export function KeysScreen({ sheet }: { sheet: Sheet | undefined }) {
  const { data: view, error, refetch } = useQuery(queries.keys);
  const { data: start } = useQuery(queries.start);
  const { data: billing } = useQuery(queries.billing);
  const { data: totals } = useQuery(queries.totals(null));
  const [trouble, setTrouble] = useState<KeyTrouble | null>(null);
  const check = useCommand(async (keys: KeyView[]) => {
    setTrouble(null);
    setTrouble(await checkAll(keys));
  });
  if (error) return <ErrorNote error={error} onRetry={refetch} />;
  if (!view || !start || !billing) return null;

  const { store } = view;
  // Own keys alone have a form for keys; in the other mode they are kept and not used.
  const inUse = billing.mode !== "vendor_billed";
  const withKeys = view.keys.filter((key) => key.place !== "none");
  const replaced = sheet?.kind === "replace" ? view.keys.find(({ id }) => id === sheet.keyId) : undefined;
  const shown = sheet?.kind === "custody" ? view.keys.find(({ id }) => id === sheet.keyId) : undefined;
  return (
    <div className="page__in page__in--wide">
      <header className="page__head">
        <div>
          <h1>{t("settings.keys")}</h1>
          <p className="page__lede">{keptWords(store)}</p>
        </div>
        {inUse && withKeys.length > 0 ? (
          <div className="row">
            <Button icon="refresh" busy={check.busy} onClick={() => check.run(withKeys)}>
              {t("keys.checkAll")}
            </Button>
            <Button variant="primary" icon="plus" onClick={() => show({ kind: "add" })}>
              {t("keys.add")}
            </Button>
          </div>
        ) : null}
      </header>
      <div className="stack stack--l">
        {inUse ? null : <NotUsed />}
        <Trouble view={view} trouble={trouble} asksForStore={inUse} onSettled={() => setTrouble(null)} />
        {store.state === "session" ? <SessionNote view={view} /> : null}
        {store.state === "vault_open" ? <VaultNote store={store} /> : null}
        <Reconciled view={view} />
        {withKeys.length > 0 ? (
          <KeyTable
            keys={withKeys}
            providers={start.providers}
            store={store}
            inUse={inUse}
            month={totals ? format.month(totals.monthOf) : ""}
            onError={(refusal, keyId) => setTrouble({ error: refusal, keyId })}
          />
        ) : (
          <NoKeys storeName={placeName(store)} canAdd={inUse} />
        )}
      </div>
      <LocalServers view={view} />
      <p className="hint page__foot">
        {rich("keys.responsible", {
          terms: (chunks) => (
            <TermsLink key="terms" mode="byok">
              {chunks}
            </TermsLink>
          ),
        })}
      </p>
      {shown ? <CustodySheet view={shown} storeName={store.name} onClose={() => show()} /> : null}
      {inUse && (sheet?.kind === "add" || replaced) ? (
        <KeySheet
          key={replaced?.id ?? "add"}
          view={view}
          providers={start.providers}
          replaced={replaced}
          onClose={() => show()}
        />
      ) : null}
    </div>
  );
}

interface TroubleProps {
  view: KeysView;
  trouble: KeyTrouble | null;
  /** Keys are in use, so that a store out of reach matters by itself. */
  asksForStore: boolean;
  onSettled: () => void;
}

/** What stands in the way: the credential store's own screen, or a command that was refused. */
function Trouble({ view: { store }, trouble, asksForStore, onSettled }: TroubleProps) {
  const refusal = trouble?.error;
  const inStore = refusal instanceof BackendError && refusal.code === "credential_store" ? refusal : null;
  if (inStore || (asksForStore && needsAttention(store.state))) {
    return (
      <StorePanel
        // Another key's trouble is another panel.
        key={trouble?.keyId ?? ""}
        store={store}
        state={inStore?.view.store ?? null}
        keyId={trouble?.keyId ?? null}
        onReady={onSettled}
      />
    );
  }
  return trouble ? <ErrorNote error={trouble.error} onDismiss={onSettled} /> : null;
}

/** Vendor-billed is in force. */
function NotUsed() {
  return (
    <Note
      tone="info"
      icon="receipt"
      title={t("keys.notUsed")}
      actions={
        <Button size="s" onClick={() => navigate({ screen: "settings", section: "billing" })}>
          {t("billing.useOwnKeys")}
        </Button>
      }
    >
      <p>{t("keys.notUsedText")}</p>
    </Note>
  );
}

function NoKeys({ storeName, canAdd }: { storeName: string; canAdd: boolean }) {
  return (
    <section className="empty">
      <Icon name="key" size="l" />
      <h2>{t("keys.none")}</h2>
      <p className="quiet">{canAdd ? t("keys.noneText", { store: storeName }) : t("keys.noneNeeded")}</p>
      {canAdd ? (
        <div className="empty__acts">
          <Button variant="primary" onClick={() => show({ kind: "add" })}>
            {t("keys.add")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** Keys are in memory, as the user chose; the way back stands beside it, and what came of trying it. */
function SessionNote({ view: { store } }: { view: KeysView }) {
  const [found, setFound] = useState<StoreView | null>(null);
  const useSystem = useCommand(async () => {
    setFound(null);
    setFound(await bridge.storeUseSystem());
  });
  return (
    <>
      <Note
        tone="warn"
        icon="clock"
        title={t("keys.session")}
        actions={
          <Button size="s" busy={useSystem.busy} onClick={useSystem.run}>
            {t("keys.useSystem", { store: store.name })}
          </Button>
        }
      >
        <p>{t("keys.sessionText")}</p>
      </Note>
      <StoreWaiting busy={useSystem.busy} name={store.name} />
      {found ? <StoreRefusal found={found} /> : null}
      {useSystem.error ? <ErrorNote error={useSystem.error} onDismiss={useSystem.dismiss} /> : null}
    </>
  );
}
