//! Running totals for the status line.

use serde::Serialize;
use specta::Type;

/// A sum of known costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TotalView {
    /// Exact decimal dollars.
    pub amount: String,
    /// How many answers with an unknown cost are not in it.
    pub unknown: u32,
}

/// What the status line shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TotalsView {
    /// This calendar month, in the system's time zone.
    pub month: TotalView,
    /// The open conversation.
    pub conversation: Option<TotalView>,
    /// The month, ISO 8601: "2026-11".
    pub month_of: String,
}

/// What the calls of the last calendar month came to in each billing mode, from this computer's receipts. Exact dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LastMonthView {
    /// The month, ISO 8601: "2026-10".
    pub month: String,
    /// Calls.
    pub calls: u32,
    /// How many of them have an unknown cost, which is left out.
    pub unknown: u32,
    /// What the models cost.
    pub model_use: String,
    /// With own keys: fee and model use; none before the plans are known.
    pub byok: Option<String>,
    /// Vendor-billed: plan, and model use beyond what it includes.
    pub vendor_billed: Option<String>,
}
