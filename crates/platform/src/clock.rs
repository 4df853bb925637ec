//! Time, ids and randomness: the one home of each in the service.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The service's clock: the system's, put forward as far as somebody asked. Clones are the same clock. Only a service with
/// embedded billing may be asked, so that periods can pass in a test and on a developer's machine.
#[derive(Clone, Debug)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
    begun: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            ahead_ms: Arc::default(),
            begun: Instant::now(),
        }
    }
}

impl Clock {
    /// Now, in whole milliseconds: what is stored and what is signed are then the same time.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place where the clock is read"
    )]
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        Timestamp::from_millisecond(now.as_millisecond().saturating_add(ahead)).unwrap_or(now)
    }

    /// How long the clock has run, as far as it was put forward, too. Unlike the time of day it never goes back, so that
    /// waits are reckoned with it.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let ahead = u64::try_from(self.ahead_ms.load(Ordering::Relaxed)).unwrap_or(0);
        self.begun.elapsed() + Duration::from_millis(ahead)
    }

    /// The system's time, however far the clock was put forward: for what others have dated.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place where the clock is read"
    )]
    pub(crate) fn time_of_day(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(by, Ordering::Relaxed);
    }
}

/// A fresh id, ordered by time, with what it is of before it: `acc_018f…`.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place where ids are made"
)]
pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}_{}", uuid::Uuid::now_v7().simple())
}

/// 32 bytes that nobody can guess; `None` when the system has none to give.
pub(crate) fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}
