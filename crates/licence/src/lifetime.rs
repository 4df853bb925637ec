//! How long a licence is made for: decided by the service and carried in the token, so that it can change without a release.

use std::cmp::min;

use jiff::{SignedDuration, Timestamp};

use crate::claims::Standing;

const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// What decides about a lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// How the account stands.
    pub standing: Standing,
    /// The end of the trial or of the period that was paid.
    pub ends_at: Option<Timestamp>,
    /// Since when payment is due.
    pub past_due_since: Option<Timestamp>,
}

/// The times of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// `nbf`.
    pub not_before: Timestamp,
    /// `rfr`.
    pub renew_from: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `grace`.
    pub grace_ends_at: Timestamp,
}

impl Lifetime {
    /// The times of a licence that is made now.
    #[must_use]
    pub fn of(account: &Account, now: Timestamp) -> Self {
        let after = |at: Timestamp, span| at.checked_add(span).unwrap_or(Timestamp::MAX);
        let bounded = |span, end: Option<Timestamp>| {
            let whole = after(now, span);
            end.map_or(whole, |end| min(whole, end))
        };
        let (expires_at, grace) = match account.standing {
            Standing::Active => (after(now, days(30)), days(14)),
            Standing::Trial => (bounded(days(7), account.ends_at), days(3)),
            Standing::PastDue => {
                let end = account.past_due_since.map(|since| after(since, days(14)));
                (bounded(days(7), end), days(3))
            }
            Standing::Ending => (bounded(days(30), account.ends_at), days(3)),
            Standing::Free | Standing::Unknown => (after(now, days(30)), days(365)),
            Standing::Revoked => (after(now, days(30)), days(0)),
        };
        Self {
            not_before: now
                .checked_sub(SignedDuration::from_mins(5))
                .unwrap_or(Timestamp::MIN),
            renew_from: after(now, days(1)),
            expires_at,
            grace_ends_at: after(expires_at, grace),
        }
    }
}
