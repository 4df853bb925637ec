//! The plan that an account has, its changes and payments, as the window sees them. Times are milliseconds since 1970, amounts
//! exact dollars.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use crate::account::view::StandingView;
use crate::billing::view::BillingMode;

/// How often a plan is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum IntervalView {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

/// The plan that an account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionView {
    /// The plan's code.
    pub plan: String,
    /// Its name; the code where it is not sold any more.
    pub plan_name: String,
    /// Its billing mode; none without a plan.
    pub mode: Option<BillingMode>,
    /// How often it is billed.
    pub interval: Option<IntervalView>,
    /// What it costs each time.
    pub price: Option<String>,
    /// Model use included a month.
    pub included: Option<String>,
    /// How it stands.
    pub standing: StandingView,
    /// The period that runs.
    #[specta(type = Option<Number>)]
    pub period_start: Option<i64>,
    /// Its end: the next bill, unless it ends for good.
    #[specta(type = Option<Number>)]
    pub period_end: Option<i64>,
    /// When it ends for good; none while it renews.
    #[specta(type = Option<Number>)]
    pub ends_at: Option<i64>,
    /// Since when a payment is due.
    #[specta(type = Option<Number>)]
    pub past_due_since: Option<i64>,
    /// The newest change of plan.
    pub change: Option<PlanChangeView>,
    /// What it grants, in the order of the catalogue.
    pub features: Vec<FeatureView>,
}

/// How a change of plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeState {
    /// It waits for the end of the period.
    Scheduled,
    /// It is under way.
    Pending,
    /// The new plan is in force.
    Done,
    /// Nothing has changed.
    Failed,
    /// Taken back before its time.
    Withdrawn,
    /// A word of a later platform.
    Unknown,
}

/// A change of plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlanChangeView {
    /// How it stands.
    pub state: PlanChangeState,
    /// The plan before, by name.
    pub from_name: String,
    /// The plan after, by name.
    pub to_name: String,
    /// The billing mode after.
    pub to_mode: Option<BillingMode>,
    /// When it takes effect.
    #[specta(type = Number)]
    pub effective_at: i64,
    /// Why it failed, in the platform's words.
    pub reason: Option<String>,
}

/// What a plan grants of one feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FeatureView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How much of it; none is without limit.
    #[specta(type = Option<Number>)]
    pub max: Option<u64>,
    /// What was used of it in the period that runs, where it is counted and known.
    #[specta(type = Option<Number>)]
    pub used: Option<i64>,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SwitchTime {
    /// At once, prorated.
    Now,
    /// With the end of the period that is paid.
    PeriodEnd,
}

/// What a change of plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// To more, or for longer.
    Upgrade,
    /// To less, or for a shorter time.
    Downgrade,
    /// To the other billing mode.
    Switch,
    /// A word of a later platform.
    Unknown,
}

/// What a change of plan would mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlanPreviewView {
    /// The mark over all that it says: who accepts it accepts this and nothing else.
    pub preview: String,
    /// The plan's code.
    pub plan: String,
    /// Its name.
    pub plan_name: String,
    /// Its billing mode.
    pub mode: Option<BillingMode>,
    /// What it costs each time.
    pub price: Option<String>,
    /// How often it is billed.
    pub interval: Option<IntervalView>,
    /// What it is.
    pub kind: PlanChangeKind,
    /// When.
    pub when: SwitchTime,
    /// At which moment.
    #[specta(type = Number)]
    pub effective_at: i64,
    /// None where the billing provider does not say which period is paid.
    pub estimate: Option<EstimateOfChange>,
    /// Whether the estimate is what will be charged.
    pub exact: bool,
    /// What the plan has less of.
    pub loses: Vec<FeatureChange>,
    /// What it has more of.
    pub gains: Vec<FeatureChange>,
    /// The model use that is included in each month, before.
    pub allowance_from: Option<String>,
    /// And after.
    pub allowance_to: Option<String>,
}

/// What a change costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EstimateOfChange {
    /// For what was paid and is not used.
    pub credit: String,
    /// For the new plan.
    pub charge: String,
    /// What is charged now; below zero, it is kept for the next invoices.
    pub net: String,
}

/// A feature that one plan has more of than the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FeatureChange {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Before; none is without limit, 0 is not at all.
    #[specta(type = Option<Number>)]
    pub from: Option<u64>,
    /// After.
    #[specta(type = Option<Number>)]
    pub to: Option<u64>,
}

/// How a payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PaymentOutcome {
    /// Paid; the plan is in force.
    Paid,
    /// The card was declined; nothing was charged.
    Declined,
    /// The person left the page; nothing was charged.
    Abandoned,
    /// The billing provider has not decided yet; Brasskey keeps asking.
    Pending,
}

/// What came of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    /// How it ended.
    pub outcome: PaymentOutcome,
    /// The invoice that was paid, where the billing provider hands it out.
    pub receipt: Option<InvoiceView>,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceView {
    /// Its number.
    pub number: String,
    /// When it was made.
    #[specta(type = Number)]
    pub issued_at: i64,
    /// What was paid.
    pub total: String,
    /// What for.
    pub lines: Vec<InvoiceLineView>,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceLineView {
    /// In words.
    pub text: String,
    /// Negative where it is a credit.
    pub amount: String,
}

/// A page of the billing provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PortalArea {
    /// The plan.
    Plan,
    /// The card and the invoices.
    Payment,
    /// Name and address.
    Profile,
}
