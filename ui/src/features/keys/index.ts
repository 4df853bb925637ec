/** Keys: entering, checking, the list. */
export { KeyForm } from "./KeyForm";
export { KeysScreen } from "./KeysScreen";
export { useFindLocal } from "./LocalServers";
export { isSavable, type KeyEntryState, useKeyEntry } from "./useKeyEntry";
