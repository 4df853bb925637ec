//! Subscriptions: copies of what the billing provider says, and the customer's wishes about them.
//!
//! [`sync`] is the one way in which a state comes in, whoever says that there is news: a checkout, a change, a webhook, a renewal
//! of the licence, or the reconciliation that asks about every agreement every six hours. Payments are the exception where the
//! provider's agreements say nothing of them: [`payment_event`]. Nothing here decides from a message what is true.

pub(crate) mod change;
pub(crate) mod checkout;
pub(crate) mod preview;
mod projection;

use jiff::{SignedDuration, Timestamp};

use crate::billing::BillingError;
use crate::service::Service;
use crate::store::{StoreError, Subscription};

/// How old a copy may become before the provider is asked by itself.
const RECONCILED_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How old a copy may be when a licence is made of it.
pub(crate) const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);
/// After how long a provider that did not answer is asked again.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// About how many accounts the provider is asked in one go.
const AT_ONCE: i64 = 50;

/// Why a state could not be brought in, or a wish not be fulfilled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubscriptionError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The billing provider.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// The account is nobody's yet.
    #[error("the account has no person: sign in")]
    SignInNeeded,
    /// The catalogue has no such plan.
    #[error("there is no such plan")]
    NoSuchPlan,
    /// It cannot be, for a reason of ours.
    #[error("{0}")]
    Denied(String),
    /// Another change is open.
    #[error("another change is open")]
    ChangePending,
    /// Another change was begun under this name.
    #[error("the name is another change's")]
    NameTaken,
    /// What was accepted is not what would happen now.
    #[error("the preview has changed")]
    PreviewChanged,
}

impl SubscriptionError {
    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self, Self::Billing(BillingError::Unavailable { .. }))
    }
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentOutcome {
    /// It was taken.
    Succeeded,
    /// It was not.
    Failed,
}

/// Asks the billing provider what an account has agreed to and writes it down: as a whole, only where it differs, and never over
/// a newer answer. `None` for an account that no provider can know: without a person.
pub(crate) async fn sync(
    service: &Service,
    account: &str,
) -> Result<Option<Subscription>, SubscriptionError> {
    let Some(customer) = service.store().customer(account).await? else {
        return Ok(None);
    };
    // Whoever wrote in between has the newer answer; twice is enough to come after a word of a payment.
    for _ in 0..2 {
        let Some(before) = service.store().copy(account).await? else {
            return Ok(None);
        };
        let asked_at = service.now();
        let agreements = service.billing().agreements(&customer).await?;
        let is_exact = service.billing().is_exact();
        let after = projection::of(&before, &agreements, is_exact, asked_at);
        if service
            .store()
            .project(account, &before, &after, asked_at)
            .await?
        {
            break;
        }
    }
    Ok(service.store().subscription(account).await?)
}

/// Takes in what a provider said of a payment, in the order of when it happened, not of when it was heard. For providers whose
/// agreements do not say whether they are paid. Tells whether something changed.
pub(crate) async fn payment_event(
    service: &Service,
    account: &str,
    at: Timestamp,
    outcome: PaymentOutcome,
) -> Result<bool, StoreError> {
    match outcome {
        PaymentOutcome::Failed => service.store().payment_failed(account, at).await,
        PaymentOutcome::Succeeded => service.store().payment_succeeded(account, at).await,
    }
}

/// Asks the provider about all accounts that are due.
pub(crate) async fn reconcile(service: &Service) -> Result<(), StoreError> {
    let now = service.now();
    let again = now.checked_add(ASKED_AGAIN_AFTER).unwrap_or(now);
    let due = service.store().take_sync_due(now, again, AT_ONCE).await?;
    for account in due {
        match sync(service, &account).await {
            Ok(_) => {}
            Err(SubscriptionError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(account, %error, "the billing provider does not say how this account stands");
                if error.is_unavailable() {
                    // It would not answer the others either.
                    break;
                }
            }
        }
    }
    Ok(())
}
