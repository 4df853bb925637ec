//! Money is exact: what is written is what is read, and sums obey the laws of addition.
#![allow(clippy::unwrap_used)]

use brasskey_metering::{Money, MoneyError};
use proptest::prelude::*;

fn pico(text: &str) -> i64 {
    Money::parse(text).unwrap().pico()
}

#[test]
fn an_amount_is_written_without_trailing_zeros() {
    for (pico, text) in [
        (0, "0"),
        (12_000_000_000_000, "12"),
        (5_355_200_000, "0.0053552"),
        (1, "0.000000000001"),
        (-1_500_000_000_000, "-1.5"),
        (i64::MAX, "9223372.036854775807"),
        (i64::MIN, "-9223372.036854775808"),
    ] {
        assert_eq!(Money::from_pico(pico).to_string(), text);
        assert_eq!(Money::parse(text), Ok(Money::from_pico(pico)));
    }
}

#[test]
fn a_float_s_text_is_read_exactly() {
    assert_eq!(pico("2e-07"), 200_000);
    assert_eq!(pico("6.875E-8"), 68_750);
    assert_eq!(pico("1.5e1"), 15_000_000_000_000);
    assert_eq!(pico("0.10"), pico("0.1"));
    assert_eq!(pico("-0"), 0);
    assert_eq!(pico("0e999"), 0);
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in [
        "", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1,5", "1e", "e5", "1e5.0", "NaN", "inf",
        "0x1", "1.2.3", "--1", "1_000", "١",
    ] {
        assert_eq!(Money::parse(text), Err(MoneyError::NotDecimal), "{text:?}");
    }
    for text in [
        "9223372.036854775808",
        "-9223372.036854775809",
        "1e7",
        "1e30000",
        "99999999999999999999",
    ] {
        assert_eq!(Money::parse(text), Err(MoneyError::OutOfRange), "{text:?}");
    }
    for text in ["0.0000000000001", "1e-13", "1.5e-12"] {
        assert_eq!(Money::parse(text), Err(MoneyError::TooFine), "{text:?}");
    }
}

#[test]
fn what_is_finer_than_a_pico_dollar_is_rounded_only_when_asked_for() {
    for (text, pico) in [
        ("0.00014662500000000001", 146_625_000),
        ("0.00014662499999999999", 146_625_000),
        ("0.0000000000005", 1),
        ("-0.0000000000005", -1),
        ("0.00000000000049999", 0),
        ("0.0000000000009999", 1),
        ("1e-30000", 0),
    ] {
        assert_eq!(Money::parse_nearest(text).unwrap().pico(), pico, "{text}");
    }
}

#[test]
fn json_holds_a_decimal_text_and_never_a_number() {
    let amount = Money::parse("0.0053552").unwrap();
    assert_eq!(serde_json::to_string(&amount).unwrap(), "\"0.0053552\"");
    assert_eq!(
        serde_json::from_str::<Money>("\"0.0053552\"").unwrap(),
        amount
    );
    assert!(serde_json::from_str::<Money>("0.0053552").is_err());
}

proptest! {
    #[test]
    fn every_amount_survives_being_written_and_read(pico: i64) {
        let amount = Money::from_pico(pico);
        let text = amount.to_string();
        prop_assert_eq!(Money::parse(&text), Ok(amount));
        prop_assert!(!text.contains('.') || !text.ends_with('0'));
    }

    #[test]
    fn an_exponent_moves_the_point(digits in 0_u32..1_000_000, places in 0_usize..=12) {
        let scientific = format!("{digits}e-{places}");
        let factor = 10_i64.pow(12 - u32::try_from(places).unwrap());
        match i64::from(digits).checked_mul(factor) {
            Some(pico) => prop_assert_eq!(Money::parse(&scientific), Ok(Money::from_pico(pico))),
            None => prop_assert_eq!(Money::parse(&scientific), Err(MoneyError::OutOfRange)),
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,70}|\\PC{0,20}") {
        let exact = Money::parse(&text);
        let nearest = Money::parse_nearest(&text);
        if let Ok(exact) = exact {
            prop_assert_eq!(nearest, Ok(exact));
        }
    }

    #[test]
    fn addition_is_exact_and_commutes(a: i64, b: i64, c: i64) {
        let (a, b, c) = (Money::from_pico(a), Money::from_pico(b), Money::from_pico(c));
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
        prop_assert_eq!(a.checked_add(Money::ZERO), Some(a));
        prop_assert_eq!(a.checked_add(b).map(Money::pico), a.pico().checked_add(b.pico()));
        if let Some(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.checked_sub(b), Some(a));
            let (left, right) = (sum.checked_add(c), b.checked_add(c).and_then(|rest| a.checked_add(rest)));
            if let (Some(left), Some(right)) = (left, right) {
                prop_assert_eq!(left, right);
            }
        }
    }

    #[test]
    fn order_is_the_order_of_amounts(a: i64, b: i64) {
        prop_assert_eq!(Money::from_pico(a).cmp(&Money::from_pico(b)), a.cmp(&b));
    }

    #[test]
    fn taking_it_several_times_is_adding_it_up(pico in -1_000_000_i64..1_000_000, count in 0_u64..50) {
        let amount = Money::from_pico(pico);
        let sum = (0..count).try_fold(Money::ZERO, |sum, _| sum.checked_add(amount));
        prop_assert_eq!(amount.checked_mul(count), sum);
    }
}
