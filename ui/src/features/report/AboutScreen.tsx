/** Settings > About: which Brasskey this is, and the way to support. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { queries } from "../../bridge";
import { Button } from "../../kit";
import { t } from "../../text";
import { ReportDialog } from "./ReportDialog";

/** Where security problems are told in private. */
const SECURITY = "security@brasskey.app";

export function AboutScreen() {
  const { data } = useQuery(queries.start);
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="page__in">
      <header className="page__head">
        <h1>Brasskey</h1>
        {data ? <p className="quiet num">{t("report.version", { version: data.version })}</p> : null}
      </header>
      <section className="sect sect--first">
        <dl className="rows rows--controls">
          <Row label={t("report.problem")} hint={t("report.problemText")}>
            <Button onClick={() => setOpen(true)}>{t("report.make")}</Button>
          </Row>
          <Row label={t("report.security")} hint={t("report.securityText", { address: SECURITY })} />
        </dl>
      </section>
      {isOpen ? <ReportDialog onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

function Row({ label, hint, children }: { label: string; hint: string; children?: ReactNode }) {
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
