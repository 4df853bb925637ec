/** The passphrase vault over `state`: its passphrase is kept there, for nothing here is secret. */
import type { Backend } from "../backend";
import type { KeyView, StoreView } from "../bindings";
import { announce, refuse, type State } from "./state";

type VaultCommands = Pick<Backend, Extract<keyof Backend, `vault${string}`>>;

/** The commands of the passphrase vault. */
export function vaultCommands(state: State): VaultCommands {
  const vaultIs = (now: StoreView["state"]): StoreView => {
    state.store = { ...state.store, state: now };
    announce(state, { what: "store" }, { what: "keys" });
    return state.store;
  };
  const requireLength = (passphrase: string) => {
    if ([...passphrase].length < 12) refuse("passphrase_too_short");
  };
  const openVault = (passphrase: string): StoreView => {
    state.passphrase = passphrase;
    const moved: Partial<Record<KeyView["place"], KeyView["place"]>> = {
      system: "set_aside",
      session: "vault",
      vault_aside: "vault",
    };
    state.keys = state.keys.map((each) => ({ ...each, place: moved[each.place] ?? each.place }));
    state.store = { ...state.store, hasVault: true };
    return vaultIs("vault_open");
  };
  return {
    vaultCreate: async (passphrase) => {
      requireLength(passphrase);
      if (state.store.hasVault) refuse("vault_exists");
      return openVault(passphrase);
    },
    vaultUnlock: async (passphrase) => {
      if (passphrase !== state.passphrase) refuse("passphrase_wrong");
      return openVault(passphrase);
    },
    vaultLock: async () => vaultIs("vault_locked"),
    vaultChange: async (before, after) => {
      requireLength(after);
      if (before !== state.passphrase) refuse("passphrase_wrong");
      return openVault(after);
    },
    vaultBeginAnew: async () => {
      state.store = { ...state.store, hasVault: false };
      state.keys = state.keys.map((each) => (each.place === "vault" ? { ...each, place: "missing" } : each));
      return vaultIs("vault_missing");
    },
  };
}
