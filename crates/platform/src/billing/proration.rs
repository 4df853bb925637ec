//! What a change of plan within a period costs: by the second, in whole cents. A function of its inputs, used by previews and by
//! the embedded billing alike, so that what was shown is what is charged.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::money;
use crate::catalogue::Interval;

/// A period that is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paid {
    /// Cents for the whole period.
    pub(crate) price: i64,
    pub(crate) interval: Interval,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

/// What a change costs, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// For what was paid and is not used.
    pub credit: i64,
    /// For the new plan.
    pub charge: i64,
    /// From when the new plan is paid: a whole number of seconds after the period's start.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// The period with a number, counted from an anchor by the calendar (UTC): the 31st becomes the last day of a shorter month and
/// comes back in the next longer one.
pub(crate) fn period(
    anchor: Timestamp,
    interval: Interval,
    number: i64,
) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let anchor: DateTime = TimeZone::UTC.to_datetime(anchor);
    let at = |number: i64| {
        let span = match interval {
            Interval::Month => Span::new().try_months(number)?,
            Interval::Year => Span::new().try_years(number)?,
        };
        TimeZone::UTC.to_timestamp(anchor.checked_add(span)?)
    };
    Ok((at(number)?, at(number + 1)?))
}

/// What it costs to replace a plan as of a time within its period. A plan of the same interval takes over the period; one of
/// another begins a period of its own, at its full price.
pub(crate) fn quote(
    paid: &Paid,
    interval: Interval,
    price: i64,
    as_of: Timestamp,
) -> Result<Quote, jiff::Error> {
    let as_of = as_of.clamp(paid.start, paid.end);
    let whole = paid.end.duration_since(paid.start).as_secs();
    let used = as_of.duration_since(paid.start).as_secs();
    let from = paid
        .start
        .checked_add(jiff::SignedDuration::from_secs(used))?;
    let credit = money::share(paid.price, whole - used, whole);
    let (charge, until) = if interval == paid.interval {
        (money::share(price, whole - used, whole), paid.end)
    } else {
        (price, period(from, interval, 0)?.1)
    };
    Ok(Quote {
        credit,
        charge,
        from,
        until,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn periods_follow_the_calendar_and_come_back_to_their_day() {
        let months = |number| period(at("2027-01-31T10:00:00Z"), Interval::Month, number).unwrap();
        assert_eq!(months(0).1, at("2027-02-28T10:00:00Z"));
        assert_eq!(months(1).0, at("2027-02-28T10:00:00Z"));
        assert_eq!(months(1).1, at("2027-03-31T10:00:00Z"));
        assert_eq!(months(12).1, at("2028-02-29T10:00:00Z"), "a leap year");
        let years = |number| period(at("2028-02-29T00:00:00Z"), Interval::Year, number).unwrap();
        assert_eq!(years(0).1, at("2029-02-28T00:00:00Z"));
        assert_eq!(years(3).1, at("2032-02-29T00:00:00Z"));
    }

    #[test]
    fn an_upgrade_after_a_third_of_the_month_credits_and_charges_two_thirds() {
        // November has 30 days; ten have passed.
        let paid = Paid {
            price: 1200,
            interval: Interval::Month,
            start: at("2026-11-01T00:00:00Z"),
            end: at("2026-12-01T00:00:00Z"),
        };
        let changed = quote(&paid, Interval::Month, 2400, at("2026-11-11T00:00:00.9Z")).unwrap();
        assert_eq!((changed.credit, changed.charge), (800, 1600));
        assert_eq!(
            changed.from,
            at("2026-11-11T00:00:00Z"),
            "a second that began is paid"
        );
        assert_eq!(changed.until, paid.end);
        let annual = quote(&paid, Interval::Year, 12_000, at("2026-11-11T00:00:00Z")).unwrap();
        assert_eq!((annual.credit, annual.charge), (800, 12_000));
        assert_eq!(annual.until, at("2027-11-11T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn changes_one_after_another_never_credit_more_than_was_paid_and_add_up(
            first in 0_i64..1_000_000,
            changes in prop::collection::vec((0_i64..1_000_000, 0_i64..2_592_000), 0..12),
        ) {
            let (start, end) = (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
            let mut times: Vec<i64> = changes.iter().map(|(_, second)| *second).collect();
            times.sort_unstable();
            let mut paid = Paid { price: first, interval: Interval::Month, start, end };
            // What was paid for the time that is still to come; and all that was paid, in exact parts.
            let mut ahead = first;
            let mut total = first;
            let mut exact = 0_i128;
            let mut since = 0;
            for ((price, _), second) in changes.iter().zip(&times) {
                let as_of = start + jiff::SignedDuration::from_secs(*second);
                let changed = quote(&paid, Interval::Month, *price, as_of).unwrap();
                prop_assert!(changed.credit >= 0 && changed.charge >= 0);
                prop_assert!(changed.credit <= ahead, "credited more than was paid");
                prop_assert!(changed.charge <= *price);
                prop_assert_eq!((changed.from, changed.until), (as_of, end));
                exact += i128::from(paid.price) * i128::from(second - since);
                since = *second;
                ahead = changed.charge;
                total += changed.charge - changed.credit;
                paid.price = *price;
            }
            let whole = 2_592_000_i128;
            exact += i128::from(paid.price) * (whole - i128::from(since));
            // Each line is rounded once: within half a cent a line.
            let lines = 2 * changes.len() as i128 + 1;
            prop_assert!((i128::from(total) * whole - exact).abs() * 2 <= lines * whole);
            prop_assert!(total >= 0);
        }
    }
}
