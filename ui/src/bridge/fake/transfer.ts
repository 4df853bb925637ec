/** Export and import in memory: no file is read or written; a scenario says what comes of it. */
import type { Backend } from "../backend";
import { announce, refuse, type State } from "./state";

type TransferCommands = Pick<Backend, "exportRun" | "importRun" | "transferStop">;

const TOTAL = 120;
const STEP_MS = 40;

/** The export and import commands over `state`. */
export function transferCommands(state: State): TransferCommands {
  let isStopped = false;
  const runThrough = async (hear: (progress: { done: number; total: number }) => void): Promise<number> => {
    isStopped = false;
    const last = state.transferEnds === "holds" ? 38 : TOTAL;
    for (let done = 0; done <= last; done += 2) {
      hear({ done, total: TOTAL });
      await new Promise((resolve) => setTimeout(resolve, state.transferEnds === "holds" ? 0 : STEP_MS / 40));
      if (isStopped) return done;
    }
    while (state.transferEnds === "holds" && !isStopped) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    return last;
  };
  return {
    exportRun: async (scope, form, hear) => {
      if (state.isDiskFull) refuse("storage");
      await runThrough(hear);
      if (isStopped) return { kind: "cancelled" };
      const ending = form === "json" ? "json" : "md";
      return {
        kind: "saved",
        name: `Brasskey ${scope.what} 2026-11-21.${ending}`,
        conversations: scope.what === "conversation" ? 1 : TOTAL,
      };
    },
    importRun: async (hear) => {
      if (state.transferEnds === "damaged") return { kind: "unreadable", problem: "damaged", at: [1204, 17] };
      if (state.isDiskFull) refuse("storage");
      const done = await runThrough(hear);
      announce(state, { what: "everything" });
      return isStopped
        ? { kind: "stopped", added: done, total: TOTAL }
        : { kind: "done", added: TOTAL - 20, alreadyHere: 20 };
    },
    transferStop: async () => {
      isStopped = true;
      return null;
    },
  };
}
