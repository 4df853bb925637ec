//! The rules of the cost engine on small lists made for the purpose, and its laws on every embedded row.
#![allow(clippy::unwrap_used)]

use brasskey_metering::{
    Cost, Money, PriceBook, PriceRow, Terms, Tokens, UnknownCost, Usage, UsageStatus,
};
use proptest::prelude::*;

/// A book with one model `f/m` that has these periods.
fn book(periods: &str) -> PriceBook {
    let list = format!(
        r#"{{"lists":[{{"name":"Test 1","as_of":"2026-01-01"}}],
        "models":[{{"family":"f","model":"m","aliases":["other-name"],"periods":[{periods}]}}]}}"#
    );
    PriceBook::parse(&list).unwrap()
}

fn plain() -> PriceBook {
    book(r#"{"list":0,"tiers":{"standard":[{"rates":{"i":"1","o":"2"}}]}}"#)
}

fn exact(tokens: Tokens) -> Usage {
    Usage {
        tokens,
        status: UsageStatus::Exact,
        ..Usage::default()
    }
}

fn unknown(reason: UnknownCost, at_least: Option<i64>) -> Cost {
    Cost::Unknown {
        reason,
        at_least: at_least.map(Money::from_pico),
    }
}

fn pico(cost: &Cost) -> i64 {
    match cost {
        Cost::Known { amount, .. } => amount.pico(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn input_that_no_price_sets_apart_costs_what_input_costs() {
    let tokens = Tokens {
        input_uncached: 1,
        cache_read: 10,
        cache_write_5m: 100,
        cache_write_1h: 1_000,
        cache_write_30m: 10_000,
        cache_write_12h: 100_000,
        output: 1_000_000,
        reasoning: 500_000,
    };
    assert_eq!(
        pico(&plain().cost("f", "m", 0, &exact(tokens))),
        111_111 * 1_000_000 + 1_000_000 * 2_000_000
    );
}

#[test]
fn a_retention_without_a_price_is_unknown_where_writes_are_priced() {
    let book = book(r#"{"list":0,"tiers":{"standard":[{"rates":{"i":"1","o":"2","w":"1.25"}}]}}"#);
    let write = |tokens| book.cost("f", "m", 0, &exact(tokens));
    assert_eq!(
        pico(&write(Tokens {
            cache_write_5m: 1,
            ..Tokens::default()
        })),
        1_250_000
    );
    assert_eq!(
        pico(&write(Tokens {
            cache_write_30m: 1,
            ..Tokens::default()
        })),
        1_250_000
    );
    let long = Tokens {
        cache_write_1h: 1,
        output: 1,
        ..Tokens::default()
    };
    assert_eq!(write(long), unknown(UnknownCost::NoPrice, Some(2_000_000)));
    let longest = Tokens {
        cache_write_12h: 1,
        ..Tokens::default()
    };
    assert_eq!(write(longest), unknown(UnknownCost::NoPrice, None));
}

#[test]
fn a_tier_without_a_rate_or_a_threshold_of_its_own_is_unknown_there() {
    let book = book(
        r#"{"list":0,"tiers":{
            "standard":[{"rates":{"i":"1","o":"2","r":"0.1"}},{"over":100,"rates":{"i":"2","o":"4","r":"0.2"}}],
            "batch":[{"rates":{"i":"0.5","o":"1"}}]}}"#,
    );
    let batch = |tokens| {
        let usage = Usage {
            service_tier: Some("batch".to_owned()),
            ..exact(tokens)
        };
        book.cost("f", "m", 0, &usage)
    };
    assert_eq!(
        pico(&batch(Tokens {
            input_uncached: 100,
            ..Tokens::default()
        })),
        50_000_000
    );
    let cached = Tokens {
        input_uncached: 1,
        cache_read: 1,
        ..Tokens::default()
    };
    assert_eq!(batch(cached), unknown(UnknownCost::NoPrice, Some(500_000)));
    assert_eq!(
        batch(Tokens {
            input_uncached: 101,
            ..Tokens::default()
        }),
        unknown(UnknownCost::NoPrice, None)
    );
}

#[test]
fn missing_usage_is_unknown_and_partial_usage_is_a_lower_bound() {
    let tokens = Tokens {
        input_uncached: 3,
        ..Tokens::default()
    };
    let cost = |status| {
        plain().cost(
            "f",
            "m",
            0,
            &Usage {
                status,
                ..exact(tokens)
            },
        )
    };
    assert_eq!(
        cost(UsageStatus::Missing),
        unknown(UnknownCost::NoUsage, None)
    );
    assert_eq!(
        cost(UsageStatus::Partial),
        unknown(UnknownCost::PartialUsage, Some(3_000_000))
    );
    assert_eq!(pico(&cost(UsageStatus::Exact)), 3_000_000);
}

#[test]
fn an_unknown_model_is_unknown_and_never_free() {
    for model in ["n", "", "M", "m "] {
        let cost = plain().cost("f", model, 0, &exact(Tokens::default()));
        assert_eq!(cost, unknown(UnknownCost::NoPrice, None), "{model:?}");
    }
}

#[test]
fn an_alias_is_the_same_model() {
    let tokens = Tokens {
        output: 1,
        ..Tokens::default()
    };
    let cost = |model| plain().cost("f", model, 0, &exact(tokens));
    assert_eq!(cost("other-name"), cost("m"));
    assert_eq!(pico(&cost("other-name")), 2_000_000);
}

#[test]
fn a_reported_charge_wins_unless_the_call_was_still_running() {
    let charge = Money::parse("0.5").unwrap();
    let cost = |status, charge| {
        let tokens = Tokens {
            output: 1,
            ..Tokens::default()
        };
        let usage = Usage {
            status,
            provider_cost: Some(charge),
            ..exact(tokens)
        };
        plain().cost("f", "m", 86_400_000, &usage)
    };
    let Cost::Known { amount, source } = cost(UsageStatus::Exact, charge) else {
        panic!("not known")
    };
    assert_eq!(
        (amount, source.list.as_str(), source.as_of.as_str()),
        (charge, "provider", "1970-01-02")
    );
    assert_eq!(source.row, "f/m");
    assert_eq!(pico(&cost(UsageStatus::Missing, charge)), charge.pico());
    assert_eq!(
        cost(UsageStatus::Partial, charge),
        unknown(UnknownCost::PartialUsage, Some(charge.pico()))
    );
    // A negative charge is no charge.
    assert_eq!(
        pico(&cost(UsageStatus::Exact, Money::from_pico(-1))),
        2_000_000
    );
}

#[test]
fn contradictory_counts_leave_the_cost_to_be_confirmed() {
    let usage = Usage {
        clamped: true,
        ..exact(Tokens {
            output: 1,
            ..Tokens::default()
        })
    };
    let Cost::Known { source, .. } = plain().cost("f", "m", 0, &usage) else {
        panic!("not known")
    };
    assert!(source.to_be_confirmed);
}

#[test]
fn a_factor_is_rounded_once_to_the_nearest_pico_dollar() {
    let book = book(
        r#"{"list":0,"regions":{"eu":"1.1","*":"1.5"},"tiers":{"standard":[{"rates":{"i":"0.000005","o":"0.000001"}}]}}"#,
    );
    let cost = |output, region: &str| {
        let usage = Usage {
            region: Some(region.to_owned()),
            ..exact(Tokens {
                output,
                ..Tokens::default()
            })
        };
        pico(&book.cost("f", "m", 0, &usage))
    };
    assert_eq!(
        [cost(4, "eu"), cost(5, "eu"), cost(10, "eu"), cost(1, "us")],
        [4, 6, 11, 2]
    );
}

#[test]
fn an_amount_out_of_range_is_an_overflow_and_not_a_number() {
    let tokens = Tokens {
        input_uncached: u64::MAX,
        cache_read: u64::MAX,
        output: u64::MAX,
        ..Tokens::default()
    };
    assert_eq!(
        plain().cost("f", "m", 0, &exact(tokens)),
        unknown(UnknownCost::Overflow, None)
    );
    let largest = i64::MAX / 1_000_000;
    let tokens = Tokens {
        input_uncached: u64::try_from(largest).unwrap(),
        ..Tokens::default()
    };
    assert_eq!(
        pico(&plain().cost("f", "m", 0, &exact(tokens))),
        largest * 1_000_000
    );
    let tokens = Tokens {
        input_uncached: tokens.input_uncached + 1,
        ..tokens
    };
    assert_eq!(
        plain().cost("f", "m", 0, &exact(tokens)),
        unknown(UnknownCost::Overflow, None)
    );
}

#[test]
fn the_receipt_s_json_keeps_amount_and_source() {
    let cost = plain().cost(
        "f",
        "m",
        0,
        &exact(Tokens {
            output: 3,
            ..Tokens::default()
        }),
    );
    let json = serde_json::to_value(&cost).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"kind": "known", "amount": "0.000006",
            "source": {"list": "Test 1", "as_of": "2026-01-01", "row": "f/m", "to_be_confirmed": false}})
    );
    assert_eq!(serde_json::from_value::<Cost>(json).unwrap(), cost);
    let json = serde_json::to_value(unknown(UnknownCost::PartialUsage, Some(1))).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"kind": "unknown", "reason": "partial_usage", "at_least": "0.000000000001"})
    );
    assert_eq!(
        serde_json::to_value(Cost::Free).unwrap(),
        serde_json::json!({"kind": "free"})
    );
}

#[test]
fn a_list_that_contradicts_itself_is_refused() {
    let standard = r#""standard":[{"rates":{"i":"1","o":"2"}}]"#;
    for periods in [
        String::new(),
        r#"{"list":0,"tiers":{}}"#.to_owned(),
        r#"{"list":0,"tiers":{"standard":[]}}"#.to_owned(),
        r#"{"list":0,"tiers":{"standard":[{"rates":{"i":"1"}}]}}"#.to_owned(),
        r#"{"list":0,"tiers":{"standard":[{"rates":{"i":"-1","o":"2"}}]}}"#.to_owned(),
        r#"{"list":0,"tiers":{"standard":[{"rates":{"i":"0.0000001","o":"2"}}]}}"#.to_owned(),
        r#"{"list":0,"tiers":{"standard":[{"over":1,"rates":{"i":"1","o":"2"}}]}}"#.to_owned(),
        format!(r#"{{"list":1,"tiers":{{{standard}}}}}"#),
        format!(r#"{{"list":0,"from":"2026-01-01","tiers":{{{standard}}}}}"#),
        format!(r#"{{"list":0,"tiers":{{{standard}}}}},{{"list":0,"tiers":{{{standard}}}}}"#),
        format!(
            r#"{{"list":0,"tiers":{{{standard}}}}},{{"list":0,"from":"soon","tiers":{{{standard}}}}}"#
        ),
        format!(r#"{{"list":0,"regions":{{"eu":"0"}},"tiers":{{{standard}}}}}"#),
        format!(r#"{{"list":0,"surprise":1,"tiers":{{{standard}}}}}"#),
    ] {
        let list = format!(
            r#"{{"lists":[{{"name":"Test 1","as_of":"2026-01-01"}}],
            "models":[{{"family":"f","model":"m","periods":[{periods}]}}]}}"#
        );
        assert!(PriceBook::parse(&list).is_err(), "{periods}");
    }
    let twice = r#"{"family":"f","model":"m","periods":[{"list":0,"tiers":{"standard":[{"rates":{"i":"1","o":"2"}}]}}]}"#;
    let list =
        format!(r#"{{"lists":[{{"name":"L","as_of":"2026-01-01"}}],"models":[{twice},{twice}]}}"#);
    assert!(PriceBook::parse(&list).is_err());
    assert!(
        PriceBook::parse(r#"{"lists":[{"name":"L","as_of":"yesterday"}],"models":[]}"#).is_err()
    );
    assert!(
        PriceBook::parse(r#"{"lists":[{"name":"L","as_of":"2026-01-01"}],"models":[]}"#).is_ok()
    );
}

fn any_row() -> impl Strategy<Value = &'static PriceRow> {
    let rows = PriceBook::embedded().rows();
    (0..rows.len()).prop_map(move |index| &rows[index])
}

/// Counts as they occur, and the ends of the range.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0_u64..300_000, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(0)]
}

prop_compose! {
    fn any_tokens()(counts in prop::array::uniform8(count())) -> Tokens {
        let [input_uncached, cache_read, cache_write_5m, cache_write_1h, cache_write_30m, cache_write_12h, output, reasoning] = counts;
        Tokens { input_uncached, cache_read, cache_write_5m, cache_write_1h, cache_write_30m, cache_write_12h, output, reasoning }
    }
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(words))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_usage_makes_a_price_panic_or_negative(
        row in any_row(),
        tokens in any_tokens(),
        service_tier in word(&["", "default", "batch", "flex", "priority", "ultrafast", "\u{0}"]),
        region in word(&["us", "eu", "global", "x"]),
        speed in word(&["fast", "standard", "x"]),
        web_searches: u32,
        at_ms: i64,
    ) {
        let terms = Terms { service_tier, region, speed, web_searches };
        if let Ok(amount) = row.price(&tokens, &terms, at_ms) {
            prop_assert!(amount >= Money::ZERO);
        }
        let usage = Usage {
            tokens,
            status: UsageStatus::Exact,
            service_tier: service_tier.map(str::to_owned),
            region: region.map(str::to_owned),
            speed: speed.map(str::to_owned),
            web_searches,
            ..Usage::default()
        };
        let cost = PriceBook::embedded().cost(&row.family, &row.model, at_ms, &usage);
        prop_assert!(!matches!(cost, Cost::Free));
    }

    #[test]
    fn one_more_token_of_any_kind_never_costs_less(
        row in any_row(), tokens in any_tokens(), kind in 0_usize..7, more in 1_u64..1_000_000, at_ms in 0_i64..4_000_000_000_000,
    ) {
        let mut larger = tokens;
        let slot = match kind {
            0 => &mut larger.input_uncached,
            1 => &mut larger.cache_read,
            2 => &mut larger.cache_write_5m,
            3 => &mut larger.cache_write_1h,
            4 => &mut larger.cache_write_30m,
            5 => &mut larger.cache_write_12h,
            _ => &mut larger.output,
        };
        *slot = slot.saturating_add(more);
        let price = |tokens: &Tokens| row.price(tokens, &Terms::default(), at_ms);
        match (price(&tokens), price(&larger)) {
            (Ok(less), Ok(amount)) => prop_assert!(amount >= less, "{}", row.id),
            (Err(UnknownCost::Overflow), other) => prop_assert_eq!(other, Err(UnknownCost::Overflow)),
            (Err(_), other) => prop_assert!(other.is_err()),
            (Ok(_), Err(_)) => {}
        }
    }

    #[test]
    fn reasoning_is_never_priced_a_second_time(row in any_row(), tokens in any_tokens(), reasoning in count()) {
        let other = Tokens { reasoning, ..tokens };
        let price = |tokens: &Tokens| row.price(tokens, &Terms::default(), 0);
        prop_assert_eq!(price(&tokens), price(&other));
    }

    #[test]
    fn the_cost_of_a_call_does_not_depend_on_how_its_output_is_cut(output in 0_u64..1_000_000, cut in 0_u64..1_000_000) {
        let cut = cut.min(output);
        let price = |output| pico(&plain().cost("f", "m", 0, &exact(Tokens { output, ..Tokens::default() })));
        prop_assert_eq!(price(cut) + price(output - cut), price(output));
    }

    #[test]
    fn no_model_id_makes_the_look_up_panic(family in "\\PC{0,8}|openai|gemini", model in "\\PC{0,40}|[a-z0-9.@:/-]{0,40}", at_ms: i64) {
        let found = PriceBook::embedded().find(&family, &model, at_ms);
        if let Some(row) = found {
            prop_assert_eq!(&row.family, &family);
        }
    }
}
