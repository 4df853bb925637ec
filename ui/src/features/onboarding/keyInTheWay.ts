/** A key that was begun and that going on would lose: why, in words. A function of its inputs. */
import { t } from "../../text";
import { isSavable, type KeyEntryState } from "../keys";

/** Nothing where there is no key, or one that going on saves. */
export function keyInTheWay(entry: KeyEntryState, isOwn: boolean): string | null {
  const { pending, typed, checking, result } = entry;
  if (!isOwn) return pending ? t("onboarding.keyUnused") : null;
  if (typed) return t("onboarding.keyTyped");
  if (!pending || isSavable(entry)) return null;
  if (pending.last4 === null) return t("onboarding.serverUnsettled");
  if (checking) return t("onboarding.keyChecking");
  const isRefused = result ? result.outcome !== "stopped" : pending.hasSpace;
  return isRefused ? t("onboarding.keyRefused") : t("onboarding.keyUnchecked");
}
