/** What the in-memory backend remembers, and small builders of its views. Only for screens and tests. */

import { BackendError } from "../backend";
import type {
  Abilities,
  AccountView,
  BillingView,
  Changed,
  ConversationView,
  EndingView,
  EnvironmentKeyView,
  ErrorCode,
  ErrorView,
  FailureView,
  HealthView,
  KeyView,
  LeakView,
  LocalServerView,
  MessageView,
  ModelGroupView,
  NewEndpoint,
  Os,
  PaymentOutcome,
  Preferences,
  ProjectView,
  ProviderId,
  ReconciledView,
  SeatView,
  StoreView,
  SubscriptionView,
  WalletView,
} from "../bindings";

/** A key that was handed over and not saved. */
interface PendingKey {
  secret: string | null;
  endpoint: NewEndpoint;
  /** What the last check proved, where it proved anything. */
  checked: HealthView | null;
}

/** A save that waits for the user at the credential store's own prompt. */
interface WaitingSave {
  pending: string | null;
  settle(how: "written" | "gave_up" | "cancelled"): void;
}

/** A turn that is being written. */
interface RunningTurn {
  conversationId: string;
  stop(): void;
  tryNow(): void;
}

/** Everything that a scenario may set. */
export interface World {
  os: Os;
  preferences: Preferences;
  billing: BillingView;
  account: AccountView;
  /** None before a plan was paid for. */
  subscription: SubscriptionView | null;
  wallet: WalletView;
  seats: SeatView[];
  /** Nobody answers at the platform. */
  isPlatformAway: boolean;
  isTrialUsed: boolean;
  /** What comes of a sign-in, a payment, a change of plan. */
  signInEnds: "done" | "waits" | "seats" | "declined";
  paymentEnds: PaymentOutcome | "waits";
  changeEnds: ErrorCode | null;
  store: StoreView;
  /** Where a search for leaks finds a key. */
  leaks: LeakView[];
  /** What `storeProbe` finds, when that differs from the state shown before. */
  storeAfterProbe: StoreView["state"] | null;
  /** The store asks for a password and waits, until it is given up or cancelled. */
  storeAsks: boolean;
  /** What opens the passphrase vault. */
  passphrase: string | null;
  keys: KeyView[];
  localServers: LocalServerView[];
  reconciled: ReconciledView[];
  environment: EnvironmentKeyView[];
  clipboard: string | null;
  sandbox: boolean;
  models: ModelGroupView[];
  projects: ProjectView[];
  conversations: ConversationView[];
  /** When each conversation last changed. */
  changedAt: Map<string, number>;
  monthTotal: { amount: string; unknown: number };
  /** Versions of messages that are not shown, each with what follows it. */
  versions: Map<string, MessageView[]>;
  drafts: Map<string, string>;
  /** No draft can be kept. */
  isDiskFull: boolean;
  /** The database does not answer a search. */
  isSearchBroken: boolean;
  /** What comes of an export or import. */
  transferEnds: "done" | "holds" | "damaged";
  /** So many messages are not indexed yet. */
  unindexed: number;
  /** What is answered to these questions, whatever `nextAnswer` says. */
  answers: ReadonlyMap<string, string>;
  /** What the next answer does; `text` streams it. */
  nextAnswer: {
    text: string;
    thinking?: string;
    failure?: FailureView;
    /** How it ends where that is not its proper end. */
    ending?: EndingView;
    waitMs?: number;
    /** It waits for a connection until it is tried now. */
    isOffline?: boolean;
    /** The disk does not take it until it is saved again. */
    isUnsaved?: boolean;
    pieceMs?: number;
    pieceWords?: number;
    /** It comes in pieces of so many characters, wherever that cuts it. */
    pieceCharacters?: number;
    /** In place of both: as much as is due by the clock, as often as the backend sends. */
    charactersPerSecond?: number;
    /** After this many pieces nothing more comes, and it does not end by itself. */
    holdAfter?: number;
  };
}

/** The world and what runs in it. */
export interface State extends World {
  pending: Map<string, PendingKey>;
  checking: Map<string, () => void>;
  /** What waits at the store's prompt. */
  waiting: Set<WaitingSave>;
  removed: Map<string, KeyView>;
  deletedProjects: Map<string, { project: ProjectView; conversations: ConversationView[] }>;
  deletedConversations: Map<string, ConversationView>;
  turns: Map<string, RunningTurn>;
  /** What the clipboard was given last. */
  copied: string | null;
  /** Pages and links that were opened. */
  opened: string[];
  /** Ends what waits for the browser. */
  endSignIn: (() => void) | null;
  endPayment: (() => void) | null;
  listeners: Set<(changed: Changed) => void>;
  nextId: number;
}

/** A fresh id. */
export function newId(state: State, kind: string): string {
  state.nextId += 1;
  return `${kind}-${state.nextId}`;
}

/** Tells the window what became stale. */
export function announce(state: State, ...changes: Changed[]): void {
  for (const changed of changes) for (const listener of state.listeners) listener(changed);
}

/** Refuses a command. */
export function refuse(code: ErrorCode, more: Partial<ErrorView> = {}): never {
  throw new BackendError({
    code,
    message: `The in-memory backend refuses: ${code}.`,
    failure: null,
    store: null,
    baseUrl: null,
    ...more,
  });
}

/** A provider's refusal. */
export function failure(code: ErrorCode, more: Partial<FailureView> = {}): FailureView {
  return {
    code,
    status: null,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    scopes: [],
    host: "api.anthropic.com",
    retry: "never",
    retryAfterMs: null,
    retryAt: null,
    billed: "no",
    begun: false,
    tries: 1,
    waitedMs: null,
    ...more,
  };
}

/** A message with everything usual. */
export function message(
  id: string,
  role: MessageView["role"],
  text: string,
  more: Partial<MessageView> = {},
): MessageView {
  return {
    id,
    role,
    text,
    thinking: "",
    state: "done",
    failure: null,
    ending: null,
    receipt: null,
    model: null,
    modelName: null,
    payer: null,
    createdAt: Date.now(),
    version: 0,
    versions: [id],
    ...more,
  };
}

/** Of a model whose provider says nothing but its name. */
export const noAbilities: Abilities = { images: null, documents: null, thinking: null, tools: null };

/** As providers name themselves. */
export const providerName: Record<ProviderId, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Google Gemini",
  openrouter: "OpenRouter",
  mistral: "Mistral",
  groq: "Groq",
  deepseek: "DeepSeek",
  xai: "xAI",
  together: "Together AI",
  fireworks: "Fireworks AI",
  cohere: "Cohere",
  perplexity: "Perplexity",
  azure_openai: "Azure OpenAI",
  bedrock: "Amazon Bedrock",
  vertex: "Google Vertex AI",
  openai_compatible: "OpenAI-compatible",
  anthropic_compatible: "Anthropic-compatible",
  gemini_compatible: "Gemini-compatible",
  ollama: "Ollama",
  lm_studio: "LM Studio",
  llama_cpp: "llama.cpp",
  vllm: "vLLM",
};

/** A key with everything usual. */
export function key(id: string, provider: ProviderId, more: Partial<KeyView> = {}): KeyView {
  const now = Date.now();
  return {
    id,
    provider,
    providerName: providerName[provider],
    label: "Personal",
    isDefault: true,
    baseUrl: "https://api.example",
    ownAddress: false,
    onThisComputer: false,
    last4: "4f2a",
    place: "system",
    health: { state: "working", modelCount: 11 },
    addedAt: now - 40 * 86_400_000,
    lastUsedAt: now - 3_600_000,
    lastCheckedAt: now - 120_000,
    spentThisMonth: "0",
    checking: false,
    ...more,
  };
}
