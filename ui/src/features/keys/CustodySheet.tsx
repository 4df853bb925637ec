/** Where a key is now, which hosts got it, and a search for it in the program's own files. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { bridge, type CustodyView, type KeyView, type LeaksSoFar, type LeaksView, queries } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note, Sheet } from "../../kit";
import { format, t } from "../../text";
import { ErrorNote } from "../failures";
import { keyName } from "../store";

interface CustodySheetProps {
  view: KeyView;
  storeName: string;
  onClose: () => void;
}

export function CustodySheet({ view: key, storeName, onClose }: CustodySheetProps) {
  const { data: custody, error } = useQuery(queries.custody(key.id));
  return (
    <Sheet open onClose={onClose} title={t("custody.title", { name: keyName(key) })}>
      <div className="stack stack--l">
        {error ? <ErrorNote error={error} /> : null}
        {custody ? <Custody custody={custody} storeName={storeName} /> : null}
        {key.place === "session_ended" || key.place === "missing" ? null : <Leaks view={key} />}
      </div>
    </Sheet>
  );
}

function Custody({ custody, storeName }: { custody: CustodyView; storeName: string }) {
  const { recipients, handovers, boundTo, way, lastCheckedAt } = custody;
  return (
    <dl className="facts facts--sheet">
      <div>
        <dt>{t("custody.now")}</dt>
        <dd>{placeText(custody, storeName)}</dd>
      </div>
      <div>
        <dt>{t("custody.bound")}</dt>
        <dd>{t("custody.boundText", { origin: boundTo })}</dd>
      </div>
      {way ? (
        <div>
          <dt>{t("custody.way")}</dt>
          {way.proxy ? (
            <dd>{way.proxy === "system" ? t("custody.waySystem") : t("custody.wayProxy", { proxy: way.proxy })}</dd>
          ) : null}
          {way.ownCertificates ? <dd>{t("custody.wayCertificates")}</dd> : null}
          {way.headers.length > 0 ? <dd>{t("custody.wayHeaders", { headers: way.headers.join(", ") })}</dd> : null}
        </div>
      ) : null}
      <div>
        <dt>{t("custody.sent")}</dt>
        {recipients.map(({ origin, calls, lastAt }) => (
          <dd key={origin}>{t("custody.sentText", { origin, count: calls, ago: format.ago(lastAt, Date.now()) })}</dd>
        ))}
        {recipients.length === 0 ? <dd>{t("custody.sentNever")}</dd> : null}
      </div>
      {handovers.length > 0 ? (
        <div>
          <dt>{t("custody.handed")}</dt>
          {handovers.map(({ program, at }) => (
            <dd key={`${program} ${at}`}>{t("custody.handedText", { program, ago: format.ago(at, Date.now()) })}</dd>
          ))}
        </div>
      ) : null}
      <div>
        <dt>{t("custody.checked")}</dt>
        <dd>
          {lastCheckedAt === null
            ? t("custody.checkedNever")
            : t("custody.checkedText", { ago: format.ago(lastCheckedAt, Date.now()) })}
        </dd>
      </div>
    </dl>
  );
}

function placeText({ place }: CustodyView, store: string): string {
  switch (place) {
    case "session":
      return t("custody.session");
    case "set_aside":
      return t("custody.setAside", { store });
    case "vault":
      return t("custody.vault");
    case "vault_aside":
      return t("custody.setAside", { store: t("store.vaultName") });
    case "missing":
      return t("custody.missing", { store });
    case "session_ended":
    case "none":
      return t("custody.ended");
    case "system":
      return t("custody.system", { store });
  }
}

function Leaks({ view: key }: { view: KeyView }) {
  const [soFar, setSoFar] = useState<LeaksSoFar | null>(null);
  const [looked, setLooked] = useState<LeaksView | null>(null);
  const look = useCommand(async () => {
    setLooked(null);
    setSoFar(null);
    setLooked(await bridge.custodyLook(key.id, setSoFar));
  });
  const stop = useCommand(() => bridge.custodyStop(key.id));
  // Nobody would see what a search finds after this is closed. One that is over is no error.
  useEffect(() => () => void bridge.custodyStop(key.id).catch(() => undefined), [key.id]);
  return (
    <section className="stack">
      <h3>{t("custody.leaks")}</h3>
      <p className="quiet">{t("custody.leaksText")}</p>
      {look.busy ? (
        <Note
          tone="info"
          icon="spin"
          role="status"
          title={t("custody.looking")}
          actions={
            <Button size="s" icon="stop" onClick={stop.run}>
              {t("custody.stop")}
            </Button>
          }
        >
          {soFar ? (
            <p>{t("custody.lookingText", { files: soFar.files, megabytes: format.megabytes(soFar.bytes) })}</p>
          ) : null}
        </Note>
      ) : (
        <div className="row">
          <Button icon="search" onClick={look.run}>
            {looked ? t("custody.again") : t("custody.look")}
          </Button>
        </div>
      )}
      {look.error ? <ErrorNote error={look.error} onDismiss={look.dismiss} /> : null}
      {looked && !look.busy ? <Found looked={looked} provider={key.providerName} /> : null}
      <p className="hint">{t("custody.limits")}</p>
    </section>
  );
}

function Found({ looked, provider }: { looked: LeaksView; provider: string }) {
  const { found, unread, lookedIn, files, bytes, stopped } = looked;
  return (
    <div className="stack" role="status">
      {found.length > 0 ? (
        <Note tone="bad" icon="warn" title={t("custody.found", { count: found.length })}>
          <p>{t("custody.foundText", { provider })}</p>
          <ul className="paths mono small">
            {found.map(({ place, inName, times }) => (
              <li key={`${place} ${inName}`}>
                {inName ? t("custody.foundName", { place }) : t("custody.foundIn", { place, times })}
              </li>
            ))}
          </ul>
        </Note>
      ) : stopped ? (
        <Note tone="warn" icon="stop" title={t("custody.stopped")}>
          <p>{t("custody.stoppedText")}</p>
        </Note>
      ) : (
        <Note tone="ok" icon="check" title={t("custody.clean")} />
      )}
      {unread.length > 0 ? (
        <Note tone="warn" icon="warn" title={t("custody.unread", { count: unread.length })}>
          <Paths paths={unread} />
        </Note>
      ) : null}
      <p className="small">{t("custody.lookedIn", { files, megabytes: format.megabytes(bytes) })}</p>
      <Paths paths={lookedIn.map(({ folder, files: inIt }) => t("custody.folder", { folder, files: inIt }))} />
    </div>
  );
}

function Paths({ paths }: { paths: string[] }) {
  return (
    <ul className="paths mono small">
      {paths.map((path) => (
        <li key={path}>{path}</li>
      ))}
    </ul>
  );
}
