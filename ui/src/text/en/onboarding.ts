/** The first run. */
export const onboarding = {
  "onboarding.title": "How should model use be billed?",
  "onboarding.lede": "Brasskey works the same either way. You can change this at any time in Settings.",
  "onboarding.mode": "Billing mode",
  "onboarding.firstKey": "Your first key",
  "onboarding.optional": "Optional, you can add it later",
  "onboarding.vendorOut": "Vendor-billed needs the Brasskey platform",
  "onboarding.vendorOutText":
    "This version cannot reach it yet. You can go on: models on this computer answer, and messages to all others wait. With your own keys everything works today.",
  "onboarding.continue": "Continue, {price} a month",
  "onboarding.continueVendor": "Continue",
  "onboarding.free": "{days} days free. Prices before tax.",
  "onboarding.vendorFree": "Nothing is charged while the platform is out of reach.",
  "onboarding.needTerms": "Accept the terms to continue.",
  "onboarding.keyTyped": "What stands in the key field is not checked yet. Check the key or clear the field.",
  "onboarding.keyChecking": "The key is being checked.",
  "onboarding.keyUnchecked": "The key is not checked yet.",
  "onboarding.keyRefused": "The key cannot be saved as it is.",
  "onboarding.keyUnused": "The key that you entered is not saved with vendor-billed.",
  "onboarding.serverUnsettled": "The server is not checked, or did not answer as it should.",
  "onboarding.withoutKey": "Continue without this key",
} as const;
