/** The plans of the catalogue and the texts of a mode, as questions to what is known of billing. */
import type { BillingMode, BillingView, PlanView, SubscriptionView, TermsView } from "../../bridge";

/** The plan of a mode; the catalogue has one of each. */
export const planOf = (billing: BillingView, mode: BillingMode): PlanView | undefined =>
  billing.plans.find((plan) => plan.mode === mode);

/** The texts that a mode needs: what everybody accepts, and its own. */
export function termsOf(billing: BillingView, mode: BillingMode): TermsView[] {
  const own = mode === "byok" ? "byok" : "vendor";
  return billing.terms.filter(({ document }) => document === "terms" || document === own);
}

/** Whether nothing is left to accept. Texts that are not known yet are not accepted. */
export const isAccepted = (texts: readonly TermsView[]): boolean =>
  texts.length > 0 && texts.every(({ acceptedAt }) => acceptedAt !== null);

/** Whether a plan was paid for, so that it is changed and not bought. */
export const isPaidFor = (subscription: SubscriptionView): boolean =>
  ["active", "past_due", "ending"].includes(subscription.standing);
