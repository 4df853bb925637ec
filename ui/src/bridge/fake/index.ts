/**
 * The in-memory backend, typed by the same bindings as the real one: for looking at screens (`?scenario=NAME&theme=dark`), for
 * tests, never in the product. It makes no request and keeps nothing.
 */
import type { Backend } from "../backend";
import { accountCommands } from "./account";
import { billingCommands } from "./billing";
import { chatCommands } from "./chat";
import { keyCommands } from "./keys";
import { providers } from "./providers";
import { reportCommands } from "./report";
import { type ScenarioName, scenarios } from "./scenarios";
import { searchCommands } from "./search";
import { announce, refuse, type State } from "./state";
import { transferCommands } from "./transfer";
import { vaultCommands } from "./vault";
import { workspaceCommands } from "./workspace";

function seeded(name: ScenarioName): State {
  return {
    ...scenarios[name](),
    pending: new Map(),
    checking: new Map(),
    waiting: new Set(),
    removed: new Map(),
    deletedProjects: new Map(),
    deletedConversations: new Map(),
    turns: new Map(),
    copied: null,
    opened: [],
    endSignIn: null,
    endPayment: null,
    listeners: new Set(),
    nextId: 0,
  };
}

function asked(): ScenarioName {
  const name = new URLSearchParams(window.location.search).get("scenario");
  return name !== null && name in scenarios ? (name as ScenarioName) : "working";
}

/** What the in-memory backend remembers; tests read and set it. */
export const state: State = seeded(asked());

const theme = new URLSearchParams(window.location.search).get("theme");
if (theme === "light" || theme === "dark") state.preferences = { ...state.preferences, theme };

// What drives the window from outside, as a bench does, sets in it what happens next.
Object.assign(globalThis, { fake: state });

/** Begins anew with another scenario. */
export function loadScenario(name: ScenarioName, more: Partial<State> = {}): void {
  Object.assign(state, seeded(name), more);
}

/** How long a check takes, in milliseconds; a test may set it. */
export const pace = { checkMs: 700 };

function createBackend(): Backend {
  return {
    start: async () => ({
      version: "0.1.0",
      os: state.os,
      preferences: state.preferences,
      billing: state.billing,
      keys: { store: state.store, keys: state.keys, localServers: state.localServers, reconciled: state.reconciled },
      providers,
      workspace: await workspace.workspaceView(),
      sandbox: state.sandbox,
    }),
    preferencesSet: async (preferences) => {
      state.preferences = preferences;
      announce(state, { what: "preferences" });
      return preferences;
    },
    ...accountCommands(state),
    ...billingCommands(state),
    ...keyCommands(state, () => pace.checkMs),
    ...vaultCommands(state),
    ...workspace,
    ...searchCommands(state),
    ...transferCommands(state),
    ...reportCommands(state),
    ...chatCommands(state),
    providerPageOpen: async (provider, page) => {
      state.opened.push(`${provider}:${page}`);
      return null;
    },
    linkInspect: async (url) => {
      const parsed = URL.canParse(url) ? new URL(url) : refuse("link_refused");
      if (!["https:", "http:", "mailto:"].includes(parsed.protocol)) refuse("link_refused");
      return {
        url: parsed.href,
        host: parsed.host || null,
        hostUnicode: null,
        insecure: parsed.protocol === "http:",
        carries: (parsed.pathname + parsed.search + parsed.hash).length,
      };
    },
    linkOpen: async (url) => {
      state.opened.push(url);
      return null;
    },
    clipboardCopy: async (text) => {
      state.copied = text;
      return null;
    },
    onChanged: async (listener) => {
      state.listeners.add(listener);
      return () => {
        state.listeners.delete(listener);
      };
    },
    window: {
      minimise: async () => undefined,
      toggleMaximise: async () => undefined,
      close: async () => undefined,
    },
  };
}

const workspace = workspaceCommands(state);

/** The in-memory backend. */
export const bridge: Backend = createBackend();
