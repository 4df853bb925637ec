/** Who bills: the modes, the plan, payments, the terms. */
export { isAmount } from "./amount";
export { BillingScreen } from "./BillingScreen";
export { ModeCards } from "./ModeCards";
export { NoPlan } from "./NoPlan";
export { PaymentDialog } from "./PaymentDialog";
export { isAccepted, planOf, termsOf } from "./plans";
export { acceptTerms, TermsDue, TermsLink, TermsTick } from "./Terms";
