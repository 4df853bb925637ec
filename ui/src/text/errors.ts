/**
 * Every code of the closed list: what to say and what to press. The interface matches on the code alone; a code without an
 * entry does not compile. Texts are in `en/causes.ts`.
 */
import type { Billed, ErrorCode, FailureView, ProviderPage } from "../bridge";
import type { GlyphName, NoteTone } from "../kit";
import type { causes } from "./en/causes";
import { t } from "./messages";

/** Whose matter a failure is. */
type Side = "provider" | "account" | "key" | "message" | "network" | "computer";

/** What can be pressed. A page opens at the provider; `answerWith` is another model that can answer now. */
export type Act =
  | { kind: "page"; page: ProviderPage }
  | {
      kind:
        | "replaceKey"
        | "openKeys"
        | "setBaseUrl"
        | "openBilling"
        | "openTerms"
        | "signIn"
        | "tryAgain"
        | "checkAgain"
        | "continueHere"
        | "startOver"
        | "chooseModel"
        | "editMessage"
        | "answerWith"
        | "copyDetails";
    };

/** What the interface knows about a code. `primary` is the one thing that mends it. */
export interface ErrorEntry {
  side: Side;
  tone: NoteTone;
  icon: GlyphName;
  primary: Act;
  others: readonly Act[];
}

const page = (name: ProviderPage): Act => ({ kind: "page", page: name });
const act = (kind: Exclude<Act["kind"], "page">): Act => ({ kind });

const answerWith = act("answerWith");
const tryAgain = act("tryAgain");

/** A failure of the account's money. */
const money = (primary: Act, icon: GlyphName = "card"): ErrorEntry => ({
  side: "account",
  tone: "bad",
  icon,
  primary,
  others: [answerWith, tryAgain],
});
/** A failure that waiting may mend. */
const passing = (side: Side, icon: GlyphName, ...others: Act[]): ErrorEntry => ({
  side,
  tone: "warn",
  icon,
  primary: tryAgain,
  others: [answerWith, ...others],
});
/** A failure of the key. */
const key = (primary: Act, ...others: Act[]): ErrorEntry => ({
  side: "key",
  tone: "bad",
  icon: "ban",
  primary,
  others,
});
/** A refusal of this computer's own commands. */
const here = (primary: Act, icon: GlyphName = "warn"): ErrorEntry => ({
  side: "computer",
  tone: "warn",
  icon,
  primary,
  others: [],
});

/** All codes. */
export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = {
  key_invalid: key(act("replaceKey"), answerWith, page("keys")),
  key_invalid_or_quota: key(act("replaceKey"), page("billing"), answerWith),
  key_disabled: key(act("replaceKey"), answerWith, page("keys")),
  key_expired: key(act("replaceKey"), answerWith, page("keys")),
  key_wrong_kind: key(act("replaceKey"), page("keys"), answerWith),
  permission_missing: key(page("permissions"), answerWith, act("checkAgain")),
  ip_not_allowed: key(page("permissions"), answerWith, tryAgain),
  org_mismatch: key(page("permissions"), act("replaceKey"), answerWith),
  account_disabled: money(page("keys"), "ban"),
  out_of_credit: money(page("billing")),
  billing_problem: money(page("billing")),
  billing_required: money(page("billing")),
  spend_limit: money(page("limits"), "gauge"),
  usage_limit: money(page("limits"), "gauge"),
  daily_quota: money(page("limits"), "gauge"),
  rate_limited: passing("account", "gauge", page("limits")),
  request_too_large_for_limit: {
    side: "message",
    tone: "warn",
    icon: "gauge",
    primary: act("editMessage"),
    others: [answerWith, page("limits")],
  },
  model_unavailable: {
    side: "key",
    tone: "warn",
    icon: "ban",
    primary: act("chooseModel"),
    others: [act("checkAgain")],
  },
  context_too_long: {
    side: "message",
    tone: "warn",
    icon: "file",
    primary: act("chooseModel"),
    others: [act("editMessage")],
  },
  payload_too_large: { side: "message", tone: "warn", icon: "file", primary: act("editMessage"), others: [answerWith] },
  content_blocked: { side: "provider", tone: "warn", icon: "ban", primary: act("editMessage"), others: [answerWith] },
  region_unsupported: {
    side: "provider",
    tone: "bad",
    icon: "ban",
    primary: act("setBaseUrl"),
    others: [answerWith, page("regions")],
  },
  overloaded: passing("provider", "server", page("status")),
  server_error: passing("provider", "server", page("status")),
  timeout: passing("provider", "clock", page("status")),
  bad_request: {
    side: "message",
    tone: "bad",
    icon: "warn",
    primary: act("chooseModel"),
    others: [act("copyDetails")],
  },
  proxy_or_network: passing("network", "plug", act("copyDetails")),
  offline: passing("network", "offline"),
  stream_broken: {
    side: "network",
    tone: "info",
    icon: "stop",
    primary: act("continueHere"),
    others: [act("startOver"), answerWith],
  },
  credential_store: { side: "computer", tone: "bad", icon: "lock", primary: act("openKeys"), others: [tryAgain] },
  storage: { side: "computer", tone: "bad", icon: "warn", primary: tryAgain, others: [act("copyDetails")] },
  platform_unreachable: here(tryAgain, "plug"),
  licence_lapsed: { ...here(act("openBilling"), "clock"), tone: "bad" },
  licence_revoked: { ...here(act("signIn"), "ban"), tone: "bad" },
  sign_in_needed: here(act("signIn"), "lock"),
  entitlement_reached: here(act("openBilling"), "gauge"),
  device_limit: here(act("openBilling"), "laptop"),
  payment_failed: here(act("openBilling"), "card"),
  sign_in_failed: here(tryAgain, "lock"),
  trial_used: here(act("openBilling"), "clock"),
  preview_changed: here(tryAgain, "receipt"),
  change_pending: here(tryAgain, "clock"),
  plan_denied: here(act("openBilling"), "receipt"),
  at_portal: here(act("openBilling"), "card"),
  other_mode: { ...here(act("chooseModel"), "receipt"), others: [act("openBilling")] },
  app_outdated: here(tryAgain, "warn"),
  terms_due: here(act("openTerms"), "file"),
  passphrase_too_short: here(tryAgain, "lock"),
  passphrase_wrong: here(tryAgain, "lock"),
  vault_exists: here(act("openKeys"), "lock"),
  key_empty: here(tryAgain, "key"),
  clipboard_empty: here(tryAgain, "key"),
  pending_expired: here(tryAgain, "clock"),
  origin_changed: here(act("openKeys"), "key"),
  base_url_invalid: here(act("setBaseUrl"), "plug"),
  not_found: here(tryAgain),
  busy: here(tryAgain, "clock"),
  stopped: here(tryAgain, "stop"),
  invalid_input: here(act("chooseModel")),
  link_refused: here(tryAgain, "ban"),
};

/** The names that the texts are filled with. */
export interface CauseParts {
  /** As the provider names itself. */
  provider: string;
  last4?: string | null | undefined;
  /** Who bills, where it is not the provider. */
  biller?: string | undefined;
  model?: string | null | undefined;
  /** What the provider bills at the least, as it is shown. */
  atLeast?: string | null | undefined;
}

function filled(name: keyof typeof causes, parts: CauseParts, failure: FailureView | null): string {
  const values = {
    provider: parts.provider,
    biller: parts.biller ?? parts.provider,
    last4: parts.last4 ?? "…",
    model: parts.model ?? "…",
    host: failure?.host ?? "",
    scopes: failure && failure.scopes.length > 0 ? failure.scopes.join(", ") : "none",
    code: failure?.providerCode ?? failure?.status ?? "an error without a code",
    begun: failure?.begun ? "yes" : "no",
    tries: failure?.tries ?? 1,
    seconds: Math.round((failure?.waitedMs ?? 0) / 1000),
    amount: parts.atLeast ?? "",
  };
  // Every text of this catalogue takes its parts from these; a test fills all of them.
  return t(name, values as never);
}

/** What happened, in under 45 characters. */
export function causeTitle(code: ErrorCode, parts: CauseParts, failure: FailureView | null = null): string {
  return filled(`cause.${code}.title`, parts, failure);
}

/** Why it happened. */
export function causeWhy(code: ErrorCode, parts: CauseParts, failure: FailureView | null = null): string {
  return filled(`cause.${code}.why`, parts, failure);
}

/** Whether it was billed. */
export function billedLine(billed: Billed, parts: CauseParts): string {
  const isBilled = billed === "unknown" || billed === "yes";
  return filled(isBilled && parts.atLeast ? "billed.atLeast" : `billed.${billed}`, parts, null);
}

/** Why a provider's refusal happened and whether it was billed, as sentences. */
export function failureWhy(failure: FailureView, parts: CauseParts): string {
  const { code, billed } = failure;
  const why = causeWhy(code, parts, failure);
  // What only the account's owner can mend is told as the refusal that it is, which was free.
  const isFree = billed === "no" || billed === "not_sent";
  if (isFree && errors[code].side === "account" && errors[code].primary.kind === "page") {
    return `${filled("billed.refused", parts, null)} ${why}`;
  }
  return `${why} ${billedLine(billed, parts)}`;
}

/** What can be pressed, the one that mends it first. An answer that had begun is gone on with before it is asked for anew. */
export function actsOf({ code, begun }: FailureView): readonly Act[] {
  const { side, primary, others } = errors[code];
  const acts = [primary, ...others];
  return begun && primary.kind === "tryAgain" && side !== "computer" ? [act("continueHere"), ...acts] : acts;
}

/** Whose matter it is, for support. */
export function sideOf(code: ErrorCode, parts: CauseParts): string {
  return filled(`side.${errors[code].side}`, parts, null);
}

/** What stands on the button. */
export function actLabel(what: Act, parts: CauseParts): string {
  return filled(what.kind === "page" ? `act.page.${what.page}` : `act.${what.kind}`, parts, null);
}
