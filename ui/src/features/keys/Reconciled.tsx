/** What start-up mended between the records and the credential store, told once. */
import { bridge, type KeysView, type ReconciledView } from "../../bridge";
import { useCommand } from "../../command";
import { Button, Note } from "../../kit";
import { format, t } from "../../text";
import { ErrorNote } from "../failures";

export function Reconciled({ view }: { view: KeysView }) {
  const dismiss = useCommand(() => bridge.keysReconciledDismiss());
  if (dismiss.error) return <ErrorNote error={dismiss.error} onRetry={dismiss.run} />;
  return view.reconciled.map((each, index) => (
    <Note
      // Start-up tells each once, in a fixed order.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above.
      key={index}
      tone="info"
      title={each.kind === "half_saved_removed" ? t("keys.reconciled.halfSaved") : t("keys.reconciled.removal")}
      actions={
        index === view.reconciled.length - 1 ? (
          <Button size="s" busy={dismiss.busy} onClick={dismiss.run}>
            {t("keys.reconciled.understood")}
          </Button>
        ) : undefined
      }
    >
      <p>{reconciledText(each, view.store.name)}</p>
    </Note>
  ));
}

function reconciledText({ kind, at }: ReconciledView, store: string): string {
  const when = { day: format.day(at), time: format.clockTime(at), store };
  return kind === "half_saved_removed"
    ? t("keys.reconciled.halfSavedText", when)
    : t("keys.reconciled.removalText", when);
}
