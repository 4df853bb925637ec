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
