/** The credential store's states in words; each has its own title, advice and action. */
import type { Os, StoreStateView, StoreView } from "../../bridge";
import type { GlyphName } from "../../kit";
import { t } from "../../text";

/** States in which nothing can be saved or used. */
export type TroubledState = Exclude<StoreStateView, "unknown" | "ready" | "session" | "vault_open">;

/** Where keys are kept, and what that is worth. */
export function keptWords(store: StoreView): string {
  if (store.state === "session") return t("keys.ledeSession");
  return isInVault(store) ? t("keys.ledeVault") : t("keys.lede", { store: store.name });
}

/** Whether the store needs the user before a key can be saved or used. */
export const needsAttention = (state: StoreStateView): state is TroubledState =>
  state !== "unknown" && state !== "ready" && state !== "session" && state !== "vault_open";

const OF_VAULT: ReadonlySet<StoreStateView> = new Set([
  "vault_open",
  "vault_locked",
  "vault_missing",
  "vault_damaged",
  "vault_unwritable",
]);

/** Whether the user chose the passphrase vault. */
const isInVault = ({ state }: StoreView): boolean => OF_VAULT.has(state);

/** Whether a state is about the passphrase vault, in use or not. */
export const concernsVault = (state: StoreStateView): boolean => OF_VAULT.has(state) || state === "vault_aside";

/** What is called the place where keys are kept: the system's store, or the vault that the user chose. */
export const placeName = (store: StoreView): string => (isInVault(store) ? t("store.vaultName") : store.name);

/** What a state's screen says. */
export interface StateWords {
  icon: GlyphName;
  title: string;
  text: string;
  /** Asks the store once more. */
  probe: string;
  /** A heading and steps for when that does not help. */
  help: { title: string; steps: string[] } | null;
}

const osNames: Record<Os, string> = { mac: "macOS", windows: "Windows", linux: "Linux" };

function unlockHelp(os: Os): StateWords["help"] {
  const back = t("store.help.back");
  switch (os) {
    case "mac":
      return {
        title: t("store.help.lockedMac"),
        steps: [t("store.help.lockedMac.1"), t("store.help.lockedMac.2"), back],
      };
    case "linux":
      return {
        title: t("store.help.lockedLinux"),
        steps: [t("store.help.lockedLinux.1"), t("store.help.lockedLinux.2"), back],
      };
    case "windows":
      return { title: t("store.help.lockedWindows"), steps: [t("store.help.lockedWindows.1"), back] };
  }
}

function allowHelp(os: Os): StateWords["help"] {
  const title = t("store.help.denied");
  switch (os) {
    case "mac":
      return { title, steps: [t("store.help.deniedMac.1"), t("store.help.deniedMac.2")] };
    case "linux":
      return { title, steps: [t("store.help.deniedLinux.1"), t("store.help.deniedLinux.2")] };
    case "windows":
      return { title, steps: [t("store.help.deniedWindows.1")] };
  }
}

/** The words of a state; `last4` names the key that it is about, where one is known. */
export function wordsOf(state: TroubledState, { name }: StoreView, os: Os, last4: string | null = null): StateWords {
  switch (state) {
    case "locked":
      return {
        icon: "lock",
        title: os === "mac" ? t("store.lockedMac") : t("store.locked", { name }),
        text: t("store.lockedText"),
        probe: t("store.unlock"),
        help: unlockHelp(os),
      };
    case "prompt_dismissed":
      return {
        icon: "lock",
        title: t("store.dismissed"),
        text: t("store.dismissedText", { name }),
        probe: t("store.askAgain"),
        help: unlockHelp(os),
      };
    case "absent":
      return {
        icon: "key",
        title: t("store.absent"),
        text: os === "linux" ? t("store.absentTextLinux") : t("store.absentText", { name }),
        probe: t("store.lookAgain"),
        help: null,
      };
    case "no_collection":
      return {
        icon: "key",
        title: t("store.noCollection", { name }),
        text: t("store.noCollectionText"),
        probe: t("store.lookAgain"),
        help: null,
      };
    case "denied":
      return {
        icon: "ban",
        title: t("store.denied", { os: osNames[os] }),
        text: t("store.deniedText", { name }),
        probe: t("store.askAgain"),
        help: allowHelp(os),
      };
    case "unresponsive":
      return {
        icon: "clock",
        title: t("store.unresponsive", { name }),
        text: t("store.unresponsiveText"),
        probe: t("store.tryAgain"),
        help: unlockHelp(os),
      };
    case "missing":
      return {
        icon: "key",
        title: last4 ? t("store.missingKey", { name, last4 }) : t("store.missing", { name }),
        text: last4 ? t("store.missingKeyText") : t("store.missingText"),
        probe: t("store.lookAgain"),
        help: null,
      };
    case "session_ended":
      return {
        icon: "key",
        title: last4 ? t("store.endedKey", { last4 }) : t("store.ended"),
        text: last4 ? t("store.endedKeyText") : t("store.endedText"),
        probe: t("store.lookAgain"),
        help: null,
      };
    case "set_aside":
      return {
        icon: "key",
        title: t("store.setAside", { name }),
        text: t("store.setAsideText", { name }),
        probe: t("keys.useSystem", { store: name }),
        help: null,
      };
    case "vault_locked":
      return {
        icon: "lock",
        title: t("store.vaultLocked"),
        text: t("store.vaultLockedText"),
        probe: t("store.vaultUnlock"),
        help: null,
      };
    case "vault_missing":
      return {
        icon: "key",
        title: t("store.vaultMissing"),
        text: t("store.vaultMissingText"),
        probe: t("store.lookAgain"),
        help: null,
      };
    case "vault_damaged":
      return {
        icon: "warn",
        title: t("store.vaultDamaged"),
        text: t("store.vaultDamagedText"),
        probe: t("store.tryAgain"),
        help: null,
      };
    case "vault_unwritable":
      return {
        icon: "warn",
        title: t("store.vaultUnwritable"),
        text: t("store.vaultUnwritableText"),
        probe: t("store.tryAgain"),
        help: null,
      };
    case "vault_aside":
      return {
        icon: "lock",
        title: t("store.vaultAside"),
        text: t("store.vaultAsideText"),
        probe: t("store.vaultUnlock"),
        help: null,
      };
    case "broken":
      return {
        icon: "warn",
        title: t("store.broken", { name }),
        text: t("store.brokenText"),
        probe: t("store.tryAgain"),
        help: null,
      };
  }
}

/** Whether the key itself is gone, whatever the store does. */
export const isGone = (state: StoreStateView): boolean => state === "missing" || state === "session_ended";

/** Whether another place for keys must be offered: there is none, or it cannot be trusted. */
export const offersMemory = (state: TroubledState): boolean =>
  state === "absent" || state === "no_collection" || state === "broken" || state === "denied";
