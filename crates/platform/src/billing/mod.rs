//! Who sells plans: the trait that the embedded billing and Kinde implement.
//!
//! What a provider says is copied into the subscription by re-reading it, never taken from a message that asked us to look.
//! Prorating, scheduling and the catalogue are ours; the provider keeps agreements and takes payments.
//!
//! Attention, implementors: `change_plan` is told as of when it prorates, so that a change costs what its preview said; a provider that
//! prorates by a flag sets it for `Some`. What has a body here need not be implemented.

pub mod embedded;
pub mod kinde;
pub(crate) mod money;
pub(crate) mod proration;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;

use crate::catalogue::Interval;
pub use proration::Quote;

/// An account as the billing provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Our account.
    pub account_id: String,
    /// The subject at the identity provider.
    pub identity: String,
    /// Where receipts go.
    pub email: String,
    /// Its id at the billing provider; none before its first payment.
    pub customer_id: Option<String>,
}

/// What a customer has agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its id at the billing provider.
    pub id: String,
    /// The plan.
    pub plan: String,
    /// The period that runs, as far as the provider says.
    pub period_start: Option<Timestamp>,
    /// Its end.
    pub period_end: Option<Timestamp>,
    /// When it ends for good; none while it renews.
    pub ends_at: Option<Timestamp>,
    /// Since when its payment is due, where the provider says so itself.
    pub past_due_since: Option<Timestamp>,
}

/// A plan as the billing provider offers it, to be compared with the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedPlan {
    /// Its code.
    pub code: String,
    /// How often it is billed.
    pub interval: Option<Interval>,
    /// Decimal, in the catalogue's currency; none where the provider does not say.
    pub price: Option<String>,
}

/// How much of a metered feature was used in a period, in whole units: always the total, so that a repetition changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageTotal {
    /// The agreement that it belongs to.
    pub agreement_id: String,
    /// The feature's code.
    pub feature: String,
    /// The period that it was used in.
    pub period_start: Timestamp,
    /// Units.
    pub total: i64,
}

/// A page of the provider's that the customer is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortalArea {
    /// The plan.
    Plan,
    /// The card and the invoices.
    Payment,
    /// Name and address.
    Profile,
}

/// What came of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// The customer has not decided yet.
    Pending,
    /// Paid: with the invoice's id.
    Paid(String),
    /// The card was declined.
    Declined,
    /// The customer left.
    Abandoned,
}

/// An invoice. Amounts are decimal, in its currency; the lines add up to the total, which is never negative.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// Counts up without a gap.
    pub number: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Timestamp,
    /// ISO 4217.
    pub currency: String,
    /// What is to be paid.
    pub total: String,
    /// Whether it is.
    pub state: InvoiceState,
    /// When it was paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paid_at: Option<Timestamp>,
    /// What for.
    pub lines: Vec<InvoiceLine>,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct InvoiceLine {
    /// What it is.
    pub kind: LineKind,
    /// In words.
    pub text: String,
    /// Decimal; negative where it is a credit.
    pub amount: String,
    /// The service that it is for: from here …
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// … until here, which is no part of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// What a line of an invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A plan for a time, in advance.
    Plan,
    /// What was paid for a time in which another plan has taken the place.
    Unused,
    /// Metered use, in arrears.
    Usage,
    /// A credit that is kept for the next invoice, or taken from what was kept.
    Balance,
}

/// How an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Given up.
    GivenUp,
}

/// What a billing provider refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillingError {
    /// It cannot be reached, is busy or fails. Trying again later makes sense.
    #[error("the billing provider cannot be reached: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It does not allow this change.
    #[error("the billing provider denied it: {reason}")]
    Denied {
        /// In its words.
        reason: String,
    },
    /// Its interface cannot do this: the customer does it on the provider's own pages.
    #[error("this is done on the billing provider's own pages")]
    AtPortal,
    /// There is no way to take a payment.
    #[error("a payment method is needed")]
    PaymentRequired,
    /// It does not know the customer, the agreement or the plan.
    #[error("the billing provider does not know {0}")]
    Unknown(String),
    /// Its answer is not what it documents.
    #[error("the billing provider's answer cannot be read: {0}")]
    Unreadable(String),
}

/// A billing provider.
#[async_trait]
pub trait Billing: Send + Sync + 'static {
    /// A link under which the customer pays for a plan for the first time, and that leads back to `return_to`.
    async fn checkout(
        &self,
        customer: &Customer,
        plan: &str,
        return_to: &Url,
    ) -> Result<Url, BillingError>;

    /// The customer's id there: looked up, or made where there is none. The same account always gets the same one.
    async fn customer_id(&self, customer: &Customer) -> Result<String, BillingError>;

    /// What the customer has agreed to now: more than one only while a change is under way.
    async fn agreements(&self, customer: &Customer) -> Result<Vec<Agreement>, BillingError>;

    /// Replaces the customer's plan at once. With a time, what is paid of the running period is credited and the new plan is
    /// charged as of then; without one nothing is, until the next period. Done already is no error; callers re-read before they
    /// repeat it all the same. On an error nothing has changed.
    async fn change_plan(
        &self,
        customer: &Customer,
        plan: &str,
        prorate_as_of: Option<Timestamp>,
    ) -> Result<(), BillingError>;

    /// Lets an agreement end with its period.
    async fn cancel(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError>;

    /// Lets an agreement that would end with its period go on.
    async fn reactivate(&self, customer: &Customer, agreement: &str) -> Result<(), BillingError>;

    /// A link to one of the provider's own pages, good for a short time and perhaps for one use only.
    async fn portal(
        &self,
        customer: &Customer,
        area: PortalArea,
        return_to: &Url,
    ) -> Result<Url, BillingError>;

    /// Takes note of a total of the period that runs. A repetition, or a lower total that comes late, changes nothing.
    async fn report_usage(&self, total: &UsageTotal) -> Result<(), BillingError>;

    /// What it offers.
    async fn plans(&self) -> Result<Vec<OfferedPlan>, BillingError>;

    /// Whether what it says of money is exact and whole: a change costs what the preview says, and an agreement without a word of a
    /// payment that is due has none; totals of any period are taken. Where it is not, payments are heard of by events alone.
    fn is_exact(&self) -> bool {
        false
    }

    /// What replacing the plan as of a time costs; `None` where it does not say, so that the service estimates it.
    async fn quote(
        &self,
        _customer: &Customer,
        _plan: &str,
        _as_of: Timestamp,
    ) -> Result<Option<Quote>, BillingError> {
        Ok(None)
    }

    /// What came of a checkout, by the link that was given for it; `None` where the provider does not say, so that only the
    /// agreement that follows tells.
    async fn checkout_outcome(
        &self,
        _customer: &Customer,
        _link: &Url,
    ) -> Result<Option<CheckoutOutcome>, BillingError> {
        Ok(None)
    }

    /// The customer's invoices, newest first; `None` where they are on the provider's own pages alone.
    async fn invoices(&self, _customer: &Customer) -> Result<Option<Vec<Invoice>>, BillingError> {
        Ok(None)
    }

    /// Does what falls due by itself: renewals, retries of payments. For a provider that is not somebody else.
    async fn do_due_work(&self) -> Result<(), BillingError> {
        Ok(())
    }

    /// Reads the webhooks that it sends; `None` where it sends none.
    fn events(&self) -> Option<&kinde::KindeEvents> {
        None
    }

    /// Pages of its own that the service serves.
    fn pages(&self) -> axum::Router {
        axum::Router::new()
    }
}
