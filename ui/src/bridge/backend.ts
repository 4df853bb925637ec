/**
 * What the window asks of the program behind it: one typed function per command, the window's own frame, and the stream of
 * changes. `tauri.ts` and `fake/` implement it; everything else speaks to it through `bridge`.
 */
import type {
  ChangedEvent,
  commands,
  ErrorView,
  ExportForm,
  ExportOutcome,
  ExportScope,
  ImportOutcome,
  LeaksSoFar,
  LeaksView,
  NewTurn,
  TransferProgress,
  TurnEvent,
  TurnView,
} from "./bindings";

type Commands = typeof commands;
type Answer<T> = T extends Promise<infer R> ? (R extends { status: "ok"; data: infer D } ? D : never) : never;

/** The title bar's own actions; the window has no native decorations on Linux and Windows. */
interface WindowFrame {
  minimise(): Promise<void>;
  toggleMaximise(): Promise<void>;
  close(): Promise<void>;
}

/** Every command, with its result or a thrown `BackendError`. */
export type Backend = {
  [K in Exclude<keyof Commands, "chatSend" | "custodyLook" | "exportRun" | "importRun">]: (
    ...args: Parameters<Commands[K]>
  ) => Promise<Answer<ReturnType<Commands[K]>>>;
} & {
  /** Asks; `onEvent` hears the turn until `ended`. */
  chatSend(turn: NewTurn, onEvent: (event: TurnEvent) => void): Promise<TurnView>;
  /** Looks for a key in the program's own files; `onProgress` hears how far it is. */
  custodyLook(keyId: string, onProgress: (soFar: LeaksSoFar) => void): Promise<LeaksView>;
  /** Asks where to, and exports there; `onProgress` hears how far it is. */
  exportRun(
    scope: ExportScope,
    form: ExportForm,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<ExportOutcome>;
  /** Asks for a file, and imports it. */
  importRun(onProgress: (progress: TransferProgress) => void): Promise<ImportOutcome>;
  /** Hears what became stale, until the returned function is called. */
  onChanged(listener: (changed: ChangedEvent) => void): Promise<() => void>;
  window: WindowFrame;
};

/** A command refused. Match on `code`; the message is for logs and support. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  readonly view: ErrorView;

  constructor(view: ErrorView) {
    super(view.message);
    this.view = view;
  }

  /** What the interface acts on. */
  get code(): ErrorView["code"] {
    return this.view.code;
  }
}
