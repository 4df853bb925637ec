/** Settings > Your data: the backup, the copy for reading, and the way back in. */
import type { ReactNode } from "react";
import { Button } from "../../kit";
import { t } from "../../text";
import { exportIt, importIt } from "./transfer";

export function DataScreen() {
  return (
    <div className="page__in">
      <header className="page__head">
        <h1>{t("transfer.data")}</h1>
        <p className="quiet">{t("transfer.lede")}</p>
      </header>
      <section className="sect sect--first">
        <dl className="rows rows--controls">
          <Row label={t("transfer.backup")} hint={t("transfer.backupText")}>
            <Button onClick={() => exportIt({ what: "everything" }, "json")}>{t("transfer.exportAll")}</Button>
          </Row>
          <Row label={t("transfer.reading")} hint={t("transfer.readingText")}>
            <Button onClick={() => exportIt({ what: "everything" }, "markdown")}>{t("transfer.exportMarkdown")}</Button>
          </Row>
          <Row label={t("transfer.import")} hint={t("transfer.importText")}>
            <Button onClick={importIt}>{t("transfer.importFile")}</Button>
          </Row>
        </dl>
        <p className="hint">{t("transfer.one")}</p>
      </section>
    </div>
  );
}

function Row({ label, hint, children }: { label: string; hint: string; children: ReactNode }) {
  return (
    <div className="r">
      <dt>{label}</dt>
      <dd className="r__v">
        {children}
        <small>{hint}</small>
      </dd>
    </div>
  );
}
