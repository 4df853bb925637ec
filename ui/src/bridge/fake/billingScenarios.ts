/** Scenarios about plans, licences and the two billing modes. */
import type { KeyView, ModelGroupView, ModelView } from "../bindings";
import { inTrial, licence, nobody, signedIn } from "./account";
import { billing, licenceFor, subscribed, wallet } from "./billing";
import { failure, type World } from "./state";

const HOUR = 3_600_000;

/** What the world in the middle of work is made of. */
interface Parts {
  model: (keyId: string, id: string, name: string, prices: [string, string] | null, window: number) => ModelView;
  modelGroups: () => ModelGroupView[];
  savedKeys: () => KeyView[];
}

export function billingScenarios(working: () => World, parts: Parts) {
  const planModels = (): ModelGroupView[] =>
    (
      [
        ["anthropic", "Anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", ["3.00", "15.00"]],
        ["openai", "OpenAI", "gpt-5.1", "GPT-5.1", ["1.25", "10.00"]],
      ] as const
    ).map(([provider, providerName, id, name, prices]) => ({
      payer: { kind: "plan", provider, providerName },
      unavailable: null,
      trouble: null,
      fetchedAt: Date.now() - HOUR,
      models: [parts.model(`plan-${provider}`, id, name, [...prices], 200_000)],
    }));

  function vendorBilled(): World {
    const world = working();
    const otherMode = failure("other_mode", { host: "api.anthropic.com", billed: "not_sent" });
    return {
      ...world,
      billing: billing("vendor_billed", true),
      account: { ...signedIn("active"), licence: licenceFor("vendor_billed") },
      subscription: subscribed("standard_monthly"),
      wallet: wallet(),
      models: [
        ...planModels(),
        ...parts
          .modelGroups()
          .map((group) => (group.payer.kind === "nobody" ? group : { ...group, unavailable: otherMode })),
      ],
    };
  }

  const offline = () => ({
    state: { state: "renewal_due", until: Date.now() + 9 * 24 * HOUR, daysLeft: 9 } as const,
    checkedAt: Date.now() - 19 * 24 * HOUR,
    worksUntil: Date.now() - 5 * 24 * HOUR,
    graceUntil: Date.now() + 9 * 24 * HOUR,
  });

  return {
    /** Vendor-billed, in the middle of the month. */
    vendor: vendorBilled,
    /** Vendor-billed, with nothing left. */
    "vendor-spent": (): World => ({
      ...vendorBilled(),
      wallet: wallet({ allowance: "0", available: "0" }),
    }),
    /** Own keys are in force, and the plan is of the other mode. */
    "vendor-elsewhere": (): World => ({ ...vendorBilled(), billing: billing("byok", true) }),
    /** The trial runs. */
    trial: (): World => ({ ...working(), account: inTrial(), subscription: null }),
    /** In the trial, with a sign-in that waits for the person. */
    "signing-in": (): World => ({ ...working(), account: inTrial(), subscription: null, signInEnds: "waits" }),
    /** In the trial, and all computers of the account are taken. */
    "seats-taken": (): World => ({ ...working(), account: inTrial(), subscription: null, signInEnds: "seats" }),
    /** The trial is over in two days. */
    "trial-ends": (): World => ({
      ...working(),
      subscription: null,
      account: { ...inTrial(), licence: licence("trial", { end: Date.now() + 2 * 24 * HOUR - HOUR }) },
    }),
    /** The trial is over. */
    "trial-over": (): World => ({ ...working(), account: inTrial({ state: "limited" }), subscription: null }),
    /** Nobody has signed in. */
    "signed-out": (): World => ({
      ...working(),
      account: nobody,
      subscription: null,
      keys: parts.savedKeys().slice(4),
    }),
    /** The plan was cancelled. */
    ending: (): World => {
      const { periodEnd } = subscribed("byok_monthly");
      const ends = subscribed("byok_monthly", { standing: "ending", endsAt: periodEnd });
      return { ...working(), account: signedIn("ending"), subscription: ends };
    },
    /** The last payment failed. */
    "past-due": (): World => ({
      ...working(),
      account: signedIn("past_due"),
      subscription: subscribed("byok_monthly", { standing: "past_due", pastDueSince: Date.now() - 2 * 24 * HOUR }),
    }),
    /** A switch waits for the end of the period. */
    "switch-scheduled": (): World => {
      const at = Date.now() + 23 * 24 * HOUR;
      return {
        ...working(),
        billing: { ...billing("byok", true), scheduled: { mode: "vendor_billed", planName: "Standard", at } },
        subscription: subscribed("byok_monthly", {
          change: {
            state: "scheduled",
            fromName: "BYOK",
            toName: "Standard",
            toMode: "vendor_billed",
            effectiveAt: at,
            reason: null,
          },
        }),
      };
    },
    /** A switch was sent, and nobody knows what came of it. */
    "switch-unknown": (): World => ({
      ...working(),
      billing: { ...billing("byok", true), switching: "vendor_billed" },
    }),
    /** The licence could not be renewed for a while. */
    grace: (): World => ({ ...working(), isPlatformAway: true, account: signedIn("active", offline()) }),
    /** Grace is over. */
    "licence-limited": (): World => ({
      ...working(),
      isPlatformAway: true,
      account: signedIn("active", { ...offline(), state: { state: "limited" } }),
    }),
    /** The computer lost its seat. */
    revoked: (): World => ({ ...working(), account: signedIn("revoked", { state: { state: "revoked" } }) }),
    /** The terms wait to be accepted. */
    "terms-due": (): World => ({ ...working(), billing: billing("byok", false) }),
    /** A new version of what was accepted. */
    "terms-changed": (): World => {
      const { terms, ...rest } = billing("byok", true);
      const changed = terms.map((text) =>
        text.document === "terms"
          ? {
              ...text,
              version: "2027-01-01.1",
              acceptedAt: null,
              before: text.text,
              text: text.text.replace("at any time", "with a month's notice"),
            }
          : text,
      );
      return { ...working(), billing: { ...rest, terms: changed } };
    },
  } satisfies Record<string, () => World>;
}
