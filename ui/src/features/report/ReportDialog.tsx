/** A report of a problem: all of it as text, before it goes anywhere. What is saved is what the backend showed here. */
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { bridge } from "../../bridge";
import { Button, Dialog, Spinner, toast } from "../../kit";
import { t } from "../../text";
import { codeOf, ErrorNote } from "../failures";
import { CopyButton } from "../markdown";
import "./report.css";

export function ReportDialog({ onClose }: { onClose: () => void }) {
  const report = useQuery({ queryKey: ["report"], queryFn: () => bridge.reportView(), gcTime: 0 });
  const [isSaving, setSaving] = useState(false);
  const close = useRef<HTMLButtonElement>(null);
  const save = async () => {
    setSaving(true);
    try {
      const saved = await bridge.reportSave();
      if (saved.kind === "saved") toast({ title: t("report.saved", { name: saved.name }) });
    } catch (error) {
      toast({ title: t("report.saveFailed", { code: codeOf(error) }) });
    } finally {
      setSaving(false);
    }
  };
  const text = report.data?.text;
  return (
    <Dialog
      open
      onClose={onClose}
      size="l"
      title={t("report.title")}
      initialFocus={close}
      foot={
        <>
          {text === undefined ? null : <CopyButton text={() => text} />}
          <span className="grow" />
          <Button ref={close} onClick={onClose}>
            {t("report.close")}
          </Button>
          {text === undefined ? null : (
            <Button variant="primary" busy={isSaving} onClick={save}>
              {t("report.save")}
            </Button>
          )}
        </>
      }
    >
      {report.isError ? <ErrorNote error={report.error} onRetry={() => report.refetch()} bare /> : null}
      {report.isPending ? (
        <p className="report__wait" role="status">
          <Spinner /> {t("report.making")}
        </p>
      ) : null}
      {report.data ? (
        <>
          <p>{t("report.lede", { address: report.data.sendTo })}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it. */}
          <pre className="report__text" aria-label={t("report.text")} role="document" tabIndex={0}>
            {text}
          </pre>
        </>
      ) : null}
    </Dialog>
  );
}
