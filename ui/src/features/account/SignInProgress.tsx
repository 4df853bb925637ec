/** What a person does while a sign-in waits: go on in the browser, or type a code into any browser. */
import { bridge, type SignInProgress as Progress } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Spinner } from "../../kit";
import { format, t } from "../../text";
import { useSecondsLeft } from "../../useSecondsLeft";
import { CopyButton } from "../markdown";
import { QrCode } from "./QrCode";

interface SignInProgressProps {
  progress: Progress | null;
  /** Goes on with a code instead of this computer's browser. */
  onUseCode: () => void;
}

export function SignInProgress({ progress, onUseCode }: SignInProgressProps) {
  if (!progress) {
    return (
      <p className="row quiet" role="status">
        <Spinner /> {t("account.reaching")}
      </p>
    );
  }
  return progress.way === "browser" ? (
    <Browser address={progress.address} onUseCode={onUseCode} />
  ) : (
    <Code progress={progress} />
  );
}

function Browser({ address, onUseCode }: { address: string; onUseCode: () => void }) {
  return (
    <>
      <p className="row" role="status">
        <Spinner /> {t("account.browserOpened")}
      </p>
      <div className="row">
        <span className="hint grow">{t("account.browserNotOpened")}</span>
        <CopyButton text={() => address} />
        <Button size="s" onClick={onUseCode}>
          {t("account.useCode")}
        </Button>
      </div>
    </>
  );
}

function Code({ progress }: { progress: Extract<Progress, { way: "code" }> }) {
  const { code, address, qr, expiresAt } = progress;
  const left = useSecondsLeft(expiresAt);
  const open = useCommand(() => bridge.linkOpen(address));
  return (
    <div className="signin">
      <QrCode rows={qr} label={t("account.qr")} />
      <div className="signin__words">
        <p>{t("account.typeCode")}</p>
        <p className="signin__code mono" role="status">
          {code}
        </p>
        <p className="quiet signin__address">
          {address} <CopyButton text={() => address} />
        </p>
        <div className="row">
          <Button size="s" busy={open.busy} onClick={open.run}>
            {t("account.openPage")}
          </Button>
          <span className="hint num">
            {left > 0 ? t("account.codeLasts", { time: format.countdown(left * 1000) }) : t("account.codeOver")}
          </span>
        </div>
      </div>
    </div>
  );
}
