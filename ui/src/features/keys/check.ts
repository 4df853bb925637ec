/**
 * What the form says about a check: every outcome has its own title, explanation and next step (mockup 03c). It claims only
 * what the check proved.
 */
import type { CheckView, FailureView, ProviderPage, ProviderView } from "../../bridge";
import type { GlyphName, NoteTone } from "../../kit";
import { format, t } from "../../text";
import { failureWords } from "./health";

/** What can be pressed below a check's result. */
export type CheckAction =
  | {
      do: "paste" | "clear" | "check" | "checkAnyway" | "stopWaiting" | "save" | "addV1" | "editBaseUrl";
      label: string;
    }
  | { do: "open"; page: ProviderPage; label: string }
  | { do: "useOther"; provider: ProviderView["id"]; label: string };

/** A check's result in words. */
export interface CheckWords {
  tone: NoteTone;
  icon: GlyphName;
  title: string;
  text: string;
  actions: CheckAction[];
  /** The key or its address is wrong, as opposed to something around it. */
  invalid: boolean;
  /** The raw code, for support. */
  code?: string;
}

/** What the words depend on. */
export interface CheckContext {
  provider: ProviderView;
  /** As providers name themselves. */
  nameOf: (id: ProviderView["id"]) => string;
  /** The address that was asked, when it is not the provider's own. */
  ownAddress: string | null;
  /** Milliseconds until the next check goes out by itself. */
  waitMs: number | null;
  /** Provider and address stay: what would change them is not offered. */
  isFixed: boolean;
  /** The model server that usually answers at a host and port of this computer. */
  serverAt: (host: string) => string | null;
}

/** What changes the endpoint. */
const MOVES: ReadonlySet<CheckAction["do"]> = new Set(["useOther", "editBaseUrl", "addV1"]);

/** Failures that say nothing about the key. */
const PASSING: ReadonlySet<FailureView["code"]> = new Set<FailureView["code"]>([
  "offline",
  "proxy_or_network",
  "timeout",
  "stream_broken",
  "overloaded",
  "server_error",
  "rate_limited",
]);

const again = (): CheckAction => ({ do: "check", label: t("keys.note.tryAgain") });
const paste = (): CheckAction => ({ do: "paste", label: t("keys.note.pasteAgain") });
const clear = (): CheckAction => ({ do: "clear", label: t("keys.clear") });
const saveAnyway = (): CheckAction => ({ do: "save", label: t("keys.saveAnyway") });

/** Where saving happens later: as what the key will be saved; nothing where it will not. */
export function savedLater(result: CheckView, provider: ProviderView): string | null {
  if (result.outcome === "works") return t("keys.note.savedOnContinue");
  if (result.outcome !== "failed" || !result.savable) return null;
  return PASSING.has(result.failure.code)
    ? t("keys.note.savedUncheckedOnContinue")
    : t("keys.note.savedListedOnContinue", { status: failureWords(result.failure, provider.name).word });
}

/** The words for a finished check. */
export function wordsFor(result: CheckView, context: CheckContext): CheckWords {
  const words = outcomeWords(result, context);
  return context.isFixed ? { ...words, actions: words.actions.filter((action) => !MOVES.has(action.do)) } : words;
}

function outcomeWords(result: CheckView, context: CheckContext): CheckWords {
  const { provider, nameOf } = context;
  switch (result.outcome) {
    case "works": {
      const models = result.models.join(", ");
      const more = result.modelCount > result.models.length;
      return {
        tone: "ok",
        icon: "check",
        title: t("keys.note.works", { count: result.modelCount }),
        text:
          result.modelCount === 0
            ? t("keys.note.nameLater")
            : models === ""
              ? ""
              : more
                ? t("keys.note.worksMore", { models })
                : t("keys.note.worksAll", { models }),
        actions: [],
        invalid: false,
      };
    }
    case "stopped":
      return {
        tone: "info",
        icon: "stop",
        title: t("keys.note.stopped"),
        text: t("keys.note.stoppedText"),
        actions: [{ do: "check", label: t("keys.checkAgain") }],
        invalid: false,
      };
    case "wrong_provider": {
      const other = nameOf(result.looksLike);
      return {
        tone: "warn",
        icon: "swap",
        title: t("keys.note.wrongProvider", { other }),
        text: result.expectedPrefix
          ? t("keys.note.wrongProviderText", { provider: provider.name, prefix: result.expectedPrefix })
          : t("keys.note.wrongProviderPlain", { provider: provider.name }),
        actions: [
          { do: "useOther", provider: result.looksLike, label: t("keys.note.useOther", { other }) },
          { do: "checkAnyway", label: t("keys.note.checkAnyway") },
        ],
        invalid: false,
      };
    }
    case "failed": {
      const words = failed(result.failure, context);
      const open = (action: CheckAction) => action.do !== "open" || provider.pages.includes(action.page);
      const actions = words.actions.filter(open);
      return {
        ...words,
        code: result.failure.providerCode ?? result.failure.code,
        actions:
          result.savable && !actions.some((action) => action.do === "save") ? [...actions, saveAnyway()] : actions,
      };
    }
  }
}

/** A key with white space inside: nothing was sent. */
export function malformed(): CheckWords {
  return {
    tone: "bad",
    icon: "warn",
    title: t("keys.note.malformed"),
    text: t("keys.note.malformedText"),
    actions: [paste(), { do: "checkAnyway", label: t("keys.note.checkAnyway") }],
    invalid: true,
  };
}

function failed(failure: FailureView, context: CheckContext): CheckWords {
  const { ownAddress, waitMs, isFixed, serverAt } = context;
  const provider = context.provider.name;
  const open = (page: ProviderPage, label: string): CheckAction => ({ do: "open", page, label });
  const bad = (icon: GlyphName, title: string, text: string, ...actions: CheckAction[]): CheckWords => ({
    tone: "bad",
    icon,
    title,
    text,
    actions,
    invalid: true,
  });
  const warn = (icon: GlyphName, title: string, text: string, ...actions: CheckAction[]): CheckWords => ({
    tone: "warn",
    icon,
    title,
    text,
    actions,
    invalid: false,
  });
  const editBaseUrl: CheckAction = { do: "editBaseUrl", label: t("keys.note.editBaseUrl") };
  const newKey = open("keys", t("keys.newAtProvider"));
  const credit = open("billing", t("keys.addCredit", { provider }));
  const wrongAddress = (): CheckWords => {
    const hasV1 = isFixed || ownAddress === null || /\/v\d/.test(ownAddress);
    return bad(
      "server",
      t("keys.note.address"),
      hasV1 ? t("keys.note.addressModels") : t("keys.note.addressV1"),
      ...(hasV1 ? [] : [{ do: "addV1", label: t("keys.note.addV1") } as const]),
      editBaseUrl,
      ...(isFixed ? [again()] : []),
    );
  };
  /** No answer came: why, as far as it was found out. */
  const noAnswer = (): CheckWords => {
    const { host } = failure;
    const ways = ownAddress === null ? [again()] : [again(), editBaseUrl];
    switch (failure.providerCode) {
      case "not_running": {
        const app = serverAt(host);
        const title = app ? t("keys.note.notRunning", { app }) : t("keys.note.notRunningPlain");
        return bad("server", title, t("keys.note.notRunningText", { host }), ...ways);
      }
      case "refused":
        return bad("server", t("keys.note.refused"), t("keys.note.refusedText", { host }), ...ways);
      case "dns":
        return bad("server", t("keys.note.noHost"), t("keys.note.noHostText", { host }), ...ways);
      case "tls":
        return bad("shield", t("keys.note.connection"), t("keys.note.connectionText", { host }), again());
      default:
        return warn("plug", t("keys.note.noAnswer"), t("keys.note.noAnswerText", { host }), ...ways);
    }
  };

  switch (failure.code) {
    case "key_invalid":
      // A character that no request can carry: the key was never sent.
      if (failure.providerCode === "not_a_header_value") return { ...malformed(), actions: [paste()] };
      return bad(
        "warn",
        t("keys.note.invalid", { provider }),
        t("keys.note.invalidText"),
        paste(),
        open("keys", t("keys.openConsole", { provider })),
      );
    case "key_invalid_or_quota":
      return bad(
        "warn",
        t("keys.note.invalidOrQuota", { provider }),
        t("keys.note.invalidOrQuotaText", { provider }),
        paste(),
        credit,
      );
    case "key_disabled":
      return bad("ban", t("keys.note.revoked"), t("keys.note.revokedText", { provider }), newKey, clear());
    case "key_expired":
      return bad("clock", t("keys.note.expired"), t("keys.note.expiredText", { provider }), newKey, clear());
    case "key_wrong_kind":
      return bad("key", t("keys.note.wrongKind"), t("keys.note.wrongKindText", { provider }), newKey, clear());
    case "permission_missing":
      return bad(
        "lock",
        t("keys.note.permission"),
        failure.scopes.length > 0
          ? t("keys.note.permissionText", { scopes: failure.scopes.join(", ") })
          : t("keys.note.permissionPlain"),
        open("permissions", t("keys.openPermissions")),
        { do: "check", label: t("keys.checkAgain") },
      );
    case "ip_not_allowed":
      return bad("ban", t("keys.note.network"), t("keys.note.networkText", { provider }), again());
    case "org_mismatch":
      return bad(
        "lock",
        t("keys.note.organisation"),
        t("keys.note.organisationText", { provider }),
        open("keys", t("keys.openConsole", { provider })),
      );
    case "account_disabled":
      return bad(
        "ban",
        t("keys.note.account", { provider }),
        t("keys.note.accountText", { provider }),
        open("keys", t("keys.openConsole", { provider })),
      );
    case "out_of_credit":
      return warn("card", t("keys.note.funds"), t("keys.note.fundsText", { provider }), credit, saveAnyway());
    case "billing_problem":
      return warn("card", t("keys.note.payment"), t("keys.note.paymentText", { provider }), credit, saveAnyway());
    case "billing_required":
      return warn("card", t("keys.note.billing"), t("keys.note.billingText", { provider }), credit, saveAnyway());
    case "spend_limit":
    case "usage_limit":
    case "daily_quota":
      return warn(
        "gauge",
        t("keys.note.limit"),
        t("keys.note.limitText", { provider }),
        open("limits", t("keys.openLimits", { provider })),
        saveAnyway(),
      );
    case "rate_limited":
    case "request_too_large_for_limit":
      return warn(
        "gauge",
        t("keys.note.rate"),
        waitMs === null
          ? t("keys.note.rateTextPlain", { provider })
          : t("keys.note.rateText", { provider, left: format.countdown(waitMs) }),
        { do: "check", label: t("keys.note.checkNow") },
        ...(waitMs === null ? [] : [{ do: "stopWaiting", label: t("keys.note.stop") } as const]),
        saveAnyway(),
      );
    case "offline":
      return warn(
        "offline",
        t("keys.note.offline"),
        t("keys.note.offlineText"),
        { do: "save", label: t("keys.saveUnchecked") },
        again(),
      );
    case "overloaded":
    case "server_error":
      return warn(
        "server",
        t("keys.note.down", { provider }),
        failure.status === null
          ? t("keys.note.downTextPlain")
          : t("keys.note.downText", { status: String(failure.status) }),
        again(),
        open("status", t("keys.providerStatus")),
      );
    case "timeout":
      return warn("clock", t("keys.note.timeout", { provider }), t("keys.note.timeoutText"), again());
    case "region_unsupported":
      return bad(
        "ban",
        t("keys.note.region"),
        t("keys.note.regionText", { provider }),
        { do: "editBaseUrl", label: t("keys.note.setBaseUrl") },
        open("regions", t("keys.regions")),
      );
    case "bad_request":
      return failure.providerCode === "cannot_list_models"
        ? warn("info", t("keys.note.noList"), t("keys.note.noListText"), saveAnyway(), again())
        : wrongAddress();
    case "model_unavailable":
      return wrongAddress();
    case "proxy_or_network":
      return failure.status === null ? noAnswer() : wrongAddress();
    default:
      return bad("warn", t("keys.note.other"), t("keys.note.otherText", { provider }), again());
  }
}
