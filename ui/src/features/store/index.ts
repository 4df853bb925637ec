/** The credential store's own screens, and what takes keys out of it. */
export { keyName, keyOwner, removeKey } from "./removeKey";
export { StorePanel } from "./StorePanel";
export { StoreRefusal } from "./StoreRefusal";
export { StoreWaiting, useSlow, WaitingNote } from "./StoreWaiting";
export { keptWords, needsAttention, placeName } from "./states";
export { VaultNote } from "./VaultNote";
