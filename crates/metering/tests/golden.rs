//! More than a thousand calls cost to the last digit what the published Python packages say (`golden/generate.py`), whatever the
//! provider, the tier, the region, the hour, the kind of token and the side of a price's cliff.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use brasskey_metering::{Cost, Money, PriceBook, Tokens, Usage, UsageStatus};
use serde::Deserialize;

#[derive(Deserialize)]
struct Call {
    family: String,
    model: String,
    at: i64,
    tokens: Tokens,
    tier: Option<String>,
    region: Option<String>,
    #[serde(default)]
    disputed: bool,
    /// Exact dollars, by the package that says so.
    cost: BTreeMap<String, Money>,
}

fn calls() -> Vec<Call> {
    serde_json::from_str(include_str!("golden/golden.json")).unwrap()
}

#[test]
fn calls_cost_what_the_published_lists_say() {
    let calls = calls();
    assert!(calls.len() >= 200);
    let mut wrong = Vec::new();
    for call in &calls {
        let usage = Usage {
            tokens: call.tokens,
            status: UsageStatus::Exact,
            service_tier: call.tier.clone(),
            region: call.region.clone(),
            ..Usage::default()
        };
        let expected = call.cost.values().max().unwrap();
        let cost = PriceBook::embedded().cost(&call.family, &call.model, call.at, &usage);
        let right = match &cost {
            // Where the lists disagree the higher figure of each kind of token counts, and that is marked.
            Cost::Known { amount, source } if call.disputed => {
                amount >= expected && source.to_be_confirmed
            }
            Cost::Known { amount, source } => amount == expected && !source.to_be_confirmed,
            Cost::Unknown { .. } | Cost::Free => false,
        };
        if !right {
            wrong.push(format!(
                "{}/{} {:?} {:?} {:?}: {cost:?}, not {:?}",
                call.family, call.model, call.tokens, call.tier, call.region, call.cost
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        calls.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_tier_factor_hour_and_cliff_is_among_them() {
    let calls = calls();
    let has = |what: &str, such: &dyn Fn(&Call) -> bool| assert!(calls.iter().any(such), "{what}");
    has("cached input", &|call| call.tokens.cache_read > 0);
    has("five minutes", &|call| call.tokens.cache_write_5m > 0);
    has("half an hour", &|call| call.tokens.cache_write_30m > 0);
    has("one hour", &|call| call.tokens.cache_write_1h > 0);
    has("twelve hours", &|call| call.tokens.cache_write_12h > 0);
    has("flex", &|call| call.tier.as_deref() == Some("flex"));
    has("priority", &|call| call.tier.as_deref() == Some("priority"));
    has("a region", &|call| call.region.is_some());
    has("disputed", &|call| call.disputed);
    for threshold in [128_000, 200_000, 272_000] {
        for tokens in threshold - 1..=threshold + 1 {
            has(&tokens.to_string(), &|call| call.tokens.input() == tokens);
        }
    }
    let families: std::collections::BTreeSet<_> = calls.iter().map(|call| &call.family).collect();
    assert_eq!(families.len(), 15, "{families:?}");
}
