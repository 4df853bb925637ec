/** Whose this computer is: signing in, the licence, the computers of the account. */
export { Account } from "./Account";
export { LicenceNotice } from "./LicenceNotice";
export { isSignedOut, licenceStop } from "./licence";
export { askToSignIn, SignInLayer } from "./SignInDialog";
