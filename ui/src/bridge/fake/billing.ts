/** Plans, texts, the plan of the account, payments and the wallet, in memory. */
import type { Backend } from "../backend";
import type {
  BillingMode,
  BillingView,
  PlanPreviewView,
  PlanView,
  SubscriptionView,
  SwitchTime,
  TermsView,
  WalletView,
} from "../bindings";
import { licence, signedIn } from "./account";
import { announce, newId, refuse, type State } from "./state";

type BillingCommands = Pick<
  Backend,
  | Extract<keyof Backend, `billing${string}` | `plan${string}` | `wallet${string}`>
  | "termsAccept"
  | "firstRunFinish"
  | "subscriptionView"
  | "portalOpen"
  | "lastMonth"
>;

const DAY = 86_400_000;

/** The plans of the catalogue. */
const plans = (): PlanView[] => [
  {
    mode: "byok",
    name: "BYOK",
    monthly: "12.00",
    monthlyCode: "byok_monthly",
    annual: "120.00",
    annualCode: "byok_annual",
    included: null,
    trialDays: 14,
  },
  {
    mode: "vendor_billed",
    name: "Standard",
    monthly: "24.00",
    monthlyCode: "standard_monthly",
    annual: "240.00",
    annualCode: "standard_annual",
    included: "15.00",
    trialDays: null,
  },
];

const TEXTS: Record<string, string> = {
  terms:
    "# Terms of use\n\nThe plan renews until you cancel it. The fee is due also while a provider is out of service.\n\nYou can cancel at any time, to the end of the period.",
  byok: "# Own keys\n\nYou are responsible for every charge made on the keys you add. Brasskey's platform fee is separate from your provider's bill.\n\nKeys are kept in your system's credential store and are sent to their own provider only.",
  vendor:
    "# Vendor-billed\n\nBrasskey bills the plan, and model use above the included amount up to the limit that you set.",
};

/** The texts that people accept. */
export const terms = (isAccepted: boolean): TermsView[] =>
  ["terms", "byok", "vendor"].map((document, at) => ({
    document,
    version: "2026-11-01.1",
    sha256: `9f2${at}`.repeat(16),
    text: TEXTS[document] ?? "",
    material: true,
    acceptedAt: isAccepted ? Date.UTC(2026, 10, 3, 9, 12) : null,
    before: null,
  }));

/** Mode, plans and texts. */
export const billing = (mode: BillingMode | null, isAccepted: boolean): BillingView => ({
  mode,
  plans: plans(),
  terms: terms(isAccepted),
  scheduled: null,
  switching: null,
  setUp: mode !== null,
});

/** A plan that an account has. */
export function subscribed(code: string, more: Partial<SubscriptionView> = {}): SubscriptionView {
  const plan = plans().find((each) => each.monthlyCode === code || each.annualCode === code) ?? plans()[0];
  const isAnnual = plan?.annualCode === code;
  return {
    plan: code,
    planName: plan?.name ?? code,
    mode: plan?.mode ?? null,
    interval: isAnnual ? "year" : "month",
    price: (isAnnual ? plan?.annual : plan?.monthly) ?? null,
    included: plan?.included ?? null,
    standing: "active",
    periodStart: Date.now() - 7 * DAY,
    periodEnd: Date.now() + 23 * DAY,
    endsAt: null,
    pastDueSince: null,
    change: null,
    features: [
      { code: "projects", name: "Projects", max: null, used: 7 },
      { code: "reports", name: "Usage reports", max: 20, used: 3 },
      { code: "computers", name: "Computers", max: 5, used: null },
    ],
    ...more,
  };
}

/** What is left of vendor-billed use. */
export const wallet = (more: Partial<WalletView> = {}): WalletView => ({
  included: "15.00",
  allowance: "6.12",
  overage: "0",
  overageCap: "0",
  planCap: "200.00",
  held: "0",
  available: "6.12",
  resetsAt: Date.now() + 12 * DAY,
  days: [
    { day: "2026-11-25", amount: "4.03" },
    { day: "2026-11-24", amount: "2.71" },
    { day: "2026-11-20", amount: "2.14" },
  ],
  ...more,
});

function preview(state: State, code: string, when: SwitchTime): PlanPreviewView {
  const to = subscribed(code);
  const from = state.subscription;
  const isNow = when === "now";
  const isSwitch = to.mode !== from?.mode;
  return {
    preview: newId(state, "preview"),
    plan: code,
    planName: to.planName,
    mode: to.mode,
    price: to.price,
    interval: to.interval,
    kind: isSwitch ? "switch" : to.interval === "year" ? "upgrade" : "downgrade",
    when,
    effectiveAt: isNow ? Date.now() : (from?.periodEnd ?? Date.now()),
    estimate: isNow
      ? { credit: "10.40", charge: "20.80", net: "10.40" }
      : { credit: "0.00", charge: to.price ?? "0", net: to.price ?? "0" },
    exact: true,
    loses: [],
    gains: [],
    allowanceFrom: from?.included ?? null,
    allowanceTo: to.included,
  };
}

/** The billing commands over `state`. */
export function billingCommands(state: State): BillingCommands {
  const previews = new Map<string, PlanPreviewView>();
  const chosen = () => ({ ...state.billing });
  const reach = () => {
    if (state.isPlatformAway) refuse("platform_unreachable");
  };
  const changed = (more: Partial<BillingView>) => {
    state.billing = { ...state.billing, ...more };
    announce(state, { what: "billing" }, { what: "keys" });
    return chosen();
  };
  const person = () => {
    reach();
    if (state.account.kind !== "signed_in") refuse("sign_in_needed");
    return state.subscription ?? refuse("plan_denied");
  };
  const put = (code: string) => {
    const subscription = subscribed(code);
    const { mode } = subscription;
    state.subscription = subscription;
    state.account = signedIn("active", { plan: code, modes: mode ? [mode] : [], end: subscription.periodEnd });
    announce(state, { what: "account" });
    changed(mode ? { mode, scheduled: null } : {});
    return subscription;
  };
  return {
    billingView: async () => chosen(),
    billingRefresh: async () => {
      reach();
      return state.billing.plans.length > 0 ? chosen() : changed({ plans: plans(), terms: terms(false) });
    },
    billingChoose: async (mode) => changed({ mode }),
    termsAccept: async (acceptances) => {
      for (const { document, version, sha256 } of acceptances) {
        const text = state.billing.terms.find((each) => each.document === document);
        if (text?.version !== version || text.sha256 !== sha256) refuse("terms_due");
      }
      const isAccepted = ({ document }: TermsView) => acceptances.some((each) => each.document === document);
      return changed({
        terms: state.billing.terms.map((text) => (isAccepted(text) ? { ...text, acceptedAt: Date.now() } : text)),
      });
    },
    firstRunFinish: async () => changed({ setUp: true }),
    subscriptionView: async () => {
      reach();
      if (state.account.kind === "none") refuse("sign_in_needed");
      return (
        state.subscription ??
        subscribed("byok_monthly", { standing: state.account.licence?.standing ?? "free", periodEnd: null })
      );
    },
    planPreview: async (plan, when) => {
      person();
      const shown = preview(state, plan, when ?? "now");
      previews.set(shown.preview, shown);
      return shown;
    },
    planChange: async (mark) => {
      const before = person();
      if (state.changeEnds) refuse(state.changeEnds);
      const shown = previews.get(mark) ?? refuse("preview_changed");
      if (shown.when === "now") return put(shown.plan);
      const { planName, mode, effectiveAt } = shown;
      state.subscription = {
        ...before,
        change: {
          state: "scheduled",
          fromName: before.planName,
          toName: planName,
          toMode: mode,
          effectiveAt,
          reason: null,
        },
      };
      changed(mode && mode !== before.mode ? { scheduled: { mode, planName, at: effectiveAt } } : {});
      return state.subscription;
    },
    planChangeWithdraw: async () => {
      const before = person();
      state.subscription = { ...before, change: null };
      changed({ scheduled: null });
      return state.subscription;
    },
    planCancel: async () => {
      const before = person();
      state.subscription = { ...before, standing: "ending", endsAt: before.periodEnd };
      changed({});
      return state.subscription;
    },
    planReactivate: async () => {
      const before = person();
      state.subscription = { ...before, standing: "active", endsAt: null };
      changed({});
      return state.subscription;
    },
    planPay: async (plan) => {
      reach();
      if (state.account.kind !== "signed_in") refuse("sign_in_needed");
      state.opened.push(`checkout:${plan}`);
      if (state.paymentEnds === "waits") {
        await new Promise<void>((resolve) => {
          state.endPayment = resolve;
        });
        refuse("stopped");
      }
      if (state.paymentEnds !== "paid") return { outcome: state.paymentEnds, receipt: null };
      const { planName, price } = put(plan);
      return {
        outcome: "paid",
        receipt: {
          number: "000007",
          issuedAt: Date.now(),
          total: price ?? "0",
          lines: [{ text: `${planName}, one month`, amount: price ?? "0" }],
        },
      };
    },
    planPayCancel: async () => {
      state.endPayment?.();
      state.endPayment = null;
      return null;
    },
    portalOpen: async (area) => {
      person();
      state.opened.push(`portal:${area}`);
      return null;
    },
    walletView: async () => {
      reach();
      return state.wallet;
    },
    walletSetCap: async (cap) => {
      reach();
      if (!/^\d+(\.\d+)?$/.test(cap)) refuse("invalid_input");
      state.wallet = { ...state.wallet, overageCap: cap };
      announce(state, { what: "account" });
      return state.wallet;
    },
    lastMonth: async () => ({
      month: "2026-10",
      calls: 212,
      unknown: 1,
      modelUse: "31.40",
      byok: "43.40",
      vendorBilled: "40.40",
    }),
  };
}

/** A licence for a mode. */
export const licenceFor = (mode: BillingMode) =>
  licence("active", { modes: [mode], plan: mode === "byok" ? "byok_monthly" : "standard_monthly" });
