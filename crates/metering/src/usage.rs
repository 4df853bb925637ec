//! What one call used: tokens by the kinds that are priced differently, and how much of that is certain.
//!
//! The kinds are disjoint: a token is counted in exactly one input kind. A protocol client brings its provider's own
//! totals into this shape; nothing here guesses a count that the provider did not report.

use serde::{Deserialize, Serialize};

use crate::Money;

/// Token counts of one call, by the kind they are billed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tokens {
    /// Input read afresh, neither read from nor written to a cache.
    pub input_uncached: u64,
    /// Input read from the provider's prompt cache.
    pub cache_read: u64,
    /// Input written to a cache that is kept for five minutes (Anthropic's default).
    pub cache_write_5m: u64,
    /// Input written to a cache that is kept for one hour (Anthropic).
    pub cache_write_1h: u64,
    /// Input written to a cache that is kept for 30 minutes (OpenAI's default).
    pub cache_write_30m: u64,
    /// Input written to a cache that is kept for twelve hours (OpenAI).
    pub cache_write_12h: u64,
    /// Everything billed as output, reasoning included.
    pub output: u64,
    /// The part of `output` that was reasoning. For display: it is never priced a second time.
    pub reasoning: u64,
}

impl Tokens {
    /// All input tokens, cached ones too: what a context window and a long-context threshold count.
    #[must_use]
    pub const fn input(&self) -> u64 {
        self.input_uncached
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.cache_write_30m)
            .saturating_add(self.cache_write_12h)
    }
}

/// How much of a [`Usage`] the provider vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageStatus {
    /// The final counts arrived.
    Exact,
    /// Only a start or a running count arrived: at least this much was used.
    Partial,
    /// No count arrived.
    #[default]
    Missing,
}

/// What one call used and which terms it was served under, as the provider reported it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens by kind.
    pub tokens: Tokens,
    /// How certain the counts are.
    pub status: UsageStatus,
    /// The amount that the provider says it charged (OpenRouter `usage.cost`, xAI `cost_in_usd_ticks`).
    pub provider_cost: Option<Money>,
    /// The service tier of the response, in the provider's word: `default`, `flex`, `priority`, `batch`, `ultrafast`, ...
    pub service_tier: Option<String>,
    /// Where it was processed, in the provider's word: `us`, `eu`, ... (Anthropic `inference_geo`, OpenAI's regional hosts).
    pub region: Option<String>,
    /// The speed it was served at, in the provider's word (Anthropic `fast`).
    pub speed: Option<String>,
    /// Web searches that the provider ran and bills per call.
    pub web_searches: u32,
    /// A count would have been negative and was set to zero, so the figures contradict each other.
    pub clamped: bool,
}
