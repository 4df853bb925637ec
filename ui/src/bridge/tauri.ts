/** The real backend: commands and events over Tauri's IPC. Never holds state and never retries. */
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWindow } from "@tauri-apps/api/window";
import { type Backend, BackendError } from "./backend";
import { commands, type ErrorView, events, type TurnEvent } from "./bindings";

type Result = { status: "ok"; data: unknown } | { status: "error"; error: ErrorView };
type Command = (...args: never[]) => Promise<Result>;

async function answer(result: Promise<Result>): Promise<unknown> {
  const settled = await result;
  if (settled.status === "error") throw new BackendError(refusal(settled.error));
  return settled.data;
}

function channel<T>(hear: (event: T) => void): Channel<T> {
  const opened = new Channel<T>();
  opened.onmessage = hear;
  return opened;
}

/** What refused before a command began speaks in words of its own, which repeat what they met: none of them stays. */
function refusal(error: unknown): ErrorView {
  if (typeof error === "object" && error !== null && "code" in error) return error as ErrorView;
  return { code: "invalid_input", message: "", failure: null, store: null, baseUrl: null };
}

function unwrapped(): Backend {
  const backend: Record<string, unknown> = {};
  for (const [name, command] of Object.entries(commands) as [string, Command][]) {
    backend[name] = (...args: never[]) => answer(command(...args));
  }
  backend.chatSend = (turn: Parameters<Backend["chatSend"]>[0], onEvent: (event: TurnEvent) => void) =>
    answer(commands.chatSend(turn, channel(onEvent)));
  backend.exportRun = (...[scope, form, onProgress]: Parameters<Backend["exportRun"]>) =>
    answer(commands.exportRun(scope, form, channel(onProgress)));
  backend.importRun = (onProgress: Parameters<Backend["importRun"]>[0]) =>
    answer(commands.importRun(channel(onProgress)));
  backend.custodyLook = (...[keyId, onProgress]: Parameters<Backend["custodyLook"]>) =>
    answer(commands.custodyLook(keyId, channel(onProgress)));
  backend.onChanged = (listener: Parameters<Backend["onChanged"]>[0]) =>
    events.changedEvent.listen((event) => listener(event.payload));
  backend.window = {
    minimise: () => getCurrentWindow().minimize(),
    toggleMaximise: () => getCurrentWindow().toggleMaximize(),
    close: () => getCurrentWindow().close(),
  } satisfies Backend["window"];
  return backend as unknown as Backend;
}

/** The backend of the product. */
export const bridge: Backend = unwrapped();
