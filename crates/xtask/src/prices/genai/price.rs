//! One price of genai-prices: rates in dollars per million tokens, some of them higher over a threshold.

use std::collections::{BTreeMap, BTreeSet};

use brasskey_metering::{ListedRates, Money, Step};

use crate::prices::python::Value;

/// Figures that make a price depend on something our token kinds do not tell; such a price is left out.
const BEYOND_TOKENS: [&str; 3] = [
    "requests_kcount",
    "output_reasoning_mtok",
    "output_citation_mtok",
];

/// One pico-dollar a token, as a price per million tokens.
const PICO_PER_MILLION: i64 = 1_000_000;

/// Rates up to and over thresholds, and the price of a web search.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Price {
    /// The first step has no threshold, the others ascend.
    pub(crate) steps: Vec<Step>,
    /// Dollars for one web search.
    pub(crate) web_search: Option<Money>,
}

/// A price, or none when tokens alone do not tell it. A zero is the list's way to leave a figure out, so it is no price.
pub(crate) fn price(value: Option<&Value>, family: &str) -> Result<Option<Price>, String> {
    let price = value
        .and_then(|value| value.call("ModelPrice"))
        .ok_or("a price is no ModelPrice(…)")?;
    if BEYOND_TOKENS
        .iter()
        .any(|figure| price.get(figure).is_some())
    {
        return Ok(None);
    }
    let kinds = [
        "input_mtok",
        "output_mtok",
        "cache_read_mtok",
        "cache_write_mtok",
        "cache_write_1h_mtok",
    ];
    let tiered: Vec<Tiered> = kinds
        .iter()
        .map(|kind| tiered(price.get(kind)))
        .collect::<Result<_, _>>()?;
    let thresholds: BTreeSet<u64> = tiered
        .iter()
        .flat_map(|kind| kind.over.keys().copied())
        .collect();
    let rate = |kind: usize, threshold: Option<u64>| {
        let rate = tiered.get(kind).and_then(|kind| kind.rate(threshold));
        rate.filter(|rate| *rate > Money::ZERO)
    };
    let step = |over: Option<u64>| Step {
        over,
        rates: ListedRates {
            input: rate(0, over),
            output: rate(1, over),
            cache_read: rate(2, over),
            cache_write: rate(3, over),
            cache_write_1h: rate(4, over),
            cache_write_12h: None,
        },
    };
    let mut steps = vec![step(None)];
    steps.extend(
        thresholds
            .into_iter()
            .map(|threshold| step(Some(threshold))),
    );
    if steps
        .iter()
        .all(|step| step.rates == ListedRates::default())
    {
        steps.clear();
    }
    let thousand = price.get("web_searches_kcount").map(decimal).transpose()?;
    // Google gives an allowance of searches away, so what one of them costs is not known from a price list.
    let thousand = thousand.filter(|_| family != "gemini");
    let web_search = thousand.filter(|price| price.pico() > 0 && price.pico() % 1_000 == 0);
    Ok(Some(Price {
        steps,
        web_search: web_search.map(|price| Money::from_pico(price.pico() / 1_000)),
    }))
}

/// One kind's rate up to and over thresholds.
#[derive(Default)]
struct Tiered {
    base: Option<Money>,
    over: BTreeMap<u64, Money>,
}

impl Tiered {
    fn rate(&self, threshold: Option<u64>) -> Option<Money> {
        let over = threshold.and_then(|threshold| self.over.range(..=threshold).next_back());
        over.map(|(_, rate)| *rate).or(self.base)
    }
}

fn tiered(value: Option<&Value>) -> Result<Tiered, String> {
    let Some(value) = value else {
        return Ok(Tiered::default());
    };
    let Some(tiers) = value.call("TieredPrices") else {
        return Ok(Tiered {
            base: Some(decimal(value)?),
            over: BTreeMap::new(),
        });
    };
    let base = tiers.get("base").ok_or("tiered prices have no base")?;
    let mut over = BTreeMap::new();
    for tier in tiers.get("tiers").and_then(Value::list).unwrap_or_default() {
        let tier = tier.call("Tier").ok_or("a price tier is no Tier(…)")?;
        let start = tier
            .get("start")
            .and_then(Value::whole)
            .ok_or("a price tier has no start")?;
        over.insert(
            start,
            decimal(tier.get("price").ok_or("a price tier has no price")?)?,
        );
    }
    Ok(Tiered {
        base: Some(decimal(base)?),
        over,
    })
}

/// A figure in dollars, rounded up to whole pico-dollars a token: a few are a third, cut off after many digits.
fn decimal(value: &Value) -> Result<Money, String> {
    let text = match value.call("Decimal").map(|call| call.positional.as_slice()) {
        Some([Value::Text(text)]) => text,
        _ => return Err("a figure is no Decimal('…')".to_owned()),
    };
    let figure = Money::parse_nearest(text).map_err(|error| format!("{text}: {error}"))?;
    let excess = figure.pico().rem_euclid(PICO_PER_MILLION);
    let missing = if excess == 0 {
        0
    } else {
        PICO_PER_MILLION - excess
    };
    figure
        .checked_add(Money::from_pico(missing))
        .ok_or_else(|| format!("{text} is out of range"))
}
