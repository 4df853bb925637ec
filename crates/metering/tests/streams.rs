//! The cost of every recorded stream, to the last digit, from the embedded list.
#![allow(clippy::unwrap_used)]

use brasskey_metering::{Cost, Money, PriceBook, Tokens, UnknownCost, Usage, UsageStatus};
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Stream {
    stream: String,
    family: String,
    model: String,
    usage: Option<Tokens>,
    usage_status: UsageStatus,
    provider_cost_usd: Option<Money>,
    computed_cost_usd: Option<Money>,
}

/// The recordings' moment: a Monday, in DeepSeek's peak hours.
fn recorded_at() -> i64 {
    "2026-11-23T09:00:00Z"
        .parse::<Timestamp>()
        .unwrap()
        .as_millisecond()
}

fn streams() -> Vec<Stream> {
    serde_json::from_str(include_str!("data/streams.json")).unwrap()
}

fn usage(stream: &Stream) -> Usage {
    Usage {
        tokens: stream.usage.unwrap_or_default(),
        status: stream.usage_status,
        provider_cost: stream.provider_cost_usd,
        ..Usage::default()
    }
}

#[test]
fn every_stream_costs_what_it_should_to_the_last_digit() {
    let book = PriceBook::embedded();
    let mut known = 0;
    for stream in streams() {
        let computed = book.computed_cost(
            &stream.family,
            &stream.model,
            recorded_at(),
            &usage(&stream),
        );
        match (computed, stream.computed_cost_usd) {
            (Cost::Known { amount, source }, Some(expected)) => {
                assert_eq!(amount, expected, "{}", stream.stream);
                assert_eq!(source.list, "LiteLLM 1.109.1", "{}", stream.stream);
                assert_eq!(source.as_of, "2026-11-23");
                assert!(!source.to_be_confirmed, "{}", stream.stream);
                known += 1;
            }
            (Cost::Unknown { reason, .. }, None) => {
                let expected = match stream.usage_status {
                    UsageStatus::Exact => UnknownCost::NoPrice,
                    UsageStatus::Partial => UnknownCost::PartialUsage,
                    UsageStatus::Missing => UnknownCost::NoUsage,
                };
                assert_eq!(reason, expected, "{}", stream.stream);
            }
            (computed, expected) => {
                panic!("{}: {computed:?}, expected {expected:?}", stream.stream)
            }
        }
    }
    assert_eq!(known, 10);
}

#[test]
fn an_amount_that_the_provider_reports_wins() {
    let book = PriceBook::embedded();
    let mut reported = 0;
    for stream in streams() {
        let Some(expected) = stream.provider_cost_usd else {
            continue;
        };
        match book.cost(
            &stream.family,
            &stream.model,
            recorded_at(),
            &usage(&stream),
        ) {
            Cost::Known { amount, source } => {
                assert_eq!(amount, expected, "{}", stream.stream);
                assert_eq!(
                    (source.list.as_str(), source.as_of.as_str()),
                    ("provider", "2026-11-23")
                );
            }
            other => panic!("{}: {other:?}", stream.stream),
        }
        reported += 1;
    }
    assert_eq!(reported, 2);
}

#[test]
fn a_broken_stream_cost_at_least_what_it_reported() {
    let book = PriceBook::embedded();
    for (stream, at_least) in [
        ("anthropic_midstream_error.txt", "0.00126"),
        ("gemini_midstream_error.txt", "0.00046005"),
    ] {
        let stream = streams()
            .into_iter()
            .find(|one| one.stream == stream)
            .unwrap();
        let cost = book.cost(
            &stream.family,
            &stream.model,
            recorded_at(),
            &usage(&stream),
        );
        let at_least = Some(Money::parse(at_least).unwrap());
        assert_eq!(
            cost,
            Cost::Unknown {
                reason: UnknownCost::PartialUsage,
                at_least
            }
        );
    }
}
