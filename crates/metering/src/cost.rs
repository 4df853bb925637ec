//! What a call cost, with where the price comes from, or why it is not known.
//!
//! An unknown cost is a value of its own and never becomes zero.

use serde::{Deserialize, Serialize};

use crate::Money;

/// The cost of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cost {
    /// The exact cost under a price whose source and date are known.
    Known {
        /// The amount.
        amount: Money,
        /// Where the price comes from.
        source: PriceSource,
    },
    /// The cost is not known.
    Unknown {
        /// Why.
        reason: UnknownCost,
        /// A lower bound, when one is known: what the reported part of the usage costs.
        at_least: Option<Money>,
    },
    /// Nobody bills: a model on this computer. Never derived from a missing price.
    Free,
}

/// Where a price comes from, kept with the amount so that a receipt can be explained later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PriceSource {
    /// The list with its version (`LiteLLM 1.109.1`, `genai-prices 0.2.3`), or `provider` for an amount the provider reported.
    pub list: String,
    /// The list's ISO date (`2026-11-23`), or the day of the request for an amount the provider reported.
    pub as_of: String,
    /// The id of the price row, stable for one version of the list.
    pub row: String,
    /// Two lists disagree on this price; the higher one was used.
    pub to_be_confirmed: bool,
}

/// Why a cost is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCost {
    /// No price is known for the model, or for one of the token kinds, tiers or extras it used.
    NoPrice,
    /// The provider reported no usage.
    NoUsage,
    /// The provider reported only a part of the usage.
    PartialUsage,
    /// An earlier try of the same message may have been billed besides, and reported nothing.
    EarlierTry,
    /// The amount is out of range (beyond about 9.2 million dollars).
    Overflow,
}
