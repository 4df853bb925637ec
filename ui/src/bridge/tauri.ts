/** The real backend: commands and events over Tauri's IPC. Never holds state and never retries. */
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWindow } from "@tauri-apps/api/window";
import { type Backend, BackendError } from "./backend";
import { commands, type ErrorView, events, type TurnEvent } from "./bindings";

type Result = { status: "ok"; data: unknown } | { status: "error"; error: ErrorView };
type Command = (...args: never[]) => Promise<Result>;

async function answer(result: Promise<Result>): Promise<unknown> {
  const settled = await result;
  if (settled.status === "error") throw new BackendError(settled.error);
  return settled.data;
}

function unwrapped(): Backend {
  const backend: Record<string, unknown> = {};
  for (const [name, command] of Object.entries(commands) as [string, Command][]) {
    backend[name] = (...args: never[]) => answer(command(...args));
  }
  backend.chatSend = (turn: Parameters<Backend["chatSend"]>[0], onEvent: (event: TurnEvent) => void) => {
    const channel = new Channel<TurnEvent>();
    channel.onmessage = onEvent;
    return answer(commands.chatSend(turn, channel));
  };
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
