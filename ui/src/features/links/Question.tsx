/**
 * The question before a link of an answer is opened: the host, the whole address and how much it carries. The backend
 * says what the address would do and refuses what is never opened; the safe button has the focus, Esc changes nothing.
 */
import { useEffect, useRef, useState } from "react";
import { BackendError, bridge, type LinkView } from "../../bridge";
import { Button, Dialog, Note } from "../../kit";
import { rich, t } from "../../text";

type Inspected =
  | { state: "asking" }
  | { state: "shown"; link: LinkView }
  | { state: "refused" }
  | { state: "failed"; code: string };

export default function Question({ address, onClose }: { address: string; onClose: () => void }) {
  const [inspected, setInspected] = useState<Inspected>({ state: "asking" });
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    let current = true;
    bridge.linkInspect(address).then(
      (link) => current && setInspected({ state: "shown", link }),
      (error: unknown) => current && setInspected(refusal(error)),
    );
    return () => {
      current = false;
    };
  }, [address]);
  const open = () => {
    bridge.linkOpen(address).then(onClose, (error: unknown) => setInspected(refusal(error)));
  };
  const link = inspected.state === "shown" ? inspected.link : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={inspected.state === "refused" ? t("links.refusedTitle") : t("links.title")}
      initialFocus={safe}
      foot={
        <>
          <span className="grow" />
          <Button ref={safe} onClick={onClose}>
            {link ? t("links.stay") : t("kit.close")}
          </Button>
          {link ? (
            <Button variant="primary" icon="ext" onClick={open}>
              {link.host === null ? t("links.openMail") : t("links.open")}
            </Button>
          ) : null}
        </>
      }
    >
      {inspected.state === "refused" ? <p className="quiet">{t("links.refused")}</p> : null}
      {inspected.state === "failed" ? (
        <Note tone="bad" role="alert" title={t("links.failed")}>
          <p className="mono small">{inspected.code}</p>
        </Note>
      ) : null}
      {link ? <Destination link={link} /> : <Address text={address} />}
    </Dialog>
  );
}

function Destination({ link }: { link: LinkView }) {
  const host = (
    <strong key="host" className="mono">
      {link.host}
    </strong>
  );
  return (
    <>
      <p className="quiet">
        {link.host === null ? t("links.mail") : rich("links.goesTo", { host })}
        {link.hostUnicode === null ? null : <> {t("links.readsAs", { host: link.hostUnicode })}</>}
      </p>
      <Address text={link.url} />
      <p className="hint">{t("links.carries", { bytes: link.carries })}</p>
      {link.insecure ? (
        <Note tone="warn" title={t("links.insecureTitle")}>
          <p>{t("links.insecure")}</p>
        </Note>
      ) : null}
    </>
  );
}

function Address({ text }: { text: string }) {
  return (
    <p className="link__address mono" dir="ltr">
      {text}
    </p>
  );
}

function refusal(error: unknown): Inspected {
  if (!(error instanceof BackendError)) return { state: "failed", code: "unknown" };
  return error.code === "link_refused" ? { state: "refused" } : { state: "failed", code: error.code };
}
