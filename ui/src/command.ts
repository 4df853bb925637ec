/** A command as a screen uses it: busy while it runs, its failure kept until the next try. */
import { useCallback, useEffect, useRef, useState } from "react";

interface Command<A extends unknown[], R> {
  /** Runs it; settles with its result, or with nothing after a failure. */
  run: (...args: A) => Promise<R | undefined>;
  busy: boolean;
  /** What went wrong last. */
  error: unknown;
  dismiss: () => void;
}

export function useCommand<A extends unknown[], R>(act: (...args: A) => Promise<R>): Command<A, R> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const current = useRef(act);
  useEffect(() => {
    current.current = act;
  });
  const run = useCallback(async (...args: A) => {
    setBusy(true);
    setError(null);
    try {
      return await current.current(...args);
    } catch (failure) {
      setError(failure);
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);
  return { run, busy, error, dismiss: useCallback(() => setError(null), []) };
}
