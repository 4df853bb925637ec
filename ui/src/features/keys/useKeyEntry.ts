/**
 * A key on its way in. The window holds a handle of the key, never the key: a typed value goes to the backend in the same tick
 * in which the field is emptied, and everything after acts on the handle. Leaving the form wipes it.
 */
import { useCallback, useEffect, useReducer, useRef } from "react";
import {
  BackendError,
  bridge,
  type CheckView,
  type KeyView,
  type NewEndpoint,
  type PendingView,
  type ProviderId,
} from "../../bridge";

/** Where the entry stands. */
export interface KeyEntryState {
  provider: ProviderId;
  /** As typed; empty means the provider's own address. */
  baseUrl: string;
  keyless: boolean;
  /** Something stands in the field that was not handed over. */
  typed: boolean;
  pending: PendingView | null;
  checking: boolean;
  result: CheckView | null;
  /** When the next check goes out by itself, milliseconds since 1970. */
  checkAt: number | null;
  saving: boolean;
  /** What a command refused last, and at which step. */
  error: unknown;
  failedAt: "entry" | "save";
  /** Why a key that was held is held no more. */
  gone: "expired" | "other_host" | null;
}

/** The entry and what can be done with it. */
export interface KeyEntry extends KeyEntryState {
  choose: (change: Partial<Pick<KeyEntryState, "provider" | "baseUrl" | "keyless">>) => void;
  /** Tells whether something stands in the field; never what. */
  setTyped: (typed: boolean) => void;
  /** Hands a typed key over. The caller has emptied the field. */
  submit: (secret: string) => Promise<void>;
  paste: () => Promise<void>;
  takeEnvironment: (variable: string, provider: ProviderId) => Promise<void>;
  takeKeyless: () => Promise<void>;
  /** The practice provider's key, with its address. */
  takeSandbox: () => Promise<void>;
  check: (how?: { anyShape?: boolean; provider?: ProviderId; baseUrl?: string }) => Promise<void>;
  /** Checks again by itself, as the provider asked; at most `AUTOMATIC_CHECKS` times. */
  checkByItself: () => Promise<void>;
  stop: () => void;
  /** No check goes out by itself any more. */
  stopWaiting: () => void;
  clear: () => void;
  /** Saves the pending key, or puts it in the place of `replaced`. */
  save: (label: string, replaced?: KeyView) => Promise<KeyView | undefined>;
}

/** How often a check goes out by itself, and how soon at the earliest. */
const AUTOMATIC_CHECKS = 3;
const SHORTEST_WAIT_MS = 1000;

const reduce = (state: KeyEntryState, change: Partial<KeyEntryState>): KeyEntryState => ({ ...state, ...change });
const UNCHECKED = { checking: false, result: null, checkAt: null, error: null, gone: null } as const;
const GONE = { ...UNCHECKED, pending: null } as const;

/** When to check again without being asked: only where the provider named a time. */
function nextCheck(result: CheckView, already: number): number | null {
  if (result.outcome !== "failed" || already >= AUTOMATIC_CHECKS) return null;
  const { code, retry, retryAfterMs } = result.failure;
  if (code !== "rate_limited" || retry !== "after_delay" || retryAfterMs === null) return null;
  return Date.now() + Math.max(SHORTEST_WAIT_MS, retryAfterMs);
}

/** Whether a refusal means that the backend has wiped the key, and why. */
function goneBy(error: unknown): KeyEntryState["gone"] {
  if (!(error instanceof BackendError)) return null;
  if (error.code === "pending_expired") return "expired";
  return error.code === "origin_changed" ? "other_host" : null;
}

export function useKeyEntry(initial: { provider: ProviderId; baseUrl?: string }): KeyEntry {
  const [state, set] = useReducer(reduce, {
    provider: initial.provider,
    baseUrl: initial.baseUrl ?? "",
    keyless: false,
    typed: false,
    saving: false,
    failedAt: "entry",
    ...GONE,
  });
  const latest = useRef(state);
  latest.current = state;
  // Answers to an earlier key or an earlier check change nothing.
  const keyTurn = useRef(0);
  const checkTurn = useRef(0);
  const checksByItself = useRef(0);

  const wipe = useCallback(() => {
    keyTurn.current += 1;
    checkTurn.current += 1;
    const { pending } = latest.current;
    // Wiping a key that is gone is no error; one that stays is wiped by the backend after ten minutes.
    if (pending) bridge.keysCancel(pending.id).catch(() => undefined);
  }, []);
  useEffect(() => wipe, [wipe]);

  const lose = useCallback(
    (gone: KeyEntryState["gone"]) => {
      wipe();
      set({ ...GONE, gone });
    },
    [wipe],
  );
  const { pending, saving } = state;
  useEffect(() => {
    // A save that is under way has the key and ends with it.
    if (!pending || saving) return;
    const timer = setTimeout(() => lose("expired"), Math.max(0, pending.expiresAt - Date.now()));
    return () => clearTimeout(timer);
  }, [pending, saving, lose]);

  const endpoint = (change: Partial<{ provider: ProviderId; baseUrl: string }> = {}): NewEndpoint => {
    const { provider, baseUrl } = { ...latest.current, ...change };
    return { provider, baseUrl: baseUrl.trim() === "" ? null : baseUrl.trim() };
  };

  const stopCheck = () => {
    const { pending: checked, checking } = latest.current;
    if (checked && checking) bridge.keysCheckStop(checked.id).catch((error: unknown) => set({ error }));
  };

  const run = async ({ anyShape = false, ...change }: Parameters<KeyEntry["check"]>[0] = {}) => {
    const { pending: checked, saving: isSaving } = latest.current;
    if (!checked || isSaving) return;
    checkTurn.current += 1;
    const mine = checkTurn.current;
    set({ ...UNCHECKED, ...change, checking: true });
    try {
      const result = await bridge.keysCheck(checked.id, endpoint(change), anyShape);
      if (mine !== checkTurn.current) return;
      set({ checking: false, result, checkAt: nextCheck(result, checksByItself.current) });
    } catch (error) {
      if (mine !== checkTurn.current) return;
      const gone = goneBy(error);
      if (gone) lose(gone);
      else set({ checking: false, error, failedAt: "entry" });
    }
  };
  const check: KeyEntry["check"] = (how) => {
    checksByItself.current = 0;
    return run(how);
  };

  const take = async (
    hand: () => Promise<PendingView>,
    change: Partial<KeyEntryState> = {},
    found: (taken: PendingView) => Partial<KeyEntryState> = () => ({}),
  ) => {
    // What is being saved stays what it is.
    if (latest.current.saving) return;
    wipe();
    const mine = keyTurn.current;
    // The command is called before anything is awaited.
    const handed = hand();
    set({ ...GONE, ...change });
    try {
      const taken = await handed;
      if (mine !== keyTurn.current) {
        bridge.keysCancel(taken.id).catch(() => undefined);
        return;
      }
      latest.current = { ...latest.current, ...GONE, ...change, ...found(taken), pending: taken };
      set({ ...found(taken), pending: taken });
      if (!taken.hasSpace) await check();
    } catch (error) {
      if (mine === keyTurn.current) set({ error, failedAt: "entry" });
    }
  };

  const setTyped = useCallback((typed: boolean) => set({ typed }), []);

  return {
    ...state,
    choose: (change) => {
      const { pending: held, saving: isSaving } = latest.current;
      if (isSaving) return;
      // What was found is about another endpoint than the one that stands there now.
      stopCheck();
      checkTurn.current += 1;
      // An endpoint without a key is no key that could be kept.
      const isOver = change.keyless === false && held?.last4 === null;
      if (isOver) wipe();
      set({ ...UNCHECKED, ...change, ...(isOver ? { pending: null } : {}) });
    },
    setTyped,
    submit: (secret) => take(() => bridge.keysSubmit(secret, endpoint()), { typed: false }),
    paste: () => take(() => bridge.keysPaste(endpoint())),
    takeEnvironment: (variable, provider) =>
      take(() => bridge.keysFromEnvironment(variable, { provider, baseUrl: null }), { provider, baseUrl: "" }),
    takeKeyless: () => take(() => bridge.keysKeyless(endpoint())),
    takeSandbox: () =>
      take(
        () => bridge.keysSandbox(latest.current.provider),
        {},
        ({ baseUrl }) => ({ baseUrl: baseUrl ?? "" }),
      ),
    check,
    checkByItself: () => {
      checksByItself.current += 1;
      return run();
    },
    stop: stopCheck,
    stopWaiting: () => set({ checkAt: null }),
    clear: () => {
      wipe();
      set(GONE);
    },
    save: async (label, replaced) => {
      const { pending: saved } = latest.current;
      if (!saved) return undefined;
      set({ saving: true, checkAt: null, error: null });
      try {
        const key = replaced ? await bridge.keysReplace(replaced.id, saved.id) : await bridge.keysSave(saved.id, label);
        latest.current = { ...latest.current, pending: null };
        set({ ...GONE, saving: false });
        return key;
      } catch (error) {
        const gone = goneBy(error);
        if (gone) lose(gone);
        // Who stopped it knows.
        const isStopped = error instanceof BackendError && error.code === "stopped";
        set({ saving: false, ...(gone || isStopped ? {} : { error, failedAt: "save" }) });
        return undefined;
      }
    },
  };
}

/** Whether the pending key may be saved as it stands. */
export function isSavable({ pending, checking, result }: KeyEntryState): boolean {
  if (!pending || checking || !result) return false;
  return result.outcome === "works" || (result.outcome === "failed" && result.savable);
}
