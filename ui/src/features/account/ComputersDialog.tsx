/** The computers of the account, and taking a seat back. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { bridge, queries, type SeatView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";
import { osName } from "./licence";

export function ComputersDialog({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useQuery(queries.seats);
  // Taking a seat back cannot be undone from here: it is asked once more.
  const [asked, setAsked] = useState<string | null>(null);
  const release = useCommand(async (id: string) => {
    await bridge.seatRelease(id);
    setAsked(null);
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("account.computers")}
      foot={
        <>
          <span className="hint grow">{t("account.releaseHint")}</span>
          <Button onClick={onClose}>{t("kit.close")}</Button>
        </>
      }
    >
      {error ? <CauseNote error={error} onRetry={refetch} /> : null}
      {release.error ? <CauseNote error={release.error} /> : null}
      <ul className="plainlist">
        {data?.seats.map((seat) => (
          <li key={seat.id} className="row">
            <span className="grow">
              {t("account.computerOn", { name: seat.name, os: osName(seat.os) })}
              <small className="hint">{seenLine(seat)}</small>
            </span>
            {seat.isThis ? (
              <span className="tag">{t("account.this")}</span>
            ) : asked === seat.id ? (
              <Button size="s" variant="danger" busy={release.busy} onClick={() => release.run(seat.id)}>
                {t("account.releaseNow")}
              </Button>
            ) : (
              <Button
                size="s"
                onClick={() => setAsked(seat.id)}
                aria-label={t("account.releaseNamed", { name: seat.name })}
              >
                {t("account.release")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

const seenLine = ({ isThis, createdAt, seenAt }: SeatView): string =>
  isThis
    ? t("account.since", { day: format.day(createdAt) })
    : t("account.lastSeen", { ago: format.ago(seenAt, Date.now()) });
