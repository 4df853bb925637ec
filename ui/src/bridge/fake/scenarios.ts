/** Named states of the world, selected by `?scenario=NAME`, so that every screen can be looked at and tested. */
import type { ConversationView, MessageView, ModelGroupView, ModelView, PayerView, StoreStateView } from "../bindings";
import { inTrial, nobody, seats, signedIn } from "./account";
import { billing, subscribed, wallet } from "./billing";
import { billingScenarios } from "./billingScenarios";
import { chatScenarios } from "./chatScenarios";
import { failure, key, message, noAbilities, type World } from "./state";

const HOUR = 3_600_000;

const model = (
  keyId: string,
  id: string,
  name: string,
  prices: [string, string] | null,
  window: number,
): ModelView => ({
  model: { keyId, model: id },
  name,
  inputPrice: prices?.[0] ?? null,
  outputPrice: prices?.[1] ?? null,
  contextWindow: window,
  maxOutput: null,
  abilities: noAbilities,
});

const anthropicPayer: PayerView = {
  kind: "user_key",
  keyId: "k-anthropic",
  label: "Personal",
  last4: "4f2a",
  provider: "anthropic",
  providerName: "Anthropic",
};

const modelGroups = (): ModelGroupView[] => [
  {
    payer: anthropicPayer,
    unavailable: null,
    trouble: null,
    fetchedAt: Date.now() - HOUR,
    models: [
      model("k-anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", ["3.00", "15.00"], 200_000),
      model("k-anthropic", "claude-opus-4-1", "Claude Opus 4.1", ["15.00", "75.00"], 200_000),
      model("k-anthropic", "claude-haiku-4-5", "Claude Haiku 4.5", ["1.00", "5.00"], 200_000),
    ],
  },
  {
    payer: {
      ...anthropicPayer,
      keyId: "k-openai",
      label: "Studio project",
      last4: "Qx91",
      provider: "openai",
      providerName: "OpenAI",
    },
    unavailable: null,
    trouble: failure("out_of_credit", { status: 429, providerCode: "insufficient_quota", host: "api.openai.com" }),
    fetchedAt: Date.now() - HOUR,
    models: [model("k-openai", "gpt-5.1", "GPT-5.1", ["1.25", "10.00"], 400_000)],
  },
  {
    payer: { kind: "nobody", keyId: "k-ollama", label: "Ollama", provider: "ollama" },
    unavailable: null,
    trouble: null,
    fetchedAt: Date.now() - HOUR,
    models: [
      model("k-ollama", "llama3.3:70b", "llama3.3:70b", null, 128_000),
      model("k-ollama", "qwen3:8b", "qwen3:8b", null, 32_000),
    ],
  },
];

const asked = (id: string, text: string): MessageView => message(id, "user", text, { createdAt: Date.now() - HOUR });

const answered = (id: string, text: string, amount: string, input: number, output: number): MessageView =>
  message(id, "assistant", text, {
    createdAt: Date.now() - HOUR,
    model: { keyId: "k-anthropic", model: "claude-sonnet-4-5" },
    modelName: "Claude Sonnet 4.5",
    payer: anthropicPayer,
    receipt: {
      model: "claude-sonnet-4-5",
      modelName: "Claude Sonnet 4.5",
      payer: anthropicPayer,
      tokens: { input, inputUncached: input, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 },
      cost: { kind: "known", amount, source: "LiteLLM 1.109.1", asOf: "2026-11-20", toBeConfirmed: false },
      firstTokenMs: 820,
      durationMs: 6400,
      requestId: "req_011CSHoEeqs5C35K2UUqR7Fy",
    },
  });

const conversation = (
  id: string,
  projectId: string | null,
  title: string,
  messages: MessageView[] = [],
): ConversationView => ({
  id,
  projectId,
  title,
  messages,
  draft: "",
  model: { keyId: "k-anthropic", model: "claude-sonnet-4-5" },
  turnId: null,
});

const workspace = (): Pick<World, "projects" | "conversations" | "changedAt"> => {
  const conversations = [
    conversation("c-export", "p-orders", "Stream the nightly export", [
      asked("m1", "Which index does the nightly export use?"),
      answered(
        "m2",
        "Good, then the schema stays as it is. The index on `placed_at` already covers the export, so the slow part is how the rows leave the database rather than how they are found.",
        "0.0237",
        2906,
        1001,
      ),
      asked("m3", "The nightly export locks the orders table for about 40 seconds. Can it stream instead?"),
      answered(
        "m4",
        'Yes. The job asks for every row inside one transaction and only starts writing when the last one has arrived, so writers queue behind it. `COPY` hands rows over as it reads them:\n\n```rust\nlet stmt = client.prepare("COPY (SELECT * FROM orders) TO STDOUT").await?;\nwhile let Some(chunk) = rows.try_next().await? {\n    sink.write_all(&chunk).await?;  // back-pressure comes free\n}\n```\n\nThree things change:\n\n1. **Locks.** `COPY` reads a snapshot. Writers no longer wait.\n2. **Memory.** Flat at about 8 MB instead of the size of the table.\n3. **Failure.** A dropped connection leaves a partial file, so write to a temporary name and rename it.',
        "0.0245",
        6214,
        388,
      ),
    ]),
    conversation("c-backfill", "p-orders", "Backfill without downtime"),
    conversation("c-refund", "p-orders", "Refund rounding"),
    conversation("c-argument", "p-thesis", "Tighten the argument in 4.2"),
    conversation("c-coding", "p-thesis", "Interview coding scheme"),
    conversation("c-bread", null, "Sourdough, colder kitchen"),
    conversation("c-letter", null, "Letter to the landlord"),
  ];
  return {
    projects: [
      { id: "p-orders", name: "Orders service", spentThisMonth: "18.62" },
      { id: "p-thesis", name: "Thesis, chapter four", spentThisMonth: "11.04" },
      { id: "p-household", name: "Household", spentThisMonth: "0.91" },
    ],
    conversations,
    changedAt: new Map(conversations.map((each, index) => [each.id, Date.now() - index * HOUR])),
  };
};

const savedKeys = () => [
  key("k-anthropic", "anthropic", { baseUrl: "https://api.anthropic.com", spentThisMonth: "21.4" }),
  key("k-openai", "openai", {
    label: "Studio project",
    last4: "Qx91",
    baseUrl: "https://api.openai.com/v1",
    health: {
      state: "failing",
      failure: failure("out_of_credit", { status: 429, providerCode: "insufficient_quota", host: "api.openai.com" }),
    },
    lastCheckedAt: Date.now() - 14 * 60_000,
    spentThisMonth: "14.11",
  }),
  key("k-gemini", "gemini", {
    last4: "7Lk0",
    baseUrl: "https://generativelanguage.googleapis.com",
    health: { state: "working", modelCount: 8 },
    spentThisMonth: "2.69",
  }),
  key("k-northwind", "openai_compatible", {
    label: "Northwind",
    last4: "e0c7",
    baseUrl: "https://llm.northwind.example/v1",
    ownAddress: true,
    health: { state: "working", modelCount: 3 },
    lastCheckedAt: Date.now() - HOUR,
  }),
  key("k-ollama", "ollama", {
    label: "Ollama",
    last4: null,
    place: "none",
    onThisComputer: true,
    baseUrl: "http://127.0.0.1:11434",
    health: { state: "working", modelCount: 6 },
  }),
];

const empty = (): World => ({
  os: "linux",
  preferences: {},
  billing: { ...billing(null, false), setUp: false },
  account: nobody,
  subscription: null,
  wallet: wallet({ allowance: "15.00", available: "15.00", days: [] }),
  seats: seats(),
  isPlatformAway: false,
  isTrialUsed: false,
  signInEnds: "done",
  paymentEnds: "paid",
  changeEnds: null,
  store: {
    state: "unknown",
    name: "Secret Service",
    detail: null,
    desktop: "Debian 12, GNOME",
    installCommand: null,
    hasVault: false,
  },
  passphrase: null,
  leaks: [],
  storeAfterProbe: "ready",
  storeAsks: false,
  keys: [],
  localServers: [],
  reconciled: [],
  environment: [],
  clipboard: null,
  sandbox: false,
  models: [],
  projects: [],
  conversations: [],
  changedAt: new Map(),
  monthTotal: { amount: "0", unknown: 0 },
  versions: new Map(),
  drafts: new Map(),
  isDiskFull: false,
  isSearchBroken: false,
  answers: new Map(),
  unindexed: 0,
  transferEnds: "done",
  nextAnswer: { text: "A short answer in **Markdown**, with `code`." },
});

const noStore = (): World["store"] => ({
  ...empty().store,
  state: "absent",
  detail: "no_owner",
  installCommand: "sudo apt install gnome-keyring",
});

const working = (): World => ({
  ...empty(),
  ...workspace(),
  billing: billing("byok", true),
  account: signedIn("active"),
  subscription: subscribed("byok_monthly"),
  store: { ...empty().store, state: "ready" },
  keys: savedKeys(),
  localServers: [
    { keyId: "k-ollama", provider: "ollama", name: "Ollama", address: "127.0.0.1:11434", running: 6 },
    { keyId: "k-lm-studio", provider: "lm_studio", name: "LM Studio", address: "127.0.0.1:1234", running: null },
  ],
  models: modelGroups(),
  monthTotal: { amount: "38.2", unknown: 2 },
});

const withStore = (state: StoreStateView, more: Partial<World["store"]> = {}): World => ({
  ...working(),
  store: { ...empty().store, state, ...more },
  storeAfterProbe: state,
});

/** Keys in a passphrase vault, whose passphrase is "a kettle and two cups". */
const withVault = (state: StoreStateView, more: Partial<World["store"]> = {}): World => ({
  ...withStore(state, { hasVault: true, ...more }),
  passphrase: "a kettle and two cups",
  keys: savedKeys().map((each) => (each.last4 ? { ...each, place: "vault" } : each)),
});

/** The scenarios by name. */
export const scenarios = {
  /** The very first start: nothing chosen. */
  "first-run": empty,
  /** First start with model servers, environment keys and the sandbox at hand. */
  "first-run-offers": (): World => ({
    ...empty(),
    sandbox: true,
    localServers: [{ keyId: "k-ollama", provider: "ollama", name: "Ollama", address: "127.0.0.1:11434", running: 6 }],
    environment: [
      { variable: "ANTHROPIC_API_KEY", provider: "anthropic", last4: "9c1d" },
      { variable: "OPENAI_API_KEY", provider: "openai", last4: "Zt04" },
    ],
    clipboard: "sk-ant-api03-fake-clipboard-4f2a",
  }),
  /** First start on a desktop without a credential store. */
  "first-run-no-store": (): World => ({ ...empty(), store: noStore(), storeAfterProbe: "absent" }),
  /** First start on a desktop whose store asks for a password. */
  "first-run-locked": (): World => ({ ...empty(), storeAsks: true }),
  /** First start, quit with vendor-billed chosen. */
  "first-run-vendor": (): World => ({ ...empty(), billing: { ...billing("vendor_billed", false), setUp: false } }),
  /** First start while nobody answers at the platform. */
  "first-run-away": (): World => ({
    ...empty(),
    billing: { ...billing(null, false), plans: [], terms: [], setUp: false },
    isPlatformAway: true,
  }),
  /** Set up with vendor-billed, no plan and no key. */
  "vendor-no-keys": (): World => ({ ...empty(), billing: billing("vendor_billed", true), account: inTrial() }),
  /** Set up, with a key, nothing asked yet. */
  ready: (): World => ({
    ...working(),
    projects: [],
    conversations: [],
    changedAt: new Map(),
    monthTotal: { amount: "0", unknown: 0 },
    keys: savedKeys().slice(0, 1),
    models: modelGroups().slice(0, 1),
  }),
  /** Set up without any key. */
  "no-keys": (): World => ({
    ...empty(),
    billing: billing("byok", true),
    account: inTrial(),
    store: { ...empty().store, state: "ready" },
  }),
  /** In the middle of work. */
  working,
  /** The same on the other systems. */
  mac: (): World => ({ ...working(), os: "mac", store: { ...working().store, name: "macOS Keychain" } }),
  windows: (): World => ({
    ...working(),
    os: "windows",
    store: { ...working().store, name: "Windows Credential Manager" },
  }),
  ...billingScenarios(working, { model, modelGroups, savedKeys }),
  "store-locked": () => withStore("locked", { detail: "locked" }),
  "store-absent": () => withStore("absent", noStore()),
  "store-no-collection": () => withStore("no_collection", { detail: "no_default_collection" }),
  "store-denied": () => withStore("denied", { detail: "access_denied" }),
  "store-dismissed": () => withStore("prompt_dismissed", { detail: "prompt_dismissed" }),
  "store-unresponsive": () => withStore("unresponsive", { detail: "deadline" }),
  "store-broken": () => withStore("broken", { detail: "read_back_differs" }),
  "store-session": (): World => ({
    ...withStore("session"),
    storeAfterProbe: "ready",
    keys: savedKeys().map((each, at) => (each.last4 ? { ...each, place: at === 0 ? "session" : "set_aside" } : each)),
  }),
  "store-vault": () => withVault("vault_open"),
  "store-vault-locked": () => withVault("vault_locked"),
  "store-vault-missing": () => withVault("vault_missing", { hasVault: false }),
  "store-vault-damaged": () => withVault("vault_damaged"),
  "store-vault-unwritable": () => withVault("vault_unwritable"),
  /** The store asks for a password when a key is saved. */
  "store-asks": (): World => ({ ...working(), storeAsks: true }),
  /** Keys are in memory, and the store does not open. */
  "store-session-locked": (): World => ({
    ...withStore("session"),
    keys: savedKeys().map((each) => (each.last4 ? { ...each, place: "session" } : each)),
    storeAfterProbe: "locked",
  }),
  /** Keys of an earlier run that was kept in memory. */
  leaked: (): World => ({
    ...working(),
    leaks: [{ place: "/home/ada/.local/share/app.brasskey.desktop/notes.txt", inName: false, times: 2 }],
  }),
  "session-ended": (): World => ({
    ...working(),
    keys: savedKeys().map((each, at) => (at === 0 ? { ...each, place: "session_ended" } : each)),
  }),
  /** Two keys behind one company address, one behind a provider's own protocol, and a server that lists nothing. */
  company: (): World => ({
    ...working(),
    keys: [
      ...savedKeys(),
      key("k-northwind-2", "openai_compatible", {
        label: "Northwind, batch",
        last4: "b17c",
        isDefault: false,
        baseUrl: "https://llm.northwind.example/v1",
        ownAddress: true,
        lastUsedAt: null,
        health: {
          state: "failing",
          failure: failure("bad_request", {
            status: 404,
            providerCode: "cannot_list_models",
            host: "llm.northwind.example",
          }),
        },
      }),
      key("k-proxy", "anthropic", {
        label: "Through the proxy",
        last4: "77aa",
        isDefault: false,
        baseUrl: "https://claude.northwind.example",
        ownAddress: true,
      }),
    ],
  }),
  /** Start-up mended two half-done things, and one key is gone from the store. */
  reconciled: (): World => ({
    ...working(),
    reconciled: [
      { kind: "half_saved_removed", at: Date.now() - HOUR },
      { kind: "removal_finished", at: Date.now() - HOUR },
    ],
    keys: savedKeys().map((each) => (each.id === "k-gemini" ? { ...each, place: "missing" } : each)),
  }),
  ...chatScenarios(working),
} satisfies Record<string, () => World>;

/** The name of a scenario. */
export type ScenarioName = keyof typeof scenarios;
