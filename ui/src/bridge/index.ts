/** The window's only way to the backend. No other folder imports `@tauri-apps/*`. */
export { bridge } from "#backend";
export { BackendError } from "./backend";
export type * from "./bindings";
export { staleAfter } from "./changes";
export * as queries from "./queries";
