//! What is left of vendor-billed use, as the window sees it. Amounts are exact dollars.

use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

/// What is left of vendor-billed use in the month that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WalletView {
    /// What the plan includes each month.
    pub included: String,
    /// What is left of it; below zero when a call cost more than all there was.
    pub allowance: String,
    /// What is owed beyond it.
    pub overage: String,
    /// What that may come to by the customer's own wish.
    pub overage_cap: String,
    /// What it may come to by the plan.
    pub plan_cap: String,
    /// What calls that run could cost.
    pub held: String,
    /// What a new call may cost.
    pub available: String,
    /// When the next month begins, milliseconds since 1970; none without a plan that includes model use.
    #[specta(type = Option<Number>)]
    pub resets_at: Option<i64>,
    /// What was used on each day of the month that runs, newest first; days without use are left out.
    pub days: Vec<DayUse>,
}

/// What was used on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DayUse {
    /// The day on this computer's calendar, `YYYY-MM-DD`.
    pub day: String,
    /// What it came to.
    pub amount: String,
}
