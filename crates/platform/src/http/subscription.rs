//! `GET /v1/subscription`: how it stands. `POST /v1/subscription/cancel` lets it end with its period,
//! `POST /v1/subscription/reactivate` takes that back.

use axum::Json;
use axum::extract::State;
use brasskey_licence::Standing;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Caller;
use super::plan_changes::Change;
use super::problem::{Code, Problem};
use crate::billing::BillingError;
use crate::service::Service;
use crate::store::{StoreError, Subscription};
use crate::subscriptions::SubscriptionError;
use crate::subscriptions::change::set_ending;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(look))
        .routes(routes!(cancel))
        .routes(routes!(reactivate))
}

/// A subscription.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
struct Shown {
    plan_code: String,
    /// `trial`, `active`, `past_due`, `ending`, `free`.
    #[schema(value_type = String)]
    standing: Standing,
    /// The period that is paid, as far as it is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    period_start: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    period_end: Option<Timestamp>,
    /// When it ends; none while it renews.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// Since when a payment is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    past_due_since: Option<Timestamp>,
    /// Only grows.
    rev: i64,
    /// The newest change of plan.
    change: Option<Change>,
}

async fn shown(
    service: &Service,
    account: &str,
    subscription: Subscription,
) -> Result<Json<Shown>, Problem> {
    let change = service.store().newest_change(account).await?;
    Ok(Json(Shown {
        plan_code: subscription.plan_code,
        standing: subscription.standing,
        period_start: subscription.period_start,
        period_end: subscription.period_end,
        ends_at: subscription.ends_at,
        past_due_since: subscription.past_due_since,
        rev: subscription.rev,
        change: change.map(Change::of),
    }))
}

/// How the account's subscription stands.
#[utoipa::path(get, path = "/v1/subscription", tag = "subscription", security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn look(State(service): State<Service>, caller: Caller) -> Result<Json<Shown>, Problem> {
    let subscription = service.store().subscription(&caller.account_id).await?;
    let subscription =
        subscription.ok_or(StoreError::Unreadable("an account without a subscription"))?;
    shown(&service, &caller.account_id, subscription).await
}

/// Lets the plan end with its period.
#[utoipa::path(post, path = "/v1/subscription/cancel", tag = "subscription", security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn cancel(State(service): State<Service>, caller: Caller) -> Result<Json<Shown>, Problem> {
    set(&service, &caller.account_id, true).await
}

/// Lets a plan that would end with its period go on.
#[utoipa::path(post, path = "/v1/subscription/reactivate", tag = "subscription", security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn reactivate(
    State(service): State<Service>,
    caller: Caller,
) -> Result<Json<Shown>, Problem> {
    set(&service, &caller.account_id, false).await
}

async fn set(service: &Service, account: &str, is_ending: bool) -> Result<Json<Shown>, Problem> {
    let subscription = set_ending(service, account, is_ending).await?;
    let subscription = subscription.ok_or(SubscriptionError::SignInNeeded)?;
    shown(service, account, subscription).await
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        let said = error.to_string();
        match error {
            SubscriptionError::Store(error) => error.into(),
            SubscriptionError::Billing(error) => error.into(),
            SubscriptionError::SignInNeeded => Self::new(
                Code::SignInNeeded,
                "Sign in on this device: a plan belongs to a person.",
            ),
            SubscriptionError::NoSuchPlan => {
                Self::new(Code::NotFound, "The catalogue has no such plan.")
            }
            SubscriptionError::Denied(reason) => {
                Self::new(Code::PlanChangeDenied, said).with("reason", reason)
            }
            SubscriptionError::ChangePending => Self::new(
                Code::PlanChangePending,
                "Wait for the change that is open, or take it back.",
            ),
            SubscriptionError::NameTaken => Self::new(
                Code::IdempotencyMismatch,
                "Another change was asked for under this Idempotency-Key.",
            ),
            SubscriptionError::PreviewChanged => Self::new(
                Code::PreviewChanged,
                "Nothing was changed. Show a new preview and ask again.",
            ),
        }
    }
}

impl From<BillingError> for Problem {
    fn from(error: BillingError) -> Self {
        match error {
            BillingError::Denied { reason } => Self::new(
                Code::PlanChangeDenied,
                "The billing provider does not allow it.",
            )
            .with("reason", reason),
            BillingError::PaymentRequired => Self::new(
                Code::PaymentRequired,
                "Nothing was changed. Give a card that pays, on the billing provider's page.",
            )
            .with("action", "portal"),
            BillingError::Unavailable {
                detail,
                retry_after,
            } => {
                tracing::warn!(detail, "the billing provider does not answer");
                let problem = Self::new(Code::BillingUnavailable, "Try again in a while.");
                match retry_after {
                    Some(wait) => problem.retry_after(wait),
                    None => problem,
                }
            }
            BillingError::AtPortal => Self::new(
                Code::PlanChangeDenied,
                "This is done on the billing provider's own page.",
            )
            .with("action", "portal"),
            BillingError::Unknown(_) | BillingError::Unreadable(_) => {
                tracing::error!(%error, "the billing provider's books are not ours");
                Self::internal()
            }
        }
    }
}
