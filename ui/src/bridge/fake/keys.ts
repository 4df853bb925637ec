/**
 * Keys in memory. What a check finds follows from the key's own text: `sk-ant-…-invalid` is refused, `-offline` cannot be
 * asked, `-stays` is checked until it is stopped; anything else works. No secret leaves this module.
 */
import type { Backend } from "../backend";
import type { CheckView, FailureView, KeyView, ModelGroupView, NewEndpoint, ProviderId } from "../bindings";
import { announce, failure, newId, noAbilities, providerName, refuse, type State } from "./state";

const shapes: [prefix: string, provider: ProviderId][] = [
  ["sk-ant-", "anthropic"],
  ["sk-or-", "openrouter"],
  ["sk-proj-", "openai"],
  ["AIza", "gemini"],
];

const ends: Record<string, FailureView> = {
  invalid: failure("key_invalid", { status: 401, providerCode: "authentication_error" }),
  revoked: failure("key_disabled", { status: 401 }),
  scopes: failure("permission_missing", { status: 403, scopes: ["Models: read", "Messages: write"] }),
  empty: failure("out_of_credit", { status: 400, providerCode: "billing_error" }),
  limited: failure("rate_limited", { status: 429, retry: "after_delay", retryAfterMs: 18_000 }),
  offline: failure("offline", { billed: "not_sent", retry: "backoff" }),
  down: failure("overloaded", { status: 529, providerCode: "overloaded_error", retry: "backoff" }),
  address: failure("proxy_or_network", { status: 404 }),
  certificate: failure("proxy_or_network", { billed: "not_sent", providerCode: "tls" }),
  quota: failure("key_invalid_or_quota", { status: 401 }),
  expired: failure("key_expired", { status: 401 }),
  admin: failure("key_wrong_kind", { status: 403 }),
  network: failure("ip_not_allowed", { status: 401 }),
  other: failure("org_mismatch", { status: 401 }),
  hold: failure("account_disabled", { status: 400 }),
  unpaid: failure("billing_problem", { status: 402 }),
  unbilled: failure("billing_required", { status: 403 }),
  limit: failure("spend_limit", { status: 400 }),
  late: failure("timeout", { retry: "backoff" }),
  region: failure("region_unsupported", { status: 403 }),
  unlisted: failure("bad_request", { status: 404, providerCode: "cannot_list_models" }),
  umlaut: failure("key_invalid", { billed: "not_sent", providerCode: "not_a_header_value" }),
  asleep: failure("proxy_or_network", {
    billed: "not_sent",
    providerCode: "not_running",
    host: "127.0.0.1:11434",
  }),
  refused: failure("proxy_or_network", { billed: "not_sent", providerCode: "refused" }),
  unknown: failure("proxy_or_network", { billed: "not_sent", providerCode: "dns" }),
  lost: failure("proxy_or_network", { billed: "unknown", providerCode: "connection_lost" }),
};

/** A key with such a result never works; any other may be saved as it is. */
const hopeless = new Set([
  "key_invalid",
  "key_disabled",
  "key_expired",
  "key_wrong_kind",
  "model_unavailable",
  "bad_request",
]);
const isSavable = ({ code, providerCode }: FailureView) => providerCode === "cannot_list_models" || !hopeless.has(code);
/** What says nothing about the key leaves it unchecked. */
const passing = new Set(["offline", "proxy_or_network", "timeout", "overloaded", "server_error", "rate_limited"]);

/** What is wrong with the address of an endpoint, as far as the screens need it. */
function requireAddress({ provider, baseUrl }: NewEndpoint): void {
  if (baseUrl?.startsWith("http://") && !/^http:\/\/(127\.|localhost)/.test(baseUrl)) {
    refuse("base_url_invalid", { baseUrl: "insecure_http" });
  }
  if (baseUrl && !URL.canParse(baseUrl)) refuse("base_url_invalid", { baseUrl: "not_a_url" });
  if (provider === "openai_compatible" && !baseUrl) refuse("base_url_invalid", { baseUrl: "needed" });
}

const defaultBaseUrl: Partial<Record<ProviderId, string>> = {
  anthropic: "https://api.anthropic.com",
  openai: "https://api.openai.com/v1",
  gemini: "https://generativelanguage.googleapis.com",
  openrouter: "https://openrouter.ai/api/v1",
  ollama: "http://127.0.0.1:11434",
  lm_studio: "http://127.0.0.1:1234",
  llama_cpp: "http://127.0.0.1:8080",
  vllm: "http://127.0.0.1:8000",
};

/** The group of a key whose endpoint lists no models. */
function namedModel({ id, label, last4, provider, providerName: name }: KeyView, model: string): ModelGroupView {
  return {
    payer: { kind: "user_key", keyId: id, label, last4: last4 ?? "", provider, providerName: name },
    unavailable: null,
    trouble: null,
    models: [
      {
        model: { keyId: id, model },
        name: model,
        inputPrice: null,
        outputPrice: null,
        contextWindow: null,
        maxOutput: null,
        abilities: noAbilities,
      },
    ],
    fetchedAt: null,
  };
}

type KeyCommands = Pick<Backend, Extract<keyof Backend, `keys${string}` | `store${string}` | `custody${string}`>>;

/** The key and store commands over `state`. `delay` is how long a check takes, in milliseconds. */
export function keyCommands(state: State, delay: () => number): KeyCommands {
  const view = () => ({
    store: state.store,
    keys: state.keys,
    localServers: state.localServers,
    reconciled: state.reconciled,
  });
  const change = (id: string, more: Partial<KeyView>): KeyView => {
    const found = state.keys.find((each) => each.id === id) ?? refuse("not_found");
    const changed = { ...found, ...more };
    state.keys = state.keys.map((each) => (each.id === id ? changed : each));
    announce(state, { what: "keys" });
    return changed;
  };
  const take = (secret: string | null, endpoint: NewEndpoint) => {
    const trimmed = secret?.trim() ?? null;
    if (trimmed === "") refuse("key_empty");
    const id = newId(state, "pending");
    state.pending.set(id, { secret: trimmed, endpoint, checked: null });
    return {
      id,
      provider: endpoint.provider,
      baseUrl: endpoint.baseUrl,
      last4: trimmed?.slice(-4) ?? null,
      looksLike: shapes.find(([prefix]) => trimmed?.startsWith(prefix))?.[1] ?? null,
      hasSpace: /\s/.test(trimmed ?? ""),
      expiresAt: Date.now() + 600_000,
    };
  };
  /** Waits at the store's own prompt while it asks; what came of it. */
  const prompt = async (pending: string | null): Promise<"written" | "gave_up"> => {
    if (!state.storeAsks) return "written";
    const how = await new Promise<"written" | "gave_up" | "cancelled">((settle) => {
      const waiting = {
        pending,
        settle: (end: "written" | "gave_up" | "cancelled") => {
          state.waiting.delete(waiting);
          settle(end);
        },
      };
      state.waiting.add(waiting);
    });
    return how === "cancelled" ? refuse("stopped") : how;
  };
  const needStore = async (pending: string): Promise<"system" | "session" | "vault"> => {
    if (state.store.state === "session") return "session";
    if (state.store.state === "vault_open") return "vault";
    if ((await prompt(pending)) === "gave_up") refuse("credential_store", { store: "prompt_dismissed" });
    if (state.store.state === "unknown") state.store = { ...state.store, state: "ready" };
    if (state.store.state !== "ready") refuse("credential_store", { store: state.store.state });
    return "system";
  };
  const record = async (pendingId: string, label: string): Promise<KeyView> => {
    if (state.billing.mode === "vendor_billed") refuse("platform_unreachable");
    const pending = state.pending.get(pendingId) ?? refuse("pending_expired");
    const { endpoint, checked, secret } = pending;
    requireAddress(endpoint);
    const place = secret === null ? "none" : await needStore(pendingId);
    state.pending.delete(pendingId);
    const { provider, baseUrl } = endpoint;
    const url = baseUrl ?? defaultBaseUrl[provider] ?? "https://example.test/v1";
    return {
      id: newId(state, "key"),
      provider,
      providerName: providerName[provider],
      label,
      isDefault: !state.keys.some((each) => each.provider === provider),
      baseUrl: url,
      ownAddress: baseUrl !== null && baseUrl !== defaultBaseUrl[provider],
      onThisComputer: /127\.0\.0\.1|localhost/.test(url),
      last4: secret?.slice(-4) ?? null,
      place,
      health: checked ?? { state: "unchecked" },
      addedAt: Date.now(),
      lastUsedAt: null,
      lastCheckedAt: checked === null ? null : Date.now(),
      spentThisMonth: "0",
      checking: false,
    };
  };

  return {
    keysView: async () => view(),
    keysSubmit: async (secret, endpoint) => take(secret, endpoint),
    keysPaste: async (endpoint) => {
      const text = state.clipboard;
      state.clipboard = null;
      return text === null ? refuse("clipboard_empty") : take(text, endpoint);
    },
    keysEnvironment: async () => state.environment,
    keysFromEnvironment: async (variable, endpoint) => {
      const found = state.environment.find((each) => each.variable === variable) ?? refuse("not_found");
      return take(`sk-from-environment-${found.last4}`, endpoint);
    },
    keysKeyless: async (endpoint) => {
      if (endpoint.baseUrl?.startsWith("https://")) refuse("invalid_input");
      return take(null, endpoint);
    },
    keysSandbox: async (provider) => take("sandbox-key-5a4d", { provider, baseUrl: "http://127.0.0.1:4199" }),
    keysCheck: async (pendingId, endpoint, anyShape) => {
      const pending = state.pending.get(pendingId) ?? refuse("pending_expired");
      requireAddress(endpoint);
      const shape = shapes.find(([prefix]) => pending.secret?.startsWith(prefix));
      if (!anyShape && shape && shape[1] !== endpoint.provider && endpoint.provider !== "openai_compatible") {
        const expectedPrefix = shapes.find(([, provider]) => provider === endpoint.provider)?.[0] ?? null;
        return { outcome: "wrong_provider", looksLike: shape[1], expectedPrefix };
      }
      pending.endpoint = endpoint;
      return new Promise<CheckView>((resolve) => {
        const last = pending.secret?.split("-").at(-1) ?? "";
        const end = ends[last];
        const timer = setTimeout(() => {
          if (last === "stays") return;
          state.checking.delete(pendingId);
          const addedV1 = end?.code === "proxy_or_network" && endpoint.baseUrl?.endsWith("/v1");
          if (end && !addedV1) {
            pending.checked = passing.has(end.code) ? null : { state: "failing", failure: end };
            resolve({ outcome: "failed", failure: end, savable: isSavable(end) });
            return;
          }
          pending.checked = { state: "working", modelCount: 11 };
          resolve({
            outcome: "works",
            modelCount: 11,
            models: ["Claude Opus 4.1", "Claude Sonnet 4.5", "Claude Haiku 4.5"],
          });
        }, delay());
        state.checking.set(pendingId, () => {
          clearTimeout(timer);
          resolve({ outcome: "stopped" });
        });
      });
    },
    keysCheckStop: async (pendingId) => {
      state.checking.get(pendingId)?.();
      state.checking.delete(pendingId);
      return null;
    },
    keysSave: async (pendingId, label) => {
      const saved = await record(pendingId, label);
      state.keys = [...state.keys, saved];
      announce(state, { what: "keys" });
      return saved;
    },
    keysCancel: async (pendingId) => {
      state.pending.delete(pendingId);
      for (const each of state.waiting) if (each.pending === pendingId) each.settle("cancelled");
      return null;
    },
    keysReplace: async (id, pendingId) => {
      const { last4, place, health, lastCheckedAt } = await record(pendingId, "");
      return change(id, { last4, place, health, lastCheckedAt });
    },
    keysNameModel: async (id, model) => {
      const named = change(id, {});
      state.models = [...state.models, namedModel(named, model)];
      announce(state, { what: "keys" });
      return named;
    },
    keysRecheck: async (id) => {
      const { place } = state.keys.find((each) => each.id === id) ?? refuse("not_found");
      if (place === "missing" || place === "session_ended") refuse("credential_store", { store: place });
      change(id, { checking: true });
      const whole = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), delay());
        state.checking.set(id, () => {
          clearTimeout(timer);
          resolve(false);
        });
      });
      state.checking.delete(id);
      return change(id, { checking: false, ...(whole ? { lastCheckedAt: Date.now() } : {}) });
    },
    keysRecheckStop: async (id) => {
      state.checking.get(id)?.();
      return null;
    },
    keysRename: async (id, label) => change(id, { label }),
    keysSetDefault: async (id) => {
      const provider = state.keys.find((each) => each.id === id)?.provider;
      state.keys = state.keys.map((each) =>
        each.provider === provider ? { ...each, isDefault: each.id === id } : each,
      );
      announce(state, { what: "keys" });
      return null;
    },
    keysRemove: async (id) => {
      const found = state.keys.find((each) => each.id === id) ?? refuse("not_found");
      state.removed.set(id, found);
      state.keys = state.keys.filter((each) => each.id !== id);
      announce(state, { what: "keys" });
      return { id, undoUntil: Date.now() + 8000 };
    },
    keysRestore: async (id) => {
      const found = state.removed.get(id) ?? refuse("not_found");
      state.removed.delete(id);
      state.keys = [...state.keys, found];
      announce(state, { what: "keys" });
      return found;
    },
    keysReconciledDismiss: async () => {
      state.reconciled = [];
      announce(state, { what: "keys" });
      return null;
    },
    custodyView: async (id) => {
      const found = state.keys.find((each) => each.id === id) ?? refuse("not_found");
      const { place, baseUrl, lastUsedAt, lastCheckedAt } = found;
      const { origin } = new URL(baseUrl);
      const recipients = lastUsedAt === null ? [] : [{ origin, calls: 214, lastAt: lastUsedAt }];
      const handovers = lastUsedAt === null ? [] : [{ program: "aider", at: lastUsedAt }];
      const way =
        id === "k-northwind"
          ? { proxy: "http://proxy.northwind.example:3128", ownCertificates: true, headers: ["openai-project"] }
          : null;
      return { place, boundTo: origin, way, recipients, handovers, lastCheckedAt };
    },
    custodyLook: async (id, onProgress) => {
      onProgress({ files: 3, bytes: 4_200_000 });
      const whole = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), delay());
        state.checking.set(`leaks of ${id}`, () => {
          clearTimeout(timer);
          resolve(false);
        });
      });
      const lookedIn = [
        { folder: "/home/ada/.local/share/app.brasskey.desktop", files: whole ? 9 : 3 },
        { folder: "/home/ada/.cache/app.brasskey.desktop", files: whole ? 41 : 0 },
      ];
      const found = state.leaks;
      return {
        lookedIn,
        files: whole ? 50 : 3,
        bytes: whole ? 18_600_000 : 4_200_000,
        unread: [],
        found,
        stopped: !whole,
      };
    },
    custodyStop: async (id) => {
      state.checking.get(`leaks of ${id}`)?.();
      return null;
    },
    keysFindLocal: async () => state.localServers,
    storeProbe: async (keyId) => {
      const isDismissed = (await prompt(null)) === "gave_up";
      if (isDismissed) state.store = { ...state.store, state: "prompt_dismissed" };
      else if (state.storeAfterProbe) state.store = { ...state.store, state: state.storeAfterProbe };
      announce(state, { what: "store" });
      const place = state.keys.find(({ id }) => id === keyId)?.place;
      return place === "missing" || place === "session_ended" ? { ...state.store, state: place } : state.store;
    },
    storeGiveUp: async () => {
      for (const each of state.waiting) each.settle("gave_up");
      return null;
    },
    storeUseSession: async () => {
      state.store = { ...state.store, state: "session" };
      announce(state, { what: "store" });
      return state.store;
    },
    storeUseSystem: async () => {
      const found = (await prompt(null)) === "gave_up" ? "prompt_dismissed" : (state.storeAfterProbe ?? "ready");
      // One that does not open is not used: keys stay in memory. The view tells what was found.
      if (found !== "ready") return { ...state.store, state: found };
      if (state.store.state === "vault_locked") refuse("credential_store", { store: "vault_locked" });
      state.store = { ...state.store, state: found };
      const moves = (place: KeyView["place"]) => place === "set_aside" || place === "session" || place === "vault";
      state.keys = state.keys.map((each) => (moves(each.place) ? { ...each, place: "system" } : each));
      announce(state, { what: "store" }, { what: "keys" });
      return state.store;
    },
  };
}
