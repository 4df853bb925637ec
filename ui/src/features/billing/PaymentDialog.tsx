/** Paying for a plan: the browser does it, this waits and tells what came of it. */
import { useCallback, useEffect, useState } from "react";
import { BackendError, bridge, type InvoiceView, type PaymentView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Dialog, Note, Spinner } from "../../kit";
import { format, t } from "../../text";
import { CauseNote } from "../failures";

interface PaymentDialogProps {
  /** The plan's code, and what people call it. */
  plan: string;
  name: string;
  onClose: (isPaid: boolean) => void;
}

export function PaymentDialog({ plan, name, onClose }: PaymentDialogProps) {
  const [payment, setPayment] = useState<PaymentView | null>(null);
  const { run, busy, error } = useCommand(async () => {
    setPayment(null);
    try {
      setPayment(await bridge.planPay(plan));
    } catch (failure) {
      // The person stopped waiting: the dialog is closed.
      if (!(failure instanceof BackendError && failure.code === "stopped")) throw failure;
    }
  });
  const pay = useCallback(() => {
    run();
  }, [run]);
  useEffect(pay, [pay]);
  const isPaid = payment?.outcome === "paid";
  const close = () => {
    if (busy) bridge.planPayCancel();
    onClose(isPaid);
  };
  const canRetry = payment?.outcome === "declined" || payment?.outcome === "abandoned";
  return (
    <Dialog
      open
      onClose={close}
      title={t("payment.title", { plan: name })}
      foot={
        <>
          <span className="hint grow">{busy ? t("payment.waitsHint") : null}</span>
          <Button onClick={close} variant={isPaid ? "primary" : "plain"}>
            {isPaid ? t("payment.goOn") : busy ? t("payment.stopWaiting") : t("kit.close")}
          </Button>
          {canRetry ? (
            <Button variant="primary" onClick={pay}>
              {t("payment.payAgain")}
            </Button>
          ) : null}
        </>
      }
    >
      {busy ? (
        <p className="row" role="status">
          <Spinner /> {t("payment.browserOpened")}
        </p>
      ) : null}
      {error ? <CauseNote error={error} onRetry={pay} /> : null}
      {payment ? <Outcome payment={payment} name={name} /> : null}
    </Dialog>
  );
}

function Outcome({ payment, name }: { payment: PaymentView; name: string }) {
  switch (payment.outcome) {
    case "paid":
      return (
        <>
          <Note tone="ok" role="status" title={t("payment.paid", { plan: name })}>
            <p>{t("payment.paidText")}</p>
          </Note>
          {payment.receipt ? <Receipt receipt={payment.receipt} /> : null}
        </>
      );
    case "declined":
      return (
        <Note tone="bad" icon="card" role="alert" title={t("payment.declined")}>
          <p>{t("payment.declinedText")}</p>
        </Note>
      );
    case "abandoned":
      return (
        <Note tone="info" icon="card" role="status" title={t("payment.abandoned")}>
          <p>{t("payment.abandonedText")}</p>
        </Note>
      );
    case "pending":
      return (
        <Note tone="info" icon="clock" role="status" title={t("payment.pending")}>
          <p>{t("payment.pendingText")}</p>
        </Note>
      );
  }
}

function Receipt({ receipt }: { receipt: InvoiceView }) {
  return (
    <table className="table table--tight num">
      <caption className="vh">{t("payment.receipt")}</caption>
      <tbody>
        {receipt.lines.map(({ text, amount }) => (
          <tr key={text}>
            <td>{text}</td>
            <td className="right">{format.total(amount)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {t("payment.total")}{" "}
            <span className="faint">
              {t("payment.number", { number: receipt.number, day: format.day(receipt.issuedAt) })}
            </span>
          </th>
          <td className="right">{format.total(receipt.total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
