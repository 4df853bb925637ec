/** The choice of who bills, kept as soon as it is made: the next start shows it again. */
import { useRef, useState } from "react";
import { type BillingMode, bridge } from "../../bridge";
import { useCommand } from "../../command";

interface KeptMode {
  mode: BillingMode;
  choose: (mode: BillingMode) => void;
  /** Puts a mode in force after what was chosen before. */
  keep: (mode: BillingMode) => Promise<unknown>;
  /** Why the last choice could not be kept. */
  error: unknown;
}

export function useKeptMode(initial: BillingMode): KeptMode {
  const [mode, setMode] = useState(initial);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  // One after the other: the last choice is the one that stays.
  const keep = (next: BillingMode) => {
    const kept = last.current.then(() => bridge.billingChoose(next));
    last.current = kept.catch(() => undefined);
    return kept;
  };
  const chosen = useCommand(keep);
  const choose = (next: BillingMode) => {
    setMode(next);
    chosen.run(next);
  };
  return { mode, choose, keep, error: chosen.error };
}
