//! How the words of `metering` are written in the table. Never renamed: old receipts hold them.

use brasskey_metering::{Cost, UnknownCost, UsageStatus};

pub(super) fn usage_status(status: UsageStatus) -> &'static str {
    match status {
        UsageStatus::Exact => "exact",
        UsageStatus::Partial => "partial",
        UsageStatus::Missing => "missing",
    }
}

pub(super) fn read_usage_status(word: &str) -> sqlx::Result<UsageStatus> {
    match word {
        "exact" => Ok(UsageStatus::Exact),
        "partial" => Ok(UsageStatus::Partial),
        "missing" => Ok(UsageStatus::Missing),
        _ => Err(unknown("usage_status")),
    }
}

pub(super) fn unknown_cost(reason: UnknownCost) -> &'static str {
    match reason {
        UnknownCost::NoPrice => "no_price",
        UnknownCost::NoUsage => "no_usage",
        UnknownCost::PartialUsage => "partial_usage",
        UnknownCost::EarlierTry => "earlier_try",
        UnknownCost::Overflow => "overflow",
    }
}

pub(super) fn read_unknown_cost(word: &str) -> sqlx::Result<UnknownCost> {
    match word {
        "no_price" => Ok(UnknownCost::NoPrice),
        "no_usage" => Ok(UnknownCost::NoUsage),
        "partial_usage" => Ok(UnknownCost::PartialUsage),
        "earlier_try" => Ok(UnknownCost::EarlierTry),
        "overflow" => Ok(UnknownCost::Overflow),
        _ => Err(unknown("unknown_reason")),
    }
}

pub(super) fn cost_kind(cost: &Cost) -> &'static str {
    match cost {
        Cost::Known { .. } => "known",
        Cost::Unknown { .. } => "unknown",
        Cost::Free => "free",
    }
}

/// A word that this version does not know. Names the column, never the value.
pub(super) fn unknown(column: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(format!("unknown word in {column}").into())
}
