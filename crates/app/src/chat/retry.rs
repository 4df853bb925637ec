//! When a failed call goes out again by itself: only where the provider allows it, only before any visible output, and never
//! where the key, the money or the content is at fault; without a connection, when it is back. A function of its inputs.

use std::time::Duration;

use brasskey_providers::{Cause, Failure, Retry};

/// Tries in all, the first one included.
pub(crate) const ATTEMPTS: u32 = 3;

/// A longer wait is the user's to decide.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The pause before the second try; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// What follows a failed call by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: the failure is told.
    End,
    /// The same request goes out again after this time.
    After(Duration),
    /// Nothing was sent, because this computer has no connection: it goes out when there is one.
    WhenOnline,
}

/// `attempt` is the try that failed, from 1; `output` says whether the user has seen any of the answer.
pub(crate) fn next(failure: &Failure, attempt: u32, output: bool) -> Next {
    if output {
        return Next::End;
    }
    if failure.cause == Cause::Offline {
        return Next::WhenOnline;
    }
    if attempt >= ATTEMPTS {
        return Next::End;
    }
    let growing = FIRST_PAUSE * 2_u32.pow(attempt.saturating_sub(1));
    let wait = match failure.retry {
        Retry::Never | Retry::AfterReset => return Next::End,
        Retry::AfterDelay | Retry::Backoff => failure.retry_after.unwrap_or(growing),
    };
    if wait <= LONGEST_WAIT {
        Next::After(wait)
    } else {
        Next::End
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    fn failure(cause: Cause, retry: Retry, after_ms: Option<u64>) -> Failure {
        let mut failure = Failure::new(cause, "api.example");
        failure.retry = retry;
        failure.retry_after = after_ms.map(Duration::from_millis);
        failure
    }

    #[test]
    fn the_providers_own_delay_is_kept() {
        let limited = failure(Cause::RateLimited, Retry::AfterDelay, Some(21_400));
        assert_eq!(
            next(&limited, 1, false),
            Next::After(Duration::from_millis(21_400))
        );
    }

    #[test]
    fn a_wait_of_more_than_five_minutes_is_told_instead() {
        let limited = failure(Cause::RateLimited, Retry::AfterDelay, Some(300_001));
        assert_eq!(next(&limited, 1, false), Next::End);
    }

    #[test]
    fn money_keys_and_content_are_never_retried() {
        for cause in [
            Cause::KeyInvalid,
            Cause::KeyDisabled,
            Cause::PermissionMissing,
            Cause::OutOfCredit,
            Cause::BillingProblem,
            Cause::SpendLimit,
            Cause::UsageLimit,
            Cause::DailyQuota,
            Cause::ContentBlocked,
            Cause::ContextTooLong,
            Cause::BadRequest,
        ] {
            assert_eq!(
                next(&Failure::new(cause, "api.example"), 1, false),
                Next::End,
                "{cause:?}"
            );
        }
    }

    #[test]
    fn without_a_connection_every_try_waits_for_it() {
        for attempt in [1, ATTEMPTS, 1_000] {
            let offline = failure(Cause::Offline, Retry::Backoff, None);
            assert_eq!(next(&offline, attempt, false), Next::WhenOnline);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_retried_after_visible_output(retry in 0..4_u8, after in proptest::option::of(0..1_000_000_u64), attempt in 1..10_u32) {
            let retry = [Retry::Never, Retry::AfterDelay, Retry::Backoff, Retry::AfterReset][usize::from(retry)];
            for cause in [Cause::Overloaded, Cause::Offline] {
                prop_assert_eq!(next(&failure(cause, retry, after), attempt, true), Next::End);
            }
        }

        #[test]
        fn there_are_never_more_than_three_tries(after in proptest::option::of(0..1_000_000_u64), attempt in 3..1_000_u32) {
            prop_assert_eq!(next(&failure(Cause::Overloaded, Retry::Backoff, after), attempt, false), Next::End);
        }

        #[test]
        fn a_pause_is_never_longer_than_five_minutes(after in proptest::option::of(0..10_000_000_u64), attempt in 1..3_u32) {
            if let Next::After(wait) = next(&failure(Cause::Overloaded, Retry::Backoff, after), attempt, false) {
                prop_assert!(wait <= Duration::from_secs(300));
            }
        }
    }
}
