//! Time and ids: the one home of the clock and of randomness, so that everything else is a function of its inputs.

use jiff::{Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone};

/// Milliseconds since 1970, UTC.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place where the clock is read"
)]
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// A fresh id, ordered by time (UUID version 7).
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place where ids are made"
)]
pub(crate) fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Now, as a time of the calendar.
#[must_use]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(now_ms()).unwrap_or(Timestamp::MIN)
}

/// A pause that is not the same for everybody: between half of it and the whole.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place where randomness comes from"
)]
pub(crate) fn jittered(pause: std::time::Duration) -> std::time::Duration {
    // The low bits of an id are random.
    let [low, high, ..] = uuid::Uuid::now_v7().into_bytes()[14..] else {
        return pause;
    };
    let share = u32::from(u16::from_le_bytes([low, high]));
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u16::MAX)) / 2
}

/// The day of an instant in the system's time zone; none outside the calendar.
#[must_use]
pub(crate) fn day(at_ms: i64) -> Option<Date> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    Some(at.to_zoned(TimeZone::system()).date())
}

/// A calendar month in the system's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    /// First millisecond in it.
    pub(crate) from_ms: i64,
    /// First millisecond after it.
    pub(crate) until_ms: i64,
    /// ISO 8601, "2026-11".
    pub(crate) name: String,
}

impl Month {
    /// The month that holds `at_ms`, in the system's zone. An instant outside the calendar is an empty month.
    #[must_use]
    pub(crate) fn of(at_ms: i64) -> Self {
        Self::in_zone(at_ms, TimeZone::system())
    }

    fn in_zone(at_ms: i64, zone: TimeZone) -> Self {
        let bounds = Timestamp::from_millisecond(at_ms)
            .map(|at| at.to_zoned(zone))
            .and_then(|at| at.first_of_month()?.start_of_day())
            .and_then(|start: Zoned| {
                let end = start.checked_add(1.month())?.start_of_day()?;
                Ok((start, end))
            });
        match bounds {
            Ok((start, end)) => Self {
                from_ms: start.timestamp().as_millisecond(),
                until_ms: end.timestamp().as_millisecond(),
                name: start.strftime("%Y-%m").to_string(),
            },
            Err(_) => Self {
                from_ms: at_ms,
                until_ms: at_ms,
                name: String::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_month_runs_from_local_midnight_to_local_midnight() {
        // 2026-10-31T23:30Z is already November in Berlin (UTC+1 since 25 October).
        let at = "2026-10-31T23:30:00Z".parse::<Timestamp>().unwrap();
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let month = Month::in_zone(at.as_millisecond(), berlin);
        assert_eq!(month.name, "2026-11");
        assert_eq!(
            Timestamp::from_millisecond(month.from_ms)
                .unwrap()
                .to_string(),
            "2026-10-31T23:00:00Z"
        );
        assert_eq!(
            Timestamp::from_millisecond(month.until_ms)
                .unwrap()
                .to_string(),
            "2026-11-30T23:00:00Z"
        );
    }
}
