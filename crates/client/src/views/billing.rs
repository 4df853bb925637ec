//! The subscription, changes of plan, payments.

use brasskey_licence::{Feature, Standing};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The plan that an account has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// The plan's code.
    #[serde(alias = "plan")]
    pub plan_code: String,
    /// How it stands.
    pub standing: Standing,
    /// The period that runs.
    pub period_start: Option<Timestamp>,
    /// Its end.
    pub period_end: Option<Timestamp>,
    /// When it ends for good; none while it renews.
    pub ends_at: Option<Timestamp>,
    /// Since when a payment is due.
    pub past_due_since: Option<Timestamp>,
    /// Only grows.
    pub rev: i64,
    /// The newest change of plan.
    #[serde(default)]
    pub change: Option<PlanChange>,
}

/// A change of plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PlanChange {
    /// How it stands.
    pub state: PlanChangeState,
    /// The plan before.
    pub from_plan: String,
    /// The plan after.
    pub to_plan: String,
    /// When it takes effect.
    pub effective_at: Timestamp,
    /// Why it failed; nothing has changed then.
    #[serde(default)]
    pub failure: Option<PlanChangeFailure>,
    /// The same in words.
    pub reason: Option<String>,
}

/// Why a change of plan failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeFailure {
    /// A payment method is needed, or the one that is there was refused.
    PaymentRequired,
    /// It is not allowed.
    Denied,
    /// It is done on the billing provider's own pages.
    AtPortal,
    /// The billing provider could not be asked, or took the change and never made it.
    ProviderFailed,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

/// How a change of plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At once, prorated.
    Now,
    /// With the end of the period that is paid.
    PeriodEnd,
}

/// What a change would mean.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Preview {
    /// The mark over all that it says: who accepts it accepts this and nothing else.
    pub preview: String,
    /// What it is.
    pub kind: PlanChangeKind,
    /// When.
    pub when: When,
    /// At which moment.
    pub effective_at: Timestamp,
    /// None where the provider does not say which period is paid.
    pub estimate: Option<Estimate>,
    /// Whether the estimate is what will be charged.
    pub exact: bool,
    /// What the plan has less of.
    pub loses: Vec<Difference>,
    /// What it has more of.
    pub gains: Vec<Difference>,
    /// The billing mode.
    pub mode: Changed,
    /// The model use that is included in each month.
    pub allowance: Changed,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// To more, or for longer.
    Upgrade,
    /// To less, or for a shorter time.
    Downgrade,
    /// To the other billing mode.
    Switch,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

/// Money, decimal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Estimate {
    /// For what was paid and is not used.
    pub credit: String,
    /// For the new plan.
    pub charge: String,
    /// What is charged now; below zero, it is kept for the next invoices.
    pub net: String,
    /// ISO 4217.
    pub currency: String,
}

/// A feature that one plan has more of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Difference {
    /// Its code.
    pub feature: String,
    /// Its name.
    pub name: String,
    /// Before.
    pub from: Option<Feature>,
    /// After.
    pub to: Option<Feature>,
}

/// What something is now and will be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Changed {
    /// Now.
    pub from: Option<String>,
    /// Then.
    pub to: Option<String>,
}

/// A first payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Checkout {
    /// Its id.
    pub id: String,
    /// The plan that is paid for.
    pub plan_code: String,
    /// How it stands.
    pub state: CheckoutState,
    /// The invoice that was paid, where the billing provider hands it out.
    pub receipt: Option<Invoice>,
}

/// How a first payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutState {
    /// Nobody has decided yet.
    Pending,
    /// Paid.
    Paid,
    /// The card was declined.
    Declined,
    /// The person left the page.
    Abandoned,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

/// A page of the billing provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalArea {
    /// The plan.
    Plan,
    /// The card and the invoices.
    Payment,
    /// Name and address.
    Profile,
}

/// An invoice. Amounts are decimal, in its currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// Counts up without a gap.
    pub number: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// ISO 4217.
    pub currency: String,
    /// What is to be paid.
    pub total: String,
    /// Whether it is.
    pub state: InvoiceState,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// What for.
    pub lines: Vec<InvoiceLine>,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InvoiceLine {
    /// What it is.
    pub kind: LineKind,
    /// In words.
    pub text: String,
    /// Negative where it is a credit.
    pub amount: String,
    /// The time that it is for: from here …
    pub from: Option<Timestamp>,
    /// … until here, which is no part of it.
    pub until: Option<Timestamp>,
}

/// What a line of an invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A plan for a time, in advance.
    Plan,
    /// What was paid for a time in which another plan has taken the place.
    Unused,
    /// Metered use, in arrears.
    Usage,
    /// A credit that is kept, or taken from what was kept.
    Balance,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}

/// How an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Given up.
    GivenUp,
    /// A word of a later service.
    #[serde(other)]
    Unknown,
}
