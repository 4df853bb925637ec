/** Failures that no screen expects. */
export const failures = {
  "failures.title": "Brasskey could not do this",
  "failures.explanation": "Nothing is lost. Try again; if it stays, the code and details help support.",
  "failures.code": "Code",
  "failures.copyDetails": "Copy details",
  "failures.tryAgain": "Try again",
  "failures.openBillingPage": "Open the billing page",
} as const;
