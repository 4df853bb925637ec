/** The export or import that is running, and how it ended. There is one at a time. */
import { create } from "zustand";
import { bridge, type ExportForm, type ExportScope, type ImportOutcome, type TransferProgress } from "../../bridge";
import { toast } from "../../kit";
import { t } from "../../text";
import { codeOf } from "../failures";

type Kind = "export" | "import";

interface Transfer {
  running: Kind | null;
  /** None while the system asks for the file. */
  progress: TransferProgress | null;
  isStopping: boolean;
  /** What has to be read and put away. */
  problem: { kind: "unreadable"; outcome: Extract<ImportOutcome, { kind: "unreadable" }> } | Failed | null;
}

type Failed = { kind: "failed"; what: Kind; error: unknown };

const idle = { running: null, progress: null, isStopping: false } as const;

export const useTransfer = create<Transfer>(() => ({ ...idle, problem: null }));

export const putAway = (): void => useTransfer.setState({ problem: null });

/** Ends it after the conversation that is being written. */
export function stopTransfer(): void {
  useTransfer.setState({ isStopping: true });
  bridge.transferStop().catch((error: unknown) => {
    useTransfer.setState({ isStopping: false });
    toast({ title: t("transfer.stopFailed", { code: codeOf(error) }) });
  });
}

async function run(kind: Kind, act: (hear: (progress: TransferProgress) => void) => Promise<void>): Promise<void> {
  if (useTransfer.getState().running !== null) {
    toast({ title: t("transfer.busy") });
    return;
  }
  useTransfer.setState({ ...idle, running: kind, problem: null });
  try {
    await act((progress) => useTransfer.setState({ progress }));
  } catch (error) {
    if (codeOf(error) === "busy") toast({ title: t("transfer.busy") });
    else useTransfer.setState({ problem: { kind: "failed", what: kind, error } });
  } finally {
    useTransfer.setState(idle);
  }
}

/** Asks where to, and exports there. */
export const exportIt = (scope: ExportScope, form: ExportForm): Promise<void> =>
  run("export", async (hear) => {
    const outcome = await bridge.exportRun(scope, form, hear);
    if (outcome.kind === "saved") {
      toast({ title: t("transfer.saved", { count: outcome.conversations, name: outcome.name }) });
    } else if (useTransfer.getState().isStopping) toast({ title: t("transfer.exportStopped") });
  });

/** Asks for a file, and imports it. */
export const importIt = (): Promise<void> =>
  run("import", async (hear) => {
    const outcome = await bridge.importRun(hear);
    switch (outcome.kind) {
      case "done":
        toast({ title: t("transfer.added", { added: outcome.added, here: outcome.alreadyHere }) });
        break;
      case "stopped":
        toast({ title: t("transfer.stopped", { added: outcome.added, total: outcome.total }) });
        break;
      case "unreadable":
        useTransfer.setState({ problem: { kind: "unreadable", outcome } });
        break;
      case "cancelled":
        break;
    }
  });
