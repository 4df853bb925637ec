/** Model servers on this computer: no key, nothing leaves the machine, nothing is billed. */
import { type ReactNode, useState } from "react";
import { bridge, type KeysView, type KeyView, type LocalServerView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, IconButton, Menu, Status, Table, TextButton } from "../../kit";
import { t } from "../../text";
import { ErrorNote } from "../failures";
import { removeKey } from "./KeyTable";

/** The table in the settings. */
export function LocalServers({ view }: { view: KeysView }) {
  const look = useCommand(() => bridge.keysFindLocal());
  const remove = useCommand((key: KeyView) => removeKey(key, view.store));
  const keyOf = (server: LocalServerView) => view.keys.find((key) => key.id === server.keyId);
  return (
    <section className="sect" aria-label={t("keys.local")}>
      <div className="sect__head">
        <div>
          <h2 className="h2">{t("keys.local")}</h2>
          <p className="hint">{t("keys.localHint")}</p>
        </div>
        <Button size="s" icon="refresh" busy={look.busy} onClick={look.run}>
          {t("keys.look")}
        </Button>
      </div>
      {look.error || remove.error ? <ErrorNote error={look.error ?? remove.error} /> : null}
      {view.localServers.length === 0 ? (
        <p className="hint" role="status">
          {t("keys.localNone")}
        </p>
      ) : (
        <Table
          caption={t("keys.localTable")}
          head={
            <>
              <th scope="col">{t("keys.column.endpoint")}</th>
              <th scope="col">{t("keys.column.address")}</th>
              <th scope="col">{t("keys.column.status")}</th>
              <th scope="col" className="right">
                {t("keys.column.price")}
              </th>
              <th scope="col">
                <span className="vh">{t("keys.column.actions")}</span>
              </th>
            </>
          }
        >
          {view.localServers.map((server) => (
            <tr key={server.keyId}>
              <th scope="row">{server.name}</th>
              <td className="mono small table__mono">{server.address}</td>
              <td>
                <Running count={server.running} />
              </td>
              <td className="right quiet">{t("keys.free")}</td>
              <td className="right">
                <RowMenu server={server} endpoint={keyOf(server)} remove={remove.run} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

interface RowMenuProps {
  server: LocalServerView;
  endpoint: KeyView | undefined;
  remove: (key: KeyView) => void;
}

function RowMenu({ server, endpoint, remove }: RowMenuProps) {
  if (!endpoint) return null;
  return (
    <Menu
      trigger={<IconButton size="s" icon="more" label={t("keys.actionsFor", { name: server.name })} />}
      items={[{ icon: "trash", label: t("keys.remove"), onSelect: () => remove(endpoint) }]}
    />
  );
}

function Running({ count }: { count: number | null }) {
  return count === null ? (
    <Status icon="clock">{t("keys.notRunning")}</Status>
  ) : (
    <Status tone="ok" icon="check">
      {t("keys.running", { count })}
    </Status>
  );
}

/** The offer in the first run: one press looks; what runs can be asked at once. */
export function useFindLocal(found: LocalServerView[]): { offer: ReactNode; outcome: ReactNode } {
  const [hasLooked, setLooked] = useState(false);
  const look = useCommand(async () => {
    await bridge.keysFindLocal();
    setLooked(true);
  });
  const running = found.filter((server) => server.running !== null);
  const offer = (
    <TextButton disabled={look.busy} onClick={look.run}>
      {t("keys.useLocal")}
    </TextButton>
  );
  const outcome = (
    <div role="status">
      {look.error ? <ErrorNote bare error={look.error} /> : null}
      {hasLooked && running.length === 0 ? <p className="hint">{t("keys.localNone")}</p> : null}
      {hasLooked
        ? running.map((server) => (
            <Status key={server.keyId} tone="ok" icon="check">
              {t("keys.localFound", { name: server.name, count: server.running ?? 0 })}
            </Status>
          ))
        : null}
    </div>
  );
  return { offer, outcome };
}
