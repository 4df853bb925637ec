//! Changes of plan: begun by the customer, carried out at once or at the end of the period, exactly once.
//!
//! A change is written down before the provider is asked. Who carries it out claims it first; a replica that dies leaves it to due
//! work, which looks whether it has happened before it asks again, and gives up after a number of tries. A change that fails has
//! changed nothing and says why.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::preview::{self, When};
use super::{SubscriptionError, sync};
use crate::billing::{BillingError, Customer};
use crate::reporting::Told;
use crate::service::Service;
use crate::store::{
    ChangeFailure, ChangeState, NewPlanChange, PlanChange, StoreError, Subscription,
};

/// For how long a change belongs to who carries it out.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// The first pause before another try; it doubles.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// How often a change is tried.
const TRIES: i64 = 8;
const AT_ONCE: i64 = 50;
/// When a total that somebody else tells has arrived for certain.
const TOTAL_ON_ITS_WAY: Duration = Duration::from_secs(60);
/// Why a change failed to which the provider said yes.
const NEVER_SHOWN: &str = "the billing provider took the change and never made it";

/// What a customer wants.
pub(crate) struct Wanted<'a> {
    pub(crate) account: &'a str,
    pub(crate) request_key: &'a str,
    pub(crate) plan_code: &'a str,
    pub(crate) when: When,
    pub(crate) accepted_preview: &'a str,
}

/// Begins a change and, where it is for now, carries it out.
pub(crate) async fn change(
    service: &Service,
    wanted: &Wanted<'_>,
) -> Result<PlanChange, SubscriptionError> {
    let store = service.store();
    if let Some(known) = store
        .change_of_key(wanted.account, wanted.request_key)
        .await?
    {
        // The layer around the route forgets names after a day; a change keeps its own.
        return if known.to_plan == wanted.plan_code {
            Ok(known)
        } else {
            Err(SubscriptionError::NameTaken)
        };
    }
    refuse_while_open(service, wanted.account).await?;
    let (preview, subscription) = preview::accepted(
        service,
        wanted.account,
        wanted.plan_code,
        wanted.when,
        wanted.accepted_preview,
    )
    .await?;
    let now = service.now();
    let is_scheduled = wanted.when == When::PeriodEnd;
    let new = NewPlanChange {
        account_id: wanted.account.to_owned(),
        request_key: wanted.request_key.to_owned(),
        from_plan: subscription.plan_code,
        to_plan: wanted.plan_code.to_owned(),
        is_scheduled,
        effective_at: preview.effective_at,
        run_at: if is_scheduled {
            preview.effective_at
        } else {
            after(now, CLAIMED_FOR)
        },
    };
    let begun = store.begin_change(&new, now).await?;
    let begun = begun.ok_or(SubscriptionError::ChangePending)?;
    if is_scheduled {
        return Ok(begun);
    }
    carry_out(service, begun).await
}

/// Takes back a change that waits for its time. Tells whether there was one.
pub(crate) async fn withdraw(service: &Service, account: &str) -> Result<bool, SubscriptionError> {
    if service
        .store()
        .withdraw_change(account, service.now())
        .await?
    {
        return Ok(true);
    }
    refuse_while_open(service, account).await?;
    Ok(false)
}

/// Lets the plan end with its period, or go on.
pub(crate) async fn set_ending(
    service: &Service,
    account: &str,
    is_ending: bool,
) -> Result<Option<Subscription>, SubscriptionError> {
    let customer = customer(service, account).await?;
    refuse_while_open(service, account).await?;
    let now = sync(service, account).await?;
    let agreement = now.and_then(|subscription| subscription.agreement_id);
    let agreement = agreement
        .ok_or_else(|| SubscriptionError::Denied("there is no plan that could end".to_owned()))?;
    if is_ending {
        service.billing().cancel(&customer, &agreement).await?;
    } else {
        service.billing().reactivate(&customer, &agreement).await?;
    }
    sync(service, account).await
}

/// Sees to it that an account which is about to be closed is charged nothing more.
pub(crate) async fn let_go(service: &Service, account: &str) -> Result<(), SubscriptionError> {
    let customer = customer(service, account).await?;
    withdraw(service, account).await?;
    let now = sync(service, account).await?;
    match now.and_then(|subscription| subscription.agreement_id) {
        Some(agreement) => {
            if tell_usage(service, account).await? == Told::Busy {
                return Err(BillingError::Unavailable {
                    detail: "a total is on its way".to_owned(),
                    retry_after: Some(TOTAL_ON_ITS_WAY),
                }
                .into());
            }
            Ok(service.billing().cancel(&customer, &agreement).await?)
        }
        None => Ok(()),
    }
}

/// Carries out the changes that are due.
pub(crate) async fn carry_out_due(service: &Service) -> Result<(), StoreError> {
    let now = service.now();
    let again = after(now, CLAIMED_FOR);
    for change in service
        .store()
        .take_changes_due(now, again, AT_ONCE)
        .await?
    {
        let (id, account) = (change.id.clone(), change.account_id.clone());
        match carry_out(service, change).await {
            Ok(_) => {}
            Err(SubscriptionError::Store(error)) => return Err(error),
            Err(error) => tracing::warn!(id, account, %error, "a change of plan failed"),
        }
    }
    Ok(())
}

async fn carry_out(
    service: &Service,
    mut change: PlanChange,
) -> Result<PlanChange, SubscriptionError> {
    let account = change.account_id.clone();
    match attempt(service, &mut change).await {
        Ok(true) => end(service, change, None).await,
        // It waits for what it asked for, or for the provider.
        Ok(false)
        | Err(SubscriptionError::Billing(
            BillingError::Unavailable { .. } | BillingError::Unreadable(_),
        )) if change.attempts < TRIES => {
            let now = service.now();
            let pause = FIRST_PAUSE
                .checked_mul(1 << change.attempts.clamp(0, TRIES))
                .unwrap_or(CLAIMED_FOR);
            let run_at = after(now, pause);
            service.store().put_off_change(&change, run_at, now).await?;
            Ok(change)
        }
        // Should it come to be after all, the reconciliation finds it like any other change that was made elsewhere.
        Ok(false) => {
            tracing::error!(
                account,
                "the provider said yes to a plan and does not show it"
            );
            let failed = (ChangeFailure::ProviderFailed, NEVER_SHOWN);
            end(service, change, Some(failed)).await
        }
        Err(SubscriptionError::Store(error)) => Err(error.into()),
        Err(error) => {
            let reason = error.to_string();
            end(service, change, Some((failure(&error), &reason))).await?;
            Err(error)
        }
    }
}

/// Tells whether the new plan is in force.
async fn attempt(service: &Service, change: &mut PlanChange) -> Result<bool, SubscriptionError> {
    let customer = customer(service, &change.account_id).await?;
    let plan = change.to_plan.clone();
    let is_there =
        |subscription: Option<Subscription>| subscription.is_some_and(|now| now.plan_code == plan);
    // Whoever tried before may have succeeded and not have come to say so.
    if change.attempts > 1 && is_there(sync(service, &customer.account_id).await?) {
        return Ok(true);
    }
    if !change.is_accepted {
        let told = tell_usage(service, &change.account_id).await?;
        // Not for ever: what is not told by then is billed with the new plan.
        if told != Told::Settled && change.attempts < TRIES / 2 {
            return Ok(false);
        }
        service
            .billing()
            .change_plan(&customer, &change.to_plan, Some(change.effective_at))
            .await?;
        change.is_accepted = true;
    }
    Ok(is_there(sync(service, &customer.account_id).await?))
}

/// What the old agreement counted is billed with it: it is told before it ends. A total that the provider will not have keeps
/// nobody in a plan.
async fn tell_usage(service: &Service, account: &str) -> Result<Told, SubscriptionError> {
    let told = service.report_usage_of(service.billing(), account).await?;
    match told {
        Err(error @ (BillingError::Unavailable { .. } | BillingError::Unreadable(_))) => {
            Err(error.into())
        }
        Err(error) => {
            tracing::error!(alarm = true, account, %error, "a total is not billed");
            Ok(Told::Settled)
        }
        Ok(told) => Ok(told),
    }
}

async fn end(
    service: &Service,
    mut change: PlanChange,
    failed: Option<(ChangeFailure, &str)>,
) -> Result<PlanChange, SubscriptionError> {
    service
        .store()
        .end_change(&change.id, failed, service.now())
        .await?;
    change.state = failed.map_or(ChangeState::Done, |_| ChangeState::Failed);
    change.failure = failed.map(|(failure, _)| failure);
    change.reason = failed.map(|(_, reason)| reason.to_owned());
    Ok(change)
}

fn failure(error: &SubscriptionError) -> ChangeFailure {
    match error {
        SubscriptionError::Billing(error) => match error {
            BillingError::PaymentRequired => ChangeFailure::PaymentRequired,
            BillingError::AtPortal => ChangeFailure::AtPortal,
            BillingError::Denied { .. } | BillingError::Unknown(_) => ChangeFailure::Denied,
            BillingError::Unavailable { .. } | BillingError::Unreadable(_) => {
                ChangeFailure::ProviderFailed
            }
        },
        SubscriptionError::Store(_) => ChangeFailure::ProviderFailed,
        SubscriptionError::SignInNeeded
        | SubscriptionError::NoSuchPlan
        | SubscriptionError::Denied(_)
        | SubscriptionError::ChangePending
        | SubscriptionError::NameTaken
        | SubscriptionError::PreviewChanged => ChangeFailure::Denied,
    }
}

async fn refuse_while_open(service: &Service, account: &str) -> Result<(), SubscriptionError> {
    let newest = service.store().newest_change(account).await?;
    let is_open =
        |change: &PlanChange| matches!(change.state, ChangeState::Scheduled | ChangeState::Pending);
    if newest.as_ref().is_some_and(is_open) {
        return Err(SubscriptionError::ChangePending);
    }
    Ok(())
}

async fn customer(service: &Service, account: &str) -> Result<Customer, SubscriptionError> {
    let customer = service.store().customer(account).await?;
    customer.ok_or(SubscriptionError::SignInNeeded)
}

fn after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(now)
}
