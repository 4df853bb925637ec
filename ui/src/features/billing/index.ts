/** Who bills: the modes, the plan, the terms. */
export { BillingScreen } from "./BillingScreen";
export { ModeCards } from "./ModeCards";
export { planOf } from "./plans";
export { acceptTerms, TermsDue, TermsLink } from "./Terms";
export { VendorWaits } from "./VendorWaits";
