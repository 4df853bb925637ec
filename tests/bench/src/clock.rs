//! Time that two processes of one machine share. Durations within one process are `Instant`'s.

/// Nanoseconds since 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place of the bench where the clock is read"
)]
pub(crate) fn unix_ns() -> i64 {
    i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}
