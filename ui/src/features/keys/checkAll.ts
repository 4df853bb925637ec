/** Checks all keys again, one after the other: a provider is not hit by several keys at a time, and the store asks once. */
import { BackendError, bridge, type KeyView } from "../../bridge";

/** A command about a key that was refused. */
export interface KeyTrouble {
  error: unknown;
  keyId: string;
}

/** States in which the store holds no key back but the one that was asked for. */
const OF_ONE_KEY: ReadonlySet<string> = new Set(["missing", "session_ended", "set_aside", "vault_aside"]);

/**
 * Goes through all keys whatever becomes of one; a key removed meanwhile is nothing to say. Once the store itself does not
 * open, the keys in it are left alone: it would ask for its password again for each.
 */
export async function checkAll(keys: readonly KeyView[]): Promise<KeyTrouble | null> {
  let first: KeyTrouble | null = null;
  let isShut = false;
  for (const { id, place } of keys) {
    const isAside = place === "set_aside" || place === "vault_aside";
    if (isAside || (isShut && (place === "system" || place === "vault"))) continue;
    try {
      await bridge.keysRecheck(id);
    } catch (error) {
      const refusal = error instanceof BackendError ? error : null;
      if (refusal?.code === "not_found") continue;
      first ??= { error, keyId: id };
      isShut ||= refusal?.code === "credential_store" && !OF_ONE_KEY.has(refusal.view.store ?? "");
    }
  }
  return first;
}
