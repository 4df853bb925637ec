/** What a licence stops, as questions to the account. Nothing here asks the backend. */
import type { AccountView, BillingMode, ErrorCode } from "../../bridge";

/** Why no call of a mode goes out, as far as the licence says; none where it may. */
export function licenceStop({ licence }: AccountView, mode: BillingMode): ErrorCode | null {
  if (!licence) return "sign_in_needed";
  if (licence.state.state === "revoked") return "licence_revoked";
  if (licence.state.state === "limited") return "licence_lapsed";
  return licence.modes.includes(mode) ? null : "entitlement_reached";
}

/** Whether this computer lost its seat: the platform tells it nothing any more, and what it knew of the plan is not sure. */
export const isSignedOut = ({ licence }: AccountView): boolean => licence?.state.state === "revoked";

/** Whole days until then, at least 0. */
export const daysUntil = (at: number, now: number): number => Math.max(0, Math.ceil((at - now) / 86_400_000));

/** A system by its own name. */
export function osName(os: string): string {
  if (os === "macos") return "macOS";
  return os === "windows" ? "Windows" : "Linux";
}
