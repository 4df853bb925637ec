/**
 * The credential store needs the user: which state it is in, what that means, and what to press. It appears in place of what
 * needed the store. There is no silent fallback: memory is used only when the user chooses it here.
 */
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { bridge, type KeyView, queries, type StoreStateView, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Card, Icon, TextButton } from "../../kit";
import { navigate } from "../../route";
import { rich, t } from "../../text";
import { ErrorNote } from "../failures";
import { removeKey } from "./removeKey";
import { useSlow, WaitingNote } from "./StoreWaiting";
import { concernsVault, isGone, needsAttention, offersMemory, type TroubledState, wordsOf } from "./states";
import { BeginAnew, CreateForm, UnlockForm } from "./VaultForm";

interface StorePanelProps {
  store: StoreView;
  /** The state that a command reported, when it is newer than the store's own view. */
  state?: StoreStateView | null;
  /** The key that was needed, where it is a saved one. */
  keyId?: string | null;
  /** The store answers, or the user chose memory: what needed it can go on. */
  onReady: () => void;
  /** Goes on without keys. */
  onLeave?: () => void;
  /** In a sheet or a conversation rather than on a page of its own. */
  compact?: boolean;
}

export function StorePanel({ store, state, keyId = null, onReady, onLeave, compact = false }: StorePanelProps) {
  const { data: start } = useQuery(queries.start);
  const { data: keys } = useQuery({ ...queries.keys, enabled: keyId !== null });
  const id = useId();
  // A probe's own answer is newer than what a command reported before it.
  const [probed, setProbed] = useState<StoreStateView | null>(null);
  const shown = probed ?? state ?? store.state;
  const ready = (view: StoreView) => {
    setProbed(view.state);
    if (!needsAttention(view.state)) onReady();
  };
  // While keys are in memory the store is not asked: it has to be taken into use again.
  const isAside = shown === "set_aside" || (store.state === "session" && !isGone(shown));
  const probe = useCommand(async () => ready(await (isAside ? bridge.storeUseSystem() : bridge.storeProbe(keyId))));
  const isWaiting = useSlow(probe.busy);
  const memory = useCommand(async () => ready(await bridge.storeUseSession()));
  const copy = useCommand((text: string) => bridge.clipboardCopy(text));

  if (!needsAttention(shown)) return null;
  const os = start?.os ?? "linux";
  const key = keys?.keys.find((each) => each.id === keyId);
  const words = wordsOf(shown, store, os, key?.last4);
  const failure = probe.error ?? memory.error ?? copy.error;
  const details = [shown, store.name, store.detail, store.desktop].filter(Boolean).join("\n");

  if (isWaiting) return <WaitingNote name={store.name} />;
  return (
    <section className={compact ? "storepanel storepanel--compact" : "storepanel"} aria-labelledby={id} role="status">
      <Icon name={words.icon} size="l" className="storepanel__icon" />
      <h2 id={id}>{words.title}</h2>
      <p className="quiet storepanel__text">{words.text}</p>
      {key && isGone(shown) ? (
        <GoneActions keyView={key} store={store} onForgotten={onReady} onLeave={onLeave} compact={compact} />
      ) : concernsVault(shown) ? (
        <VaultActions
          state={shown}
          store={store}
          probe={probe}
          probeLabel={words.probe}
          onView={ready}
          onLeave={onLeave}
        />
      ) : offersMemory(shown) ? (
        <Choices
          state={shown}
          store={store}
          probeLabel={words.probe}
          onProbe={probe.run}
          onMemory={memory.run}
          onView={ready}
          onLeave={onLeave}
          onCopy={copy.run}
        />
      ) : (
        <div className="row storepanel__acts">
          <Button variant="primary" size={compact ? "m" : "l"} busy={probe.busy} onClick={probe.run}>
            {words.probe}
          </Button>
          {onLeave ? (
            <Button size={compact ? "m" : "l"} onClick={onLeave}>
              {t("store.readOn")}
            </Button>
          ) : null}
        </div>
      )}
      {failure ? <ErrorNote bare error={failure} /> : null}
      {words.help ? (
        <details className="storepanel__help">
          <summary className="medium">
            <Icon name="chev-r" size="s" />
            {words.help.title}
          </summary>
          <ol className="quiet">
            {words.help.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </details>
      ) : null}
      <p className="hint storepanel__foot">
        {t("store.nothingDeleted")}{" "}
        {store.detail
          ? rich("store.reported", { detail: store.detail, code: (chunks) => <code key="code">{chunks}</code> })
          : null}{" "}
        <button type="button" className="textbtn textbtn--inline" onClick={() => copy.run(details)}>
          {t("store.copyDetails")}
        </button>
      </p>
    </section>
  );
}

interface GoneActionsProps {
  keyView: KeyView;
  store: StoreView;
  onForgotten: () => void;
  onLeave: (() => void) | undefined;
  compact: boolean;
}

/** The key is gone; its settings and what it cost are kept until the user forgets it. */
function GoneActions({ keyView, store, onForgotten, onLeave, compact }: GoneActionsProps) {
  const size = compact ? "m" : "l";
  const forget = useCommand(async () => {
    await removeKey(keyView, store);
    onForgotten();
  });
  return (
    <>
      <div className="row storepanel__acts">
        <Button
          variant="primary"
          size={size}
          onClick={() =>
            navigate({ screen: "settings", section: "keys", sheet: { kind: "replace", keyId: keyView.id } })
          }
        >
          {t("keys.status.addAgain")}
        </Button>
        <Button size={size} busy={forget.busy} onClick={forget.run}>
          {t("store.forget")}
        </Button>
        {onLeave ? <TextButton onClick={onLeave}>{t("kit.dismiss")}</TextButton> : null}
      </div>
      {forget.error ? <ErrorNote bare error={forget.error} /> : null}
    </>
  );
}

interface VaultActionsProps {
  state: TroubledState;
  store: StoreView;
  probe: { run: () => void; busy: boolean };
  probeLabel: string;
  /** A command answered with the store as it is now. */
  onView: (view: StoreView) => void;
  onLeave: (() => void) | undefined;
}

/** The passphrase vault needs the user: its passphrase, a new vault, or another look at its file. */
function VaultActions({ state, store, probe, probeLabel, onView, onLeave }: VaultActionsProps) {
  // Without its file there is nothing to take along: a store that does not work says so, and offers what else there is.
  const leave = useCommand(async () => onView(await bridge.storeUseSystem()));
  if (state === "vault_locked" || state === "vault_aside") {
    return (
      <>
        <UnlockForm onOpen={onView} onBegun={onView} />
        {onLeave ? <TextButton onClick={onLeave}>{t("store.readOn")}</TextButton> : null}
      </>
    );
  }
  return (
    <>
      {state === "vault_missing" ? <CreateForm onOpen={onView} /> : null}
      <div className="row storepanel__acts">
        <Button busy={probe.busy} onClick={probe.run}>
          {probeLabel}
        </Button>
        {state === "vault_damaged" ? <BeginAnew onBegun={onView} /> : null}
        {state === "vault_missing" ? (
          <Button busy={leave.busy} onClick={leave.run}>
            {t("keys.useSystem", { store: store.name })}
          </Button>
        ) : null}
        {onLeave ? <Button onClick={onLeave}>{t("store.readOn")}</Button> : null}
      </div>
      {leave.error ? <ErrorNote bare error={leave.error} /> : null}
    </>
  );
}

interface ChoicesProps {
  state: TroubledState;
  store: StoreView;
  probeLabel: string;
  onProbe: () => void;
  onMemory: () => void;
  onView: (view: StoreView) => void;
  onLeave: (() => void) | undefined;
  onCopy: (text: string) => void;
}

type Choice = "store" | "memory" | "vault" | "without";

/** No store to rely on: get one, keep keys in memory or in a passphrase vault, or go without. */
function Choices({ state, store, probeLabel, onProbe, onMemory, onView, onLeave, onCopy }: ChoicesProps) {
  const group = useId();
  const [choice, setChoice] = useState<Choice>("store");
  const { installCommand } = store;
  const install = state === "absent";
  const getStore = state === "no_collection" ? t("store.createKeyring") : probeLabel;
  const go = choice === "vault" ? null : { store: onProbe, memory: onMemory, without: onLeave ?? onProbe }[choice];
  return (
    <>
      <fieldset className="stack storepanel__choices">
        <legend className="vh">{t("store.whatToDo")}</legend>
        <Card
          compact
          group={group}
          checked={choice === "store"}
          onChoose={() => setChoice("store")}
          title={install ? t("store.install") : getStore}
          lede={install ? t("store.installText") : undefined}
          mark={install && store.desktop ? <span className="tag">{store.desktop}</span> : undefined}
        >
          {install && installCommand ? (
            <>
              <div className="codeline">
                <code>{installCommand}</code>
                <Button size="s" icon="copy" onClick={() => onCopy(installCommand)}>
                  {t("store.copy")}
                </Button>
              </div>
              <p className="hint">{t("store.installAfter")}</p>
            </>
          ) : null}
        </Card>
        <Card
          compact
          group={group}
          checked={choice === "memory"}
          onChoose={() => setChoice("memory")}
          title={t("store.memory")}
          lede={t("store.memoryText")}
        />
        <Card
          compact
          group={group}
          checked={choice === "vault"}
          onChoose={() => setChoice("vault")}
          title={t("store.vault")}
          lede={t("store.vaultText")}
        />
        {onLeave ? (
          <Card
            compact
            group={group}
            checked={choice === "without"}
            onChoose={() => setChoice("without")}
            title={t("store.without")}
            lede={t("store.withoutText")}
          />
        ) : null}
      </fieldset>
      {go ? (
        <div className="row storepanel__acts">
          <Button variant="primary" onClick={go}>
            {choice === "store" ? probeLabel : t("store.continue")}
          </Button>
        </div>
      ) : store.hasVault ? (
        <UnlockForm onOpen={onView} onBegun={onView} />
      ) : (
        <CreateForm onOpen={onView} />
      )}
    </>
  );
}
