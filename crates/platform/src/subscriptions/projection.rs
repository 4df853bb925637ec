//! From a provider's agreements to a subscription. A function of its inputs.
//!
//! A provider's answer lags and comes apart: periods may be missing or over, an old agreement may stand beside the new one, and
//! between the two there may be none for a moment. None of this takes a plan away.

use brasskey_licence::Standing;
use jiff::{SignedDuration, Timestamp};

use super::{ASKED_AGAIN_AFTER, RECONCILED_EVERY};
use crate::billing::Agreement;
use crate::store::{Copy, Projection, Subscription};

/// How long a provider has to name no agreement before it is believed.
const BELIEVED_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// What the provider's agreements make of a subscription.
pub(super) fn of(
    before: &Copy,
    agreements: &[Agreement],
    is_exact: bool,
    now: Timestamp,
) -> Projection {
    let after = |time: SignedDuration| Some(now.checked_add(time).unwrap_or(now));
    let old = &before.subscription;
    let running = agreements
        .iter()
        .filter(|agreement| agreement.ends_at.is_none_or(|end| end > now));
    let coming = before.coming_plan.as_deref();
    // The plan that a change leads to, then one that goes on, then the newest.
    let chosen = running.max_by_key(|agreement| {
        (
            coming == Some(&agreement.plan),
            agreement.ends_at.is_none(),
            agreement.period_start,
            &agreement.id,
        )
    });
    if let Some(agreement) = chosen {
        let subscription = subscription(old, agreement, is_exact);
        // The next period is looked for as soon as it has begun, and soon again where the provider is late.
        let rolls_over = subscription.period_end.and_then(|end| {
            let next = if end > now { end } else { now };
            let later = if end > now {
                BELIEVED_AFTER
            } else {
                ASKED_AGAIN_AFTER
            };
            next.checked_add(later).ok()
        });
        return Projection {
            subscription,
            missing_since: None,
            next: after(RECONCILED_EVERY)
                .map(|often| rolls_over.map_or(often, |end| often.min(end))),
        };
    }
    if old.agreement_id.is_none() {
        // A trial or a grant is not the provider's to end.
        return Projection {
            subscription: old.clone(),
            missing_since: None,
            next: None,
        };
    }
    let is_expected = old.ends_at.is_some_and(|end| end <= now);
    let missing_since = before.missing_since.unwrap_or(now);
    let is_believed = missing_since
        .checked_add(BELIEVED_AFTER)
        .is_ok_and(|then| then <= now);
    if coming.is_some() || !(is_exact || is_expected || is_believed) {
        return Projection {
            subscription: old.clone(),
            missing_since: Some(missing_since),
            next: after(BELIEVED_AFTER),
        };
    }
    Projection {
        subscription: Subscription {
            standing: Standing::Free,
            ends_at: old.ends_at.or(Some(now)),
            past_due_since: None,
            period_start: None,
            period_end: None,
            agreement_id: None,
            ..old.clone()
        },
        missing_since: None,
        next: None,
    }
}

fn subscription(old: &Subscription, agreement: &Agreement, is_exact: bool) -> Subscription {
    let is_same = old.agreement_id.as_deref() == Some(&agreement.id);
    let begins_anew =
        agreement.period_start.is_some() && agreement.period_start != old.period_start;
    let had_one = old.agreement_id.is_some();
    // Who says nothing of payments has not said that all is paid: what the events told stays.
    let past_due_since = agreement
        .past_due_since
        .or(old.past_due_since.filter(|_| had_one && !is_exact));
    Subscription {
        plan_code: agreement.plan.clone(),
        standing: match (past_due_since, agreement.ends_at) {
            (Some(_), _) => Standing::PastDue,
            (None, Some(_)) => Standing::Ending,
            (None, None) => Standing::Active,
        },
        ends_at: agreement.ends_at,
        past_due_since,
        period_start: agreement
            .period_start
            .or(old.period_start.filter(|_| is_same)),
        // The end of another period is not that of this one.
        period_end: agreement
            .period_end
            .or(old.period_end.filter(|_| is_same && !begins_anew)),
        agreement_id: Some(agreement.id.clone()),
        rev: old.rev,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    fn copy(standing: Standing, agreement: Option<&str>) -> Copy {
        Copy::of(Subscription {
            plan_code: "byok_monthly".into(),
            standing,
            ends_at: None,
            past_due_since: None,
            period_start: Some(at(0)),
            period_end: Some(at(30)),
            agreement_id: agreement.map(str::to_owned),
            rev: 4,
        })
    }

    fn agreement(id: &str, plan: &str) -> Agreement {
        Agreement {
            id: id.into(),
            plan: plan.into(),
            period_start: Some(at(0)),
            period_end: Some(at(30)),
            ends_at: None,
            past_due_since: None,
        }
    }

    #[test]
    fn what_the_provider_leaves_out_stays_and_a_period_that_rolls_over_late_is_no_end() {
        let before = copy(Standing::Active, Some("a"));
        let silent = Agreement {
            period_start: None,
            period_end: None,
            ..agreement("a", "byok_monthly")
        };
        assert_eq!(
            of(&before, &[silent], false, at(31)).subscription,
            before.subscription
        );
        let late = agreement("a", "byok_monthly");
        let kept = of(&before, &[late], false, at(40)).subscription;
        assert_eq!(kept, before.subscription);
    }

    #[test]
    fn of_several_agreements_the_one_that_goes_on_counts_and_the_one_that_is_wanted_most() {
        let before = copy(Standing::Active, Some("a"));
        let old = Agreement {
            ends_at: Some(at(10)),
            ..agreement("a", "byok_monthly")
        };
        let new = agreement("b", "standard_monthly");
        for both in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
            for now in [at(5), at(12)] {
                assert_eq!(
                    of(&before, &both, false, now).subscription.plan_code,
                    "standard_monthly"
                );
            }
        }
        let other = agreement("c", "byok_annual");
        let wanted = Copy {
            coming_plan: Some("byok_annual".into()),
            ..before
        };
        let chosen = of(&wanted, &[other, new, old], false, at(5)).subscription;
        assert_eq!(chosen.plan_code, "byok_annual");
    }

    #[test]
    fn no_agreement_is_the_end_only_when_it_is_said_twice_and_nothing_is_under_way() {
        let before = copy(Standing::Active, Some("a"));
        let first = of(&before, &[], false, at(5));
        assert_eq!(first.subscription, before.subscription);
        assert_eq!(first.missing_since, Some(at(5)));
        let again = Copy {
            missing_since: first.missing_since,
            ..before.clone()
        };
        let believed = of(&again, &[], false, at(6)).subscription;
        assert_eq!(
            (believed.standing, believed.agreement_id),
            (Standing::Free, None)
        );
        let changing = Copy {
            coming_plan: Some("standard_monthly".into()),
            ..again
        };
        assert_eq!(
            of(&changing, &[], false, at(6)).subscription,
            before.subscription
        );
        // Whoever keeps the books here has no moment between two agreements.
        assert_eq!(
            of(&before, &[], true, at(5)).subscription.standing,
            Standing::Free
        );
        let trial = copy(Standing::Trial, None);
        assert_eq!(
            of(&trial, &[], true, at(5)).subscription,
            trial.subscription
        );
    }

    #[test]
    fn a_payment_that_is_due_stays_due_until_somebody_says_that_it_was_paid() {
        let mut before = copy(Standing::PastDue, Some("a"));
        before.subscription.past_due_since = Some(at(2));
        let silent = [agreement("a", "byok_monthly")];
        let kept = of(&before, &silent, false, at(5)).subscription;
        assert_eq!(
            (kept.standing, kept.past_due_since),
            (Standing::PastDue, Some(at(2)))
        );
        let paid = of(&before, &silent, true, at(5)).subscription;
        assert_eq!(
            (paid.standing, paid.past_due_since),
            (Standing::Active, None)
        );
    }
}
