//! The price list as it is stored in `data/prices.json`: what `cargo xtask prices` writes and [`PriceBook`] reads.
//!
//! Amounts are decimal texts in dollars per million tokens. This is the published figures and nothing else: how an
//! absent figure is understood is decided where the list becomes rows.
//!
//! [`PriceBook`]: crate::PriceBook

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Money;

/// A whole price list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// The published lists that the figures come from.
    pub lists: Vec<ListName>,
    /// Models, ordered by family and model.
    pub models: Vec<ListedModel>,
}

/// A published list that figures come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListName {
    /// Name and version, as receipts show it: `LiteLLM 1.109.1`.
    pub name: String,
    /// The ISO date on which this version was the published one.
    pub as_of: String,
}

/// One model of one provider with its prices over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedModel {
    /// Who bills: `openai`, `anthropic`, `gemini`, ...
    pub family: String,
    /// The model id as the provider serves it.
    pub model: String,
    /// Further ids of exactly the same model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The largest input in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// The largest output in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Prices over time, oldest first. The first one has no start.
    pub periods: Vec<Period>,
}

/// The prices of one model from one day (UTC) on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first ISO day (UTC) it applies; none: always so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Which of [`PriceList::lists`] the figures come from.
    pub list: usize,
    /// The lists disagree; the figures are the higher ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
    /// Dollars for one web search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_search: Option<Money>,
    /// Factor by region; `*` is any region but `global`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub regions: BTreeMap<String, Money>,
    /// Factor by speed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub speeds: BTreeMap<String, Money>,
    /// Rates by service tier; `standard` is always there. Steps ascend by threshold, the first one has none.
    pub tiers: BTreeMap<String, Vec<Step>>,
    /// Cheaper hours of the standard tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_peak: Option<OffPeak>,
}

/// Rates that apply to ALL tokens of a request whose input exceeds a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Input tokens of every kind that must be exceeded. An inclusive threshold is stored one lower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<u64>,
    /// The rates.
    pub rates: ListedRates,
}

/// Published rates in dollars per million tokens; an absent one is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedRates {
    /// Input that no cache is involved in.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Money>,
    /// Output, reasoning included.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Money>,
    /// Cached input.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Money>,
    /// Writing to the cache with the provider's default retention (5 minutes at Anthropic, 30 minutes at OpenAI).
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Money>,
    /// Writing to the cache for one hour.
    #[serde(rename = "w1h", default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<Money>,
    /// Writing to the cache for twelve hours.
    #[serde(rename = "w12h", default, skip_serializing_if = "Option::is_none")]
    pub cache_write_12h: Option<Money>,
}

/// Rates of the standard tier inside certain hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffPeak {
    /// When they apply.
    pub windows: Vec<Window>,
    /// The rates.
    pub rates: ListedRates,
}

/// A span of minutes on certain weekdays, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// ISO weekdays: Monday is 1, Sunday is 7.
    pub days: Vec<u8>,
    /// First minute of the day, 0 to 1439.
    pub from: u16,
    /// Minute of the day at which it ends, 1 to 1440; after `from`.
    pub until: u16,
}

/// Why a price list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    /// Not JSON of the expected shape.
    #[error("the price list is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A list does not tell its day.
    #[error("the date of the price list {list} is no ISO date")]
    Undated {
        /// Its name and version.
        list: String,
    },
    /// A model's entry contradicts the format.
    #[error("the price list's entry {family}/{model} is wrong: {what}")]
    Entry {
        /// Who bills.
        family: String,
        /// The model id.
        model: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl ListedRates {
    /// The rates in a fixed order: input, output, cache read, cache write, one hour, twelve hours.
    #[must_use]
    pub const fn to_array(&self) -> [Option<Money>; 6] {
        [
            self.input,
            self.output,
            self.cache_read,
            self.cache_write,
            self.cache_write_1h,
            self.cache_write_12h,
        ]
    }

    /// The inverse of [`ListedRates::to_array`].
    #[must_use]
    pub const fn from_array(rates: [Option<Money>; 6]) -> ListedRates {
        let [
            input,
            output,
            cache_read,
            cache_write,
            cache_write_1h,
            cache_write_12h,
        ] = rates;
        ListedRates {
            input,
            output,
            cache_read,
            cache_write,
            cache_write_1h,
            cache_write_12h,
        }
    }
}
