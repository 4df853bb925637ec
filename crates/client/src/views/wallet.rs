//! Vendor-billed use, and the counts of metered features.

use std::collections::BTreeMap;

use brasskey_metering::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is left of vendor-billed use in the month that runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Wallet {
    /// ISO 4217.
    pub currency: String,
    /// What the plan includes each month.
    pub included: Money,
    /// What is left of it. Below zero when a call cost more than all there was.
    pub allowance: Money,
    /// What is owed beyond it.
    pub overage: Money,
    /// What that may come to by the customer's own wish.
    pub overage_cap: Money,
    /// What it may come to by the plan.
    pub plan_cap: Money,
    /// What calls that run could cost.
    pub held: Money,
    /// What a new call may cost.
    pub available: Money,
    /// When the next month begins; none without a plan that includes model use.
    pub resets_at: Option<Timestamp>,
}

/// A page of the account's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WalletLines {
    /// The lines, newest first.
    pub lines: Vec<WalletLine>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// A line of the account's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WalletLine {
    /// The transaction that it is of.
    pub transaction: String,
    /// The account of the ledger.
    pub account: String,
    /// `grant`, `lapse`, `use`, `use_estimated` or a later word.
    pub kind: String,
    /// The amount.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
}

/// Something that was used of a metered feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsageEvent {
    /// Made here, once: the same name is counted once.
    pub id: String,
    /// The feature's code.
    pub feature: String,
    /// At least one.
    pub quantity: i64,
    /// When, by this computer's clock.
    pub at: Timestamp,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UsageCounted {
    /// Events that were counted now.
    pub accepted: u64,
    /// Events that were counted before.
    pub duplicates: u64,
    /// Events from so long ago that whether they were counted is not known any more.
    pub too_old: u64,
    /// By feature: what was used in the period that runs.
    pub totals: BTreeMap<String, UsageTotal>,
}

/// What was used of a feature in the period that runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UsageTotal {
    /// How often.
    pub used: i64,
    /// None: without limit.
    pub max: Option<u64>,
    /// Whether the plan has the feature, and not more was used than it allows.
    pub is_within: bool,
}
