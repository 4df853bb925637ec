//! Exact money of invoices: whole cents, that is hundredths of the catalogue's currency. Each line is rounded once, half up.

/// Cents of a catalogue's price: digits, a point, two digits.
pub(crate) fn cents(text: &str) -> Option<i64> {
    scaled(text, 2)
}

/// Cents as decimal text.
pub(crate) fn text(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// The part of a price that falls on a part of its time, half up. No part is more than the whole.
pub(crate) fn share(price: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (price, whole) = (i128::from(price), i128::from(whole));
    let part = i128::from(part).clamp(0, whole);
    i64::try_from((price * part * 2 + whole) / (whole * 2)).unwrap_or(i64::MAX)
}

/// Cents for so many units at a price of up to nine decimals, half up.
pub(crate) fn of_units(units: i64, price: &str) -> Option<i64> {
    let billionths = i128::from(scaled(price, 9)?) * i128::from(units);
    i64::try_from((billionths * 2 + 10_000_000) / 20_000_000).ok()
}

/// A decimal without a sign as an integer in its last place.
fn scaled(text: &str, places: usize) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > places || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_read_and_written_to_the_cent() {
        assert_eq!(cents("12.00"), Some(1200));
        assert_eq!(cents("0.05"), Some(5));
        for wrong in [
            "",
            ".5",
            "-1.00",
            "1.000",
            "1,00",
            "1e3",
            "99999999999999999999.00",
        ] {
            assert_eq!(cents(wrong), None, "{wrong}");
        }
        assert_eq!((text(1205), text(-7)), ("12.05".into(), "-0.07".into()));
        assert_eq!(text(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn use_is_priced_with_small_prices_and_rounded_once() {
        assert_eq!(of_units(1234, "0.01"), Some(1234));
        // 3 × 0.0015 = 0.0045, and 0.005 is a cent.
        assert_eq!(of_units(3, "0.0015"), Some(0));
        assert_eq!(of_units(10, "0.0005"), Some(1));
        assert_eq!(of_units(1, "0.0000000001"), None);
    }

    proptest! {
        #[test]
        fn a_share_lies_within_half_a_cent_of_the_exact_one(
            price in 0_i64..100_000_000, whole in 1_i64..40_000_000, part in 0_i64..40_000_000,
        ) {
            let part = part.min(whole);
            let exact = i128::from(price) * i128::from(part);
            let rounded = i128::from(share(price, part, whole)) * i128::from(whole);
            prop_assert!((rounded - exact) * 2 <= i128::from(whole));
            prop_assert!((exact - rounded) * 2 < i128::from(whole) + 1);
            prop_assert!(share(price, part, whole) <= price);
            prop_assert_eq!(share(price, whole, whole), price);
            prop_assert_eq!(share(price, 0, whole), 0);
        }

        #[test]
        fn what_is_written_reads_the_same(amount in 0_i64..i64::MAX) {
            prop_assert_eq!(cents(&text(amount)), Some(amount));
        }
    }
}
