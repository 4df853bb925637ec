//! The embedded list: equal to the checked sample, complete where it says so, and applied as the providers bill.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use brasskey_metering::{
    Cost, Money, PriceBook, PriceRow, Terms, Tokens, UnknownCost, Usage, UsageStatus,
};
use jiff::Timestamp;
use serde::Deserialize;

fn at(moment: &str) -> i64 {
    moment.parse::<Timestamp>().unwrap().as_millisecond()
}

fn today() -> i64 {
    at("2026-11-23T09:00:00Z")
}

fn row(family: &str, model: &str) -> &'static PriceRow {
    PriceBook::embedded().find(family, model, today()).unwrap()
}

fn dollars(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn tier(service_tier: &str) -> Terms<'_> {
    Terms {
        service_tier: Some(service_tier),
        ..Terms::default()
    }
}

fn input(count: u64) -> Tokens {
    Tokens {
        input_uncached: count,
        ..Tokens::default()
    }
}

#[derive(Deserialize)]
struct Sample {
    models: Vec<SampleModel>,
}

#[derive(Deserialize)]
struct SampleModel {
    provider: String,
    model: String,
    context_window: u64,
    max_output: u64,
    usd_per_mtok: BTreeMap<String, Money>,
    #[serde(default)]
    when_total_input_tokens_exceed: BTreeMap<String, BTreeMap<String, Money>>,
    #[serde(default)]
    threshold_inclusive: bool,
    #[serde(default)]
    batch: BTreeMap<String, Money>,
    #[serde(default)]
    flex: BTreeMap<String, Money>,
    #[serde(default)]
    priority: BTreeMap<String, Money>,
}

/// `count` tokens of a kind under its name in the sample; writes of the default retention are five minutes at Anthropic.
fn tokens(kind: &str, count: u64) -> Tokens {
    let mut tokens = Tokens::default();
    *match kind {
        "input" => &mut tokens.input_uncached,
        "output" => &mut tokens.output,
        "cache_read" => &mut tokens.cache_read,
        "cache_write" => &mut tokens.cache_write_30m,
        "cache_write_1h" => &mut tokens.cache_write_1h,
        "cache_write_12h" => &mut tokens.cache_write_12h,
        other => panic!("unknown kind {other}"),
    } = count;
    tokens
}

#[test]
fn the_33_sampled_models_have_the_sampled_prices() {
    let sample: Sample = serde_json::from_str(include_str!("data/prices_sample.json")).unwrap();
    assert_eq!(sample.models.len(), 33);
    let mut disputed = Vec::new();
    for model in &sample.models {
        let family = match model.provider.as_str() {
            "google" => "gemini",
            "x-ai" => "xai",
            same => same,
        };
        let row = row(family, &model.model);
        let name = &row.id;
        assert_eq!(row.context_window, Some(model.context_window), "{name}");
        assert_eq!(row.max_output, Some(model.max_output), "{name}");
        if row.source().to_be_confirmed {
            // The lists disagree about it: the sample holds one of them, the row the higher figures.
            assert!(
                row.input_per_million() > *model.usd_per_mtok.get("input").unwrap(),
                "{name}"
            );
            disputed.push(model.model.as_str());
            continue;
        }
        for (service_tier, rates) in [
            ("default", &model.usd_per_mtok),
            ("batch", &model.batch),
            ("flex", &model.flex),
            ("priority", &model.priority),
        ] {
            // DeepSeek has no cache writes and reports none; the sample's zero is no price, and a zero is never taken for one.
            for (kind, per_million) in rates.iter().filter(|(_, rate)| **rate != Money::ZERO) {
                let price = row
                    .price(&tokens(kind, 1_000), &tier(service_tier), today())
                    .unwrap();
                assert_eq!(
                    price.checked_mul(1_000),
                    Some(*per_million),
                    "{name} {service_tier} {kind}"
                );
            }
        }
        for (threshold, rates) in &model.when_total_input_tokens_exceed {
            let thousands: u64 = threshold.strip_suffix('k').unwrap().parse().unwrap();
            let first_over = thousands * 1_000 + u64::from(!model.threshold_inclusive);
            for (kind, per_million) in rates {
                // Output is dearer because of the input it comes with.
                let (with, without) = if kind == "output" {
                    (
                        Tokens {
                            output: 1_000_000,
                            ..input(first_over)
                        },
                        input(first_over),
                    )
                } else {
                    (tokens(kind, first_over), Tokens::default())
                };
                let price =
                    |tokens: &Tokens| row.price(tokens, &Terms::default(), today()).unwrap();
                let difference = price(&with).checked_sub(price(&without)).unwrap();
                let count = if kind == "output" {
                    1_000_000
                } else {
                    i64::try_from(first_over).unwrap()
                };
                assert_eq!(
                    difference.pico(),
                    per_million.pico() / 1_000_000 * count,
                    "{name} {kind} over {threshold}"
                );
            }
        }
    }
    assert_eq!(disputed, ["mistral-large-latest"]);
}

#[test]
fn all_tokens_cost_the_long_context_rate_exactly_from_the_boundary() {
    // (family, model, largest input at the lower rate, lower and higher rate per token, output before and after)
    for (family, model, largest, rate, higher, output, higher_output) in [
        (
            "openai",
            "gpt-6.1-sol",
            272_000,
            2_000_000,
            4_000_000,
            10_000_000,
            15_000_000,
        ),
        (
            "anthropic",
            "claude-haiku-5-5",
            100_000,
            100_000,
            500_000,
            500_000,
            2_500_000,
        ),
        (
            "xai", "grok-4.7", 199_999, 2_000_000, 4_000_000, 6_000_000, 12_000_000,
        ),
    ] {
        let row = row(family, model);
        let price = |tokens: Tokens| {
            row.price(&tokens, &Terms::default(), today())
                .unwrap()
                .pico()
        };
        let with_output = |count| Tokens {
            output: 1,
            ..input(count)
        };
        let count = i64::try_from(largest).unwrap();
        assert_eq!(
            price(with_output(largest)),
            count * rate + output,
            "{model}"
        );
        assert_eq!(
            price(with_output(largest + 1)),
            (count + 1) * higher + higher_output,
            "{model}"
        );
    }
}

#[test]
fn cached_input_counts_towards_the_threshold() {
    let row = row("openai", "gpt-6.1-sol");
    let price = |cache_read: u64, input_uncached: u64| {
        let tokens = Tokens {
            cache_read,
            input_uncached,
            ..Tokens::default()
        };
        row.price(&tokens, &Terms::default(), today())
            .unwrap()
            .pico()
    };
    assert_eq!(price(271_999, 1), 271_999 * 100_000 + 2_000_000);
    assert_eq!(price(272_000, 1), 272_000 * 200_000 + 4_000_000);
}

#[test]
fn an_announced_price_applies_from_its_first_moment() {
    let book = PriceBook::embedded();
    for (moment, input, output, list) in [
        (
            "2026-12-31T23:59:59.999Z",
            "0.75",
            "3.75",
            "LiteLLM 1.109.1",
        ),
        ("2027-01-01T00:00:00Z", "1.5", "7.5", "genai-prices 0.2.3"),
    ] {
        let row = book.find("gemini", "gemini-3.6-flash", at(moment)).unwrap();
        assert_eq!(row.input_per_million(), dollars(input), "{moment}");
        assert_eq!(row.output_per_million(), dollars(output), "{moment}");
        assert_eq!(row.source().list, list, "{moment}");
    }
    let row = book
        .find("gemini", "gemini-3.6-flash", at("2027-01-01T00:00:00Z"))
        .unwrap();
    assert_eq!(row.id, "gemini/gemini-3.6-flash@2027-01-01");
    let flex = row.price(&input(1), &tier("flex"), at("2027-01-01T00:00:00Z"));
    assert_eq!(
        flex,
        Err(UnknownCost::NoPrice),
        "nobody has announced what flex will cost"
    );
}

#[test]
fn deepseek_is_cheaper_outside_of_its_peak_hours() {
    let row = row("deepseek", "deepseek-v4-pro");
    for (moment, per_million) in [
        ("2026-11-23T00:59:59.999Z", "0.66"),
        ("2026-11-23T01:00:00Z", "1.32"),
        ("2026-11-23T03:59:59Z", "1.32"),
        ("2026-11-23T04:00:00Z", "0.66"),
        ("2026-11-23T09:59:59Z", "1.32"),
        ("2026-11-23T10:00:00Z", "0.66"),
        ("2026-11-23T23:59:59Z", "0.66"),
        ("2026-11-27T09:00:00Z", "1.32"),
        ("2026-11-28T09:00:00Z", "0.66"),
        ("2026-11-29T09:00:00Z", "0.66"),
        ("1969-12-29T09:00:00Z", "1.32"),
    ] {
        let price = row.price(&input(1_000_000), &Terms::default(), at(moment));
        assert_eq!(price, Ok(dollars(per_million)), "{moment}");
    }
}

#[test]
fn regions_and_speeds_multiply_the_price_exactly() {
    let row = row("anthropic", "claude-opus-5-5");
    let price = |region, speed| {
        row.price(
            &input(1),
            &Terms {
                region,
                speed,
                ..Terms::default()
            },
            today(),
        )
    };
    assert_eq!(price(None, None).unwrap().pico(), 4_000_000);
    assert_eq!(
        price(Some("global"), Some("standard")).unwrap().pico(),
        4_000_000
    );
    assert_eq!(price(Some("us"), None).unwrap().pico(), 4_400_000);
    assert_eq!(price(None, Some("fast")).unwrap().pico(), 8_000_000);
    assert_eq!(price(Some("us"), Some("fast")).unwrap().pico(), 8_800_000);
    assert_eq!(price(Some("mars"), None), Err(UnknownCost::NoPrice));
    assert_eq!(price(None, Some("warp")), Err(UnknownCost::NoPrice));
}

#[test]
fn the_tier_of_the_response_decides_the_rate() {
    let row = row("openai", "gpt-6.1-sol");
    for (word, pico) in [
        ("default", 2_000_000),
        ("flex", 1_000_000),
        ("batch", 1_000_000),
        ("priority", 4_000_000),
        ("fast", 4_000_000),
        ("ultrafast", 12_000_000),
    ] {
        assert_eq!(
            row.price(&input(1), &tier(word), today()).unwrap().pico(),
            pico,
            "{word}"
        );
    }
    assert_eq!(
        row.price(&input(1), &tier("scale"), today()),
        Err(UnknownCost::NoPrice)
    );
}

#[test]
fn a_web_search_costs_its_price_and_is_unknown_where_some_are_free() {
    let searched = |family, model| {
        let usage = Usage {
            tokens: input(1_000_000),
            status: UsageStatus::Exact,
            web_searches: 3,
            ..Usage::default()
        };
        PriceBook::embedded().cost(family, model, today(), &usage)
    };
    let Cost::Known { amount, .. } = searched("anthropic", "claude-opus-5-5") else {
        panic!("not known")
    };
    assert_eq!(amount, dollars("4.03"));
    let at_least = Some(dollars("0.75"));
    assert_eq!(
        searched("gemini", "gemini-3.6-flash"),
        Cost::Unknown {
            reason: UnknownCost::NoPrice,
            at_least
        }
    );
}

#[test]
fn a_dated_snapshot_has_the_price_of_its_model_and_no_other_name_does() {
    let book = PriceBook::embedded();
    let found = |family, model| {
        book.find(family, model, today())
            .map(|row| row.model.as_str())
    };
    assert_eq!(
        found("openai", "gpt-6.1-sol-2026-09-30"),
        Some("gpt-6.1-sol")
    );
    assert_eq!(
        found("anthropic", "claude-opus-5-5-20260918"),
        Some("claude-opus-5-5")
    );
    assert_eq!(
        found("anthropic", "claude-opus-5-5@20260918"),
        Some("claude-opus-5-5")
    );
    assert_eq!(
        found("gemini", "models/gemini-3.6-flash"),
        Some("gemini-3.6-flash")
    );
    // A snapshot with a price of its own keeps it.
    assert_eq!(
        found("openai", "gpt-4o-2024-05-13"),
        Some("gpt-4o-2024-05-13")
    );
    for other in [
        "gpt-6.1-sol-mini",
        "gpt-6.1-so",
        "gpt-6.1-sol-2026-13-01",
        "gpt-6.1-sol-2026-09-3",
        "gpt-6.1-sol2026-09-30",
        "gpt-6.1-sol-",
        "GPT-6.1-SOL",
        "2026-09-30",
        "-2026-09-30",
        "",
    ] {
        assert_eq!(found("openai", other), None, "{other}");
    }
    assert_eq!(found("anthropic", "gpt-6.1-sol"), None);
    assert_eq!(found("no-such-family", "gpt-6.1-sol"), None);
    assert_eq!(found("openai", "models/gpt-6.1-sol"), None);
}

#[test]
fn a_disputed_price_is_to_be_confirmed_and_the_higher_one() {
    let row = row("mistral", "mistral-large-4");
    assert!(row.source().to_be_confirmed);
    assert_eq!(
        (row.input_per_million(), row.output_per_million()),
        (dollars("1.36"), dollars("4.18"))
    );
}

#[test]
fn no_price_in_the_list_is_zero() {
    let rows = PriceBook::embedded().rows();
    assert!(rows.len() > 2_500, "{}", rows.len());
    for row in rows {
        assert!(row.input_per_million() > Money::ZERO, "{}", row.id);
        assert!(row.output_per_million() > Money::ZERO, "{}", row.id);
    }
}

#[test]
fn every_supported_provider_has_prices() {
    for family in [
        "openai",
        "anthropic",
        "gemini",
        "openrouter",
        "mistral",
        "groq",
        "deepseek",
        "xai",
        "together",
        "fireworks",
        "cohere",
        "perplexity",
        "azure",
        "bedrock",
        "vertex",
    ] {
        let count = PriceBook::embedded()
            .rows()
            .iter()
            .filter(|row| row.family == family)
            .count();
        assert!(count >= 5, "{family}: {count}");
    }
}
