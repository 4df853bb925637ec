//! The time that a licence is judged by, when the computer's own clock may be wrong or set back.
//!
//! Going back gains nothing beyond a day and is no offence; a clock that jumped ahead and came back must not cost anything.

use std::cmp::max;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far a clock may be set back without notice: time zones and a flat battery are no offence.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// The two marks that are kept beside a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The latest time that the service signed.
    pub trusted: Timestamp,
    /// The latest time of the computer's clock while Brasskey ran.
    pub seen: Timestamp,
}

impl Marks {
    /// As of a licence that was just received.
    #[must_use]
    pub fn renewed(issued_at: Timestamp) -> Self {
        Self {
            trusted: issued_at,
            seen: issued_at,
        }
    }

    /// The marks after the clock was read. A time beyond the licence's grace is not believed: it would lock the licence for
    /// good when the clock is put right.
    #[must_use]
    pub fn after(self, local: Timestamp, grace: Timestamp) -> Self {
        if local > self.seen && local <= grace {
            Self {
                seen: local,
                ..self
            }
        } else {
            self
        }
    }

    /// The time to judge by.
    #[must_use]
    pub fn now(&self, local: Timestamp) -> Timestamp {
        let seen = self.seen.checked_sub(SLACK).unwrap_or(Timestamp::MIN);
        max(local, max(self.trusted, seen))
    }

    /// Whether the computer's clock is behind what is known for sure, by more than the slack.
    #[must_use]
    pub fn is_behind(&self, local: Timestamp) -> bool {
        local
            .checked_add(SLACK)
            .is_ok_and(|late| late < max(self.trusted, self.seen))
    }
}
