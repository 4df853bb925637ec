/** The provider keys, one row each. */
import { useState } from "react";
import { bridge, type KeyView, type ProviderView, type StoreView } from "../../bridge";
import { useCommand } from "../../command";
import { IconButton, InlineName, Menu, type MenuEntry, Status, Table, TextButton } from "../../kit";
import { navigate } from "../../route";
import { format, t } from "../../text";
import { keyName, keyOwner, removeKey } from "../store";
import { healthOf } from "./health";

// Local endpoints are taken out of use in the same way.
export { removeKey };

interface KeyTableProps {
  keys: KeyView[];
  providers: ProviderView[];
  store: StoreView;
  /** Own keys are in force; otherwise they are kept, and neither used nor checked nor replaced. */
  inUse: boolean;
  /** The month that the spending column is about. */
  month: string;
  /** A command about a key refused; the screen says so. */
  onError: (error: unknown, keyId: string) => void;
}

export function KeyTable({ keys, providers, month, ...rest }: KeyTableProps) {
  return (
    <Table
      caption={t("keys.table")}
      head={
        <>
          <th scope="col">{t("keys.column.provider")}</th>
          <th scope="col">{t("keys.column.key")}</th>
          <th scope="col">{t("keys.column.status")}</th>
          <th scope="col">{t("keys.column.checked")}</th>
          <th scope="col" className="right">
            {month}
          </th>
          <th scope="col">
            <span className="vh">{t("keys.column.actions")}</span>
          </th>
        </>
      }
    >
      {keys.map((key) => (
        <KeyRow key={key.id} view={key} provider={providers.find(({ id }) => id === key.provider)} {...rest} />
      ))}
    </Table>
  );
}

type KeyRowProps = Pick<KeyTableProps, "store" | "inUse" | "onError"> & {
  view: KeyView;
  provider: ProviderView | undefined;
};

function KeyRow({ view: key, provider, store, inUse, onError }: KeyRowProps) {
  const [edited, setEdited] = useState<"label" | "model" | null>(null);
  const name = keyName(key);
  const run = useCommand(async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      onError(error, key.id);
    }
  }).run;
  const leave = () => setEdited(null);
  return (
    <tr>
      <th scope="row">
        {keyOwner(key)}
        {key.ownAddress ? <span className="tag table__tag">{t("keys.company")}</span> : null}
        {edited === "label" ? (
          <InlineName
            label={t("keys.nameOf")}
            value={key.label}
            onKeep={(next) => run(() => bridge.keysRename(key.id, next))}
            onLeave={leave}
          />
        ) : (
          <Label view={key} />
        )}
        {key.ownAddress ? <small className="mono">{key.baseUrl.replace(/^https?:\/\//, "")}</small> : null}
      </th>
      <td>
        {key.last4 ? <span className="mono small table__last4">··{key.last4}</span> : null}
        <small className="table__dates">{dates(key)}</small>
      </td>
      <td>
        {edited === "model" ? (
          <InlineName
            label={t("keys.modelName")}
            value=""
            onKeep={(model) => run(() => bridge.keysNameModel(key.id, model))}
            onLeave={leave}
          />
        ) : inUse ? (
          <Health view={key} provider={provider} store={store} run={run} />
        ) : (
          <Status icon="key">{t("keys.status.notUsed")}</Status>
        )}
      </td>
      <td className="quiet">
        {key.lastCheckedAt === null ? t("keys.never") : format.ago(key.lastCheckedAt, Date.now())}
      </td>
      <td className="right num">{format.total(key.spentThisMonth)}</td>
      <td className="right">
        <Menu
          trigger={<IconButton size="s" icon="more" label={t("keys.actionsFor", { name })} />}
          items={[
            { icon: "edit", label: t("keys.rename"), onSelect: () => setEdited("label") },
            {
              icon: "check",
              label: t("keys.makeDefault", { provider: key.providerName }),
              disabledReason: key.isDefault ? t("keys.isDefault") : null,
              onSelect: () => run(() => bridge.keysSetDefault(key.id)),
            },
            ...(inUse ? inUseActions(key, run, () => setEdited("model")) : []),
            { icon: "key", label: t("custody.open"), onSelect: () => showCustody(key) },
            ...(provider?.pages.includes("keys")
              ? [
                  {
                    icon: "ext",
                    label: t("keys.openConsole", { provider: key.providerName }),
                    onSelect: () => run(() => bridge.providerPageOpen(key.provider, "keys")),
                  } as const,
                ]
              : []),
            "line",
            { icon: "trash", label: t("keys.remove"), onSelect: () => run(() => removeKey(key, store)) },
          ]}
        />
      </td>
    </tr>
  );
}

type Run = (act: () => Promise<unknown>) => void;

/** What can be done with a key while own keys are in force. */
function inUseActions(key: KeyView, run: Run, onNameModel: () => void): MenuEntry[] {
  return [
    key.checking
      ? { icon: "stop", label: t("keys.stopCheck"), onSelect: () => run(() => bridge.keysRecheckStop(key.id)) }
      : {
          icon: "refresh",
          label: t("keys.checkAgain"),
          disabledReason:
            key.place === "set_aside" || key.place === "vault_aside" ? t("keys.status.setAsideText") : null,
          onSelect: () => run(() => bridge.keysRecheck(key.id)),
        },
    ...(listsNothing(key) ? [{ icon: "edit", label: t("keys.nameModel"), onSelect: onNameModel } as const] : []),
    { icon: "swap", label: t("keys.replace"), onSelect: () => replace(key) },
  ];
}

/** Whether the endpoint's models are known by name only: it lists none, or cannot. */
function listsNothing({ health }: KeyView): boolean {
  return health.state === "working"
    ? health.modelCount === 0
    : health.state === "failing" && health.failure.providerCode === "cannot_list_models";
}

/** The user's name for the key, where it says more than the row does, and whether it is the default. */
function Label({ view: key }: { view: KeyView }) {
  const isSaid = key.label === "" || key.label === keyOwner(key);
  if (isSaid) return key.isDefault ? <small>{t("keys.default")}</small> : null;
  return <small>{key.isDefault ? t("keys.labelled", { label: key.label }) : key.label}</small>;
}

function Health({ view: key, provider, store, run }: Pick<KeyRowProps, "view" | "provider" | "store"> & { run: Run }) {
  const words = healthOf(key, store);
  const { page } = words;
  return (
    <>
      <Status {...(words.tone ? { tone: words.tone } : {})} icon={words.icon}>
        {words.word}
      </Status>
      {words.more ? <small>{words.more}</small> : null}
      {key.place === "session" ? <small>{t("keys.untilQuit")}</small> : null}
      {key.place === "missing" || key.place === "session_ended" ? (
        <small>
          <TextButton onClick={() => replace(key)}>{t("keys.status.addAgain")}</TextButton>
        </small>
      ) : null}
      {page && provider?.pages.includes(page.page) ? (
        <small>
          <TextButton onClick={() => run(() => bridge.providerPageOpen(key.provider, page.page))}>
            {page.label}
          </TextButton>
        </small>
      ) : null}
    </>
  );
}

function dates({ addedAt, lastUsedAt }: KeyView): string {
  const added = format.day(addedAt);
  return lastUsedAt === null
    ? t("keys.addedUnused", { added })
    : t("keys.addedUsed", { added, used: format.ago(lastUsedAt, Date.now()) });
}

function showCustody(key: KeyView): void {
  navigate({ screen: "settings", section: "keys", sheet: { kind: "custody", keyId: key.id } });
}

function replace(key: KeyView): void {
  navigate({ screen: "settings", section: "keys", sheet: { kind: "replace", keyId: key.id } });
}
