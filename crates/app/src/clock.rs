//! Time and ids: the one home of the clock and of randomness, so that everything else is a function of its inputs.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone};

/// The clock and the calendar of this computer. Clones are the same clock. A test moves it and puts it elsewhere; the program
/// takes both from the system.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
    /// None is the system's, whatever it is at that moment: people travel.
    zone: Option<TimeZone>,
}

impl Clock {
    /// The system's time in a time zone.
    #[must_use]
    pub fn in_zone(zone: TimeZone) -> Self {
        Self {
            zone: Some(zone),
            ..Self::default()
        }
    }

    /// Moves the clock, also back.
    pub fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(by, Ordering::Relaxed);
    }

    /// Milliseconds since 1970, UTC.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place where the clock is read"
    )]
    pub fn now_ms(&self) -> i64 {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        Timestamp::now().as_millisecond().saturating_add(ahead)
    }

    /// Now, as a time of the calendar.
    #[must_use]
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::MIN)
    }

    /// The day of an instant here; none outside the calendar.
    #[must_use]
    pub(crate) fn day_of(&self, at_ms: i64) -> Option<Date> {
        let at = Timestamp::from_millisecond(at_ms).ok()?;
        Some(at.to_zoned(self.zone()).date())
    }

    /// An instant to the minute, here: "2026-11-27 09:41".
    #[must_use]
    pub(crate) fn minute(&self, at_ms: i64) -> String {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MIN);
        at.to_zoned(self.zone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// Today, here.
    #[must_use]
    pub(crate) fn today(&self) -> Option<Date> {
        self.day_of(self.now_ms())
    }

    /// The month that holds an instant, here. An instant outside the calendar is an empty month.
    #[must_use]
    pub(crate) fn month_of(&self, at_ms: i64) -> Month {
        Month::in_zone(at_ms, self.zone())
    }

    /// This month, here.
    #[must_use]
    pub(crate) fn month(&self) -> Month {
        self.month_of(self.now_ms())
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or_else(TimeZone::system)
    }
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

/// A calendar month in a time zone.
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
    use proptest::prelude::*;

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

    /// Zones that change their clocks at midnight, by half an hour, backwards, or that once left a day out.
    const ZONES: [&str; 6] = [
        "Europe/Berlin",
        "America/Havana",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
        "Asia/Kathmandu",
    ];

    proptest! {
        #[test]
        fn months_and_days_leave_no_instant_out_and_count_none_twice(
            zone in 0..ZONES.len(),
            at in -1_000_000_000_000_i64..4_000_000_000_000,
        ) {
            let clock = Clock::in_zone(TimeZone::get(ZONES[zone]).unwrap());
            let month = clock.month_of(at);
            prop_assert!(month.from_ms <= at && at < month.until_ms);
            prop_assert_eq!(clock.month_of(month.from_ms), month.clone());
            prop_assert_eq!(clock.month_of(month.until_ms - 1), month.clone());
            let next = clock.month_of(month.until_ms);
            prop_assert_eq!(next.from_ms, month.until_ms);
            prop_assert!(next.name > month.name);
            let day = clock.day_of(at).unwrap();
            prop_assert_eq!(day.strftime("%Y-%m").to_string(), month.name);
        }
    }

    #[test]
    fn today_is_of_the_place_and_follows_the_clock() {
        let berlin = Clock::in_zone(TimeZone::get("Europe/Berlin").unwrap());
        // The last minute before summer time ends, and an hour later, which the clocks call the same.
        let before = "2026-10-25T00:59:00Z".parse::<Timestamp>().unwrap();
        berlin.advance(before.duration_since(berlin.now()));
        let today = berlin.today();
        let month = berlin.month();
        berlin.advance(SignedDuration::from_hours(1));
        assert_eq!((berlin.today(), berlin.month()), (today, month));
        assert_eq!(
            today.map(|day| day.to_string()).as_deref(),
            Some("2026-10-25")
        );
        // A day of 25 hours.
        berlin.advance(SignedDuration::from_hours(21));
        assert_eq!(berlin.today(), today);
        berlin.advance(SignedDuration::from_hours(1));
        assert_ne!(berlin.today(), today);
        berlin.advance(SignedDuration::from_hours(-2));
        assert_eq!(berlin.today(), today);
    }
}
