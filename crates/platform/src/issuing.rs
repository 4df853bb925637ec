//! From an account to its licence. A function of its inputs.

use brasskey_licence::{AUDIENCE, Account, Claims, Feature, Lifetime, Standing};
use jiff::{SignedDuration, Timestamp};

use crate::catalogue::{Catalogue, Plan};
use crate::clock::new_id;
use crate::store::{Device, Subscription};

/// The claims of a licence that is made now for a device of an account.
pub(crate) fn claims(
    catalogue: &Catalogue,
    issuer: &str,
    subscription: &Subscription,
    device: &Device,
    now: Timestamp,
) -> Claims {
    let standing = standing(subscription, now);
    let times = Lifetime::of(
        &Account {
            standing,
            ends_at: subscription.ends_at,
            past_due_since: subscription.past_due_since,
        },
        now,
    );
    let plan = plan(catalogue, subscription, now);
    Claims {
        v: 1,
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: device.account_id.clone(),
        jti: new_id("lic"),
        seq: device.seq,
        dev: device.id.clone(),
        iat: now,
        nbf: times.not_before,
        exp: times.expires_at,
        rfr: times.renew_from,
        grace: times.grace_ends_at,
        plan: subscription.plan_code.clone(),
        st: standing,
        end: subscription.ends_at,
        modes: plan
            .and_then(|plan| catalogue.mode_of(plan))
            .into_iter()
            .collect(),
        feat: plan.map(|plan| plan.features.clone()).unwrap_or_default(),
        msg: (standing == Standing::PastDue).then(|| "payment_failed".to_owned()),
    }
}

/// The plan that an account has now.
pub(crate) fn plan<'a>(
    catalogue: &'a Catalogue,
    subscription: &Subscription,
    now: Timestamp,
) -> Option<&'a Plan> {
    let is_paid = !matches!(
        standing(subscription, now),
        Standing::Free | Standing::Revoked | Standing::Unknown
    );
    catalogue.plan(&subscription.plan_code).filter(|_| is_paid)
}

/// How many devices an account may have: what its plan says of `computers`, else its own limit; none is any number.
pub(crate) fn seats(
    catalogue: &Catalogue,
    subscription: &Subscription,
    limit: i64,
    now: Timestamp,
) -> Option<u64> {
    let granted =
        plan(catalogue, subscription, now).and_then(|plan| plan.features.get("computers"));
    match granted {
        Some(Feature::Metered { max }) => *max,
        Some(Feature::Granted(_)) | None => Some(u64::try_from(limit).unwrap_or(0)),
    }
}

/// How an account stands now: a trial or a cancelled period that is over leaves no plan, and so does a payment that has been
/// due for longer than its retries take.
pub(crate) fn standing(subscription: &Subscription, now: Timestamp) -> Standing {
    let is_over = subscription.ends_at.is_some_and(|end| end <= now);
    let is_given_up = subscription.past_due_since.is_some_and(|since| {
        since
            .checked_add(SignedDuration::from_hours(24 * 14))
            .is_ok_and(|end| end <= now)
    });
    match subscription.standing {
        Standing::Trial | Standing::Ending if is_over => Standing::Free,
        Standing::PastDue if is_given_up => Standing::Free,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn at(days: i64) -> Timestamp {
        "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
    }

    fn made(standing: Standing, ends_at: Option<i64>, past_due: Option<i64>, now: i64) -> Claims {
        let subscription = Subscription {
            plan_code: "byok_monthly".into(),
            standing,
            ends_at: ends_at.map(at),
            past_due_since: past_due.map(at),
            period_start: None,
            period_end: None,
            agreement_id: None,
            rev: 1,
        };
        let device = Device {
            id: "dev_1".into(),
            account_id: "acc_1".into(),
            seq: 3,
        };
        let catalogue = Catalogue::embedded().unwrap();
        claims(
            &catalogue,
            "https://platform.example",
            &subscription,
            &device,
            at(now),
        )
    }

    #[test]
    fn a_trial_has_the_whole_plan_until_it_is_over() {
        let claims = made(Standing::Trial, Some(14), None, 1);
        assert_eq!((claims.st, claims.seq), (Standing::Trial, 3));
        assert_eq!(claims.modes, [brasskey_licence::Mode::Byok]);
        assert_eq!(claims.feat.len(), 4);
        assert_eq!(claims.exp, at(8));
        let over = made(Standing::Trial, Some(14), None, 14);
        assert_eq!(over.st, Standing::Free);
        assert!(over.modes.is_empty() && over.feat.is_empty());
    }

    #[test]
    fn a_failed_payment_keeps_everything_for_two_weeks_and_says_so() {
        let due = made(Standing::PastDue, None, Some(0), 3);
        assert_eq!(
            (due.st, due.msg.as_deref()),
            (Standing::PastDue, Some("payment_failed"))
        );
        assert!(!due.modes.is_empty());
        let given_up = made(Standing::PastDue, None, Some(0), 14);
        assert_eq!(given_up.st, Standing::Free);
    }
}
