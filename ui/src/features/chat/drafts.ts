/**
 * What is being written: in the composer, by conversation ("" for one not begun yet), and in a question that is edited. A
 * composer's text is kept by the backend 300 ms after the last key and at once when the field or the window is left; until then,
 * and while that fails, it is here, and keeping it is tried again. An edit lives here alone, whatever becomes of its row.
 */
import { useCallback, useEffect } from "react";
import { create } from "zustand";
import { bridge } from "../../bridge";

const PAUSE_MS = 300;
const AGAIN_MS = 2000;

interface Draft {
  text: string;
  /** It could not be kept; it is in memory. */
  isAtRisk: boolean;
}

const useDrafts = create<Record<string, Draft>>(() => ({}));
/** What waits to be kept. */
const timers = new Map<string, ReturnType<typeof setTimeout>>();

const edited = (questionId: string): string => `edit:${questionId}`;

function put(name: string, text: string): void {
  useDrafts.setState((drafts) => ({ [name]: { text, isAtRisk: drafts[name]?.isAtRisk ?? false } }));
}

function keepIn(name: string, milliseconds: number): void {
  clearTimeout(timers.get(name));
  timers.set(
    name,
    setTimeout(() => keep(name), milliseconds),
  );
}

/** Keeps a composer's text at once. What fails is tried again until it is kept or is another text. */
function keep(name: string): void {
  clearTimeout(timers.get(name));
  timers.delete(name);
  const text = useDrafts.getState()[name]?.text;
  if (text === undefined) return;
  const settled = (isAtRisk: boolean) => {
    if (useDrafts.getState()[name]?.text !== text) return;
    useDrafts.setState({ [name]: { text, isAtRisk } });
    if (isAtRisk) keepIn(name, AGAIN_MS);
  };
  bridge.draftsSave(name === "" ? null : name, text).then(
    () => settled(false),
    () => settled(true),
  );
}

/** A first question was sent and its conversation opens: what was typed after it goes along. */
export function takeAlong(gone: string, conversationId: string): void {
  const now = useDrafts.getState()[""]?.text ?? gone;
  const rest = now.startsWith(gone) ? now.slice(gone.length) : "";
  if (rest === "") return;
  put("", gone);
  put(conversationId, rest);
  keepIn(conversationId, PAUSE_MS);
}

function keepAll(): void {
  for (const name of [...timers.keys()]) keep(name);
}

export interface DraftField extends Draft {
  change: (text: string) => void;
  /** Takes away what was sent, not what was typed since. */
  sent: (text: string) => void;
  /** Keeps at once what waits to be kept. */
  keep: () => void;
}

/** The draft of a conversation; `stored` is what the backend kept of it. */
export function useDraft(conversationId: string | null, stored: string): DraftField {
  const name = conversationId ?? "";
  const draft = useDrafts((drafts) => drafts[name]);

  const change = useCallback(
    (next: string) => {
      put(name, next);
      keepIn(name, PAUSE_MS);
    },
    [name],
  );
  const sent = useCallback(
    (gone: string) => {
      const now = useDrafts.getState()[name]?.text ?? gone;
      change(now.startsWith(gone) ? now.slice(gone.length) : now);
    },
    [change, name],
  );

  useEffect(() => {
    const leave = () => document.visibilityState === "hidden" && keepAll();
    document.addEventListener("visibilitychange", leave);
    window.addEventListener("pagehide", keepAll);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("pagehide", keepAll);
      keepAll();
    };
  }, []);

  return { text: draft?.text ?? stored, isAtRisk: draft?.isAtRisk ?? false, change, sent, keep: keepAll };
}

interface EditField {
  text: string;
  change: (text: string) => void;
  /** It was sent, or given up. */
  forget: () => void;
}

/** A question in other words, from when it is first changed until it is sent or given up. */
export function useEdit(questionId: string, original: string): EditField {
  const name = edited(questionId);
  const text = useDrafts((drafts) => drafts[name]?.text ?? original);
  return {
    text,
    change: (next) => put(name, next),
    forget: () => useDrafts.setState(({ [name]: _, ...others }) => others, true),
  };
}

/** Whether a question was changed and not sent. */
export const isEdited = (questionId: string): boolean => edited(questionId) in useDrafts.getState();

/** Forgets what is here, for tests. */
export function forgetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  useDrafts.setState({}, true);
}
