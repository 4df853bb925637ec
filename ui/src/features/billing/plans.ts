/** The plans of the catalogue, by mode. */
import type { BillingMode, BillingView, PlanView } from "../../bridge";

/** The plan of a mode; the catalogue has one of each. */
export const planOf = (billing: BillingView, mode: BillingMode): PlanView | undefined =>
  billing.plans.find((plan) => plan.mode === mode);
