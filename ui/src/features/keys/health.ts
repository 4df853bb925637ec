/** A saved key's state in a word and a shape, with the provider's page that mends it. */
import type { FailureView, KeyView, ProviderPage, StoreView } from "../../bridge";
import type { GlyphName } from "../../kit";
import { t } from "../../text";
import { placeName } from "../store";

/** The words for one row. */
export interface HealthWords {
  tone?: "ok" | "warn" | "bad";
  icon: GlyphName;
  word: string;
  /** A second line. */
  more?: string;
  /** A page of the provider's console, and what the link to it says. */
  page?: { page: ProviderPage; label: string };
}

/** What to say about a saved key. */
export function healthOf(key: KeyView, store: StoreView): HealthWords {
  if (key.checking) return { icon: "spin", word: t("keys.status.checking") };
  if (key.place === "missing") {
    return {
      tone: "bad",
      icon: "key",
      word: t("keys.status.missing", { store: placeName(store) }),
      more: t("keys.status.missingText"),
    };
  }
  if (key.place === "session_ended") {
    return { tone: "bad", icon: "key", word: t("keys.status.ended"), more: t("keys.status.endedText") };
  }
  if (key.place === "set_aside") {
    return {
      tone: "warn",
      icon: "key",
      word: t("keys.status.setAside", { store: store.name }),
      more: t("keys.status.setAsideText"),
    };
  }
  if (key.place === "vault_aside") {
    return { tone: "warn", icon: "lock", word: t("keys.status.vaultAside"), more: t("keys.status.setAsideText") };
  }
  switch (key.health.state) {
    case "unchecked":
      return { icon: "clock", word: t("keys.status.unchecked") };
    case "working":
      return {
        tone: "ok",
        icon: "check",
        word: t("keys.status.working"),
        more: t("keys.status.models", { count: key.health.modelCount }),
      };
    case "failing":
      return failureWords(key.health.failure, key.providerName);
  }
}

/** A failed check in a word, as the list says it. */
export function failureWords(failure: FailureView, provider: string): HealthWords {
  const credit = { page: "billing", label: t("keys.addCredit", { provider }) } as const;
  const limits = { page: "limits", label: t("keys.openLimits", { provider }) } as const;
  const newKey = { page: "keys", label: t("keys.newAtProvider") } as const;
  const status = { page: "status", label: t("keys.providerStatus") } as const;
  const bad = (icon: GlyphName, word: string, page?: HealthWords["page"]): HealthWords => ({
    tone: "bad",
    icon,
    word,
    ...(page ? { page } : {}),
  });
  const warn = (icon: GlyphName, word: string, page?: HealthWords["page"]): HealthWords => ({
    ...bad(icon, word, page),
    tone: "warn",
  });
  switch (failure.code) {
    case "out_of_credit":
      return bad("card", t("keys.status.funds"), credit);
    case "billing_problem":
    case "billing_required":
      return bad("card", t("keys.status.payment"), credit);
    case "spend_limit":
    case "usage_limit":
    case "daily_quota":
      return bad("gauge", t("keys.status.limit"), limits);
    case "key_invalid":
      return bad("warn", t("keys.status.notKnown"), newKey);
    case "key_invalid_or_quota":
      return bad("warn", t("keys.status.keyOrBalance"), credit);
    case "key_disabled":
      return bad("ban", t("keys.status.revoked"), newKey);
    case "key_expired":
      return bad("clock", t("keys.status.expired"), newKey);
    case "key_wrong_kind":
      return bad("key", t("keys.status.wrongKind"), newKey);
    case "permission_missing":
      return bad("lock", t("keys.status.permission"), { page: "permissions", label: t("keys.openPermissions") });
    case "ip_not_allowed":
      return bad("ban", t("keys.status.network"));
    case "org_mismatch":
      return bad("lock", t("keys.status.organisation"));
    case "account_disabled":
      return bad("ban", t("keys.status.account"));
    case "region_unsupported":
      return bad("ban", t("keys.status.region"), { page: "regions", label: t("keys.regions") });
    case "rate_limited":
      return warn("gauge", t("keys.status.slow"));
    case "overloaded":
    case "server_error":
    case "timeout":
      return warn("server", t("keys.status.down"), status);
    case "offline":
      return warn("offline", t("keys.status.offline"));
    case "proxy_or_network":
      return failure.status === null
        ? bad("server", unreached(failure.providerCode))
        : bad("server", t("keys.status.address"));
    case "bad_request":
      return failure.providerCode === "cannot_list_models"
        ? warn("info", t("keys.status.noList"))
        : bad("server", t("keys.status.address"));
    case "model_unavailable":
      return bad("server", t("keys.status.address"));
    default:
      return warn("warn", t("keys.status.failed"));
  }
}

/** Why no answer came. */
function unreached(code: string | null): string {
  switch (code) {
    case "not_running":
      return t("keys.notRunning");
    case "refused":
      return t("keys.status.refused");
    case "dns":
      return t("keys.status.noHost");
    case "tls":
      return t("keys.status.notSecure");
    default:
      return t("keys.status.noAnswer");
  }
}
