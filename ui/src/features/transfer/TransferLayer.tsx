/** What stands over the window while an export or import runs, and where it went wrong. What takes no time shows nothing. */
import { useEffect, useRef, useState } from "react";
import type { ImportProblem } from "../../bridge";
import { Button, Dialog, Note } from "../../kit";
import { t } from "../../text";
import { codeOf } from "../failures";
import { putAway, stopTransfer, useTransfer } from "./transfer";

/** What is over sooner is not shown at all. */
const PATIENCE_MS = 400;

export function TransferLayer() {
  const { running, progress, problem } = useTransfer();
  const isUnderWay = running !== null && progress !== null;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!isUnderWay) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isUnderWay]);
  if (problem) return <Problem />;
  return isUnderWay && isLong ? <UnderWay /> : null;
}

function UnderWay() {
  const { running, progress, isStopping } = useTransfer();
  const stop = useRef<HTMLButtonElement>(null);
  const { done, total } = progress ?? { done: 0, total: 0 };
  const words = total > 0 ? t("transfer.progress", { done, total }) : t("transfer.looking");
  return (
    <Dialog
      open
      onClose={stopTransfer}
      initialFocus={stop}
      title={running === "import" ? t("transfer.importing") : t("transfer.exporting")}
      foot={
        <>
          <span className="grow" />
          <Button ref={stop} busy={isStopping} onClick={stopTransfer}>
            {isStopping ? t("transfer.stopping") : t("transfer.stop")}
          </Button>
        </>
      }
    >
      <div className="transfer">
        <progress className="transfer__bar" aria-label={words} {...(total > 0 ? { value: done, max: total } : {})} />
        <p className="num quiet">{words}</p>
      </div>
    </Dialog>
  );
}

function Problem() {
  const { problem } = useTransfer();
  const close = useRef<HTMLButtonElement>(null);
  if (!problem) return null;
  const { title, text, code } = wordsOf(problem);
  return (
    <Dialog
      open
      onClose={putAway}
      initialFocus={close}
      title={title}
      isTitleHidden
      foot={
        <>
          <span className="grow" />
          <Button ref={close} onClick={putAway}>
            {t("transfer.close")}
          </Button>
        </>
      }
    >
      <Note tone="bad" role="alert" bare title={title}>
        <p>{text}</p>
        {code ? (
          <p className="note__code">
            <code>{code}</code>
          </p>
        ) : null}
      </Note>
    </Dialog>
  );
}

const unreadable = {
  not_brasskey: "transfer.not_brasskey",
  newer: "transfer.newer",
  damaged: "transfer.damaged",
  too_large: "transfer.too_large",
} as const satisfies Record<ImportProblem, string>;

function wordsOf(problem: NonNullable<ReturnType<typeof useTransfer.getState>["problem"]>) {
  if (problem.kind === "failed") {
    return problem.what === "import"
      ? { title: t("transfer.importFailed"), text: t("transfer.importFailedText"), code: codeOf(problem.error) }
      : { title: t("transfer.exportFailed"), text: t("transfer.exportFailedText"), code: codeOf(problem.error) };
  }
  const { problem: what, at } = problem.outcome;
  return {
    title: t("transfer.unreadable"),
    text: t(unreadable[what]),
    code: at ? t("transfer.at", { line: at[0], column: at[1] }) : null,
  };
}
