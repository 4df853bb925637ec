//! `POST /v1/plan-changes/preview`: what a change of plan would mean. `POST /v1/plan-changes`: it is wanted, as previewed.
//! `DELETE /v1/plan-changes/current`: it is not wanted any longer, before its time.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, IdempotencyKey};
use super::caller::Caller;
use super::idempotent::idempotent;
use super::problem::{Code, Problem};
use crate::credential;
use crate::service::Service;
use crate::store::{ChangeFailure, ChangeState, PlanChange};
use crate::subscriptions::change::{self, Wanted};
use crate::subscriptions::preview::{self, Preview, When};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(preview_of))
        .routes(routes!(withdraw))
        .merge(idempotent(OpenApiRouter::new().routes(routes!(begin))))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PlanChangePreviewAsked)]
struct PreviewAsked {
    plan_code: String,
    /// Left out: a downgrade at the end of the period, all else now.
    when: Option<When>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PlanChangeAsked)]
struct Asked {
    plan_code: String,
    when: When,
    /// `preview` of the preview that was shown.
    accepted_preview: String,
}

/// A change of plan.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanChange)]
pub(super) struct Change {
    state: ChangeState,
    from_plan: String,
    to_plan: String,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
    /// Why it failed; nothing has changed then.
    failure: Option<ChangeFailure>,
    /// The same in words, the billing provider's own where it has some.
    reason: Option<String>,
}

impl Change {
    pub(super) fn of(change: PlanChange) -> Self {
        Self {
            state: change.state,
            from_plan: change.from_plan,
            to_plan: change.to_plan,
            effective_at: change.effective_at,
            failure: change.failure,
            reason: change.reason,
        }
    }
}

/// What a change of plan would mean: in money, in time, in features.
#[utoipa::path(post, path = "/v1/plan-changes/preview", tag = "subscription", request_body = PreviewAsked, security(("device" = [])), responses((status = 200, body = Preview), Problem))]
async fn preview_of(
    State(service): State<Service>,
    caller: Caller,
    Body(asked): Body<PreviewAsked>,
) -> Result<Json<Preview>, Problem> {
    let preview =
        preview::preview(&service, &caller.account_id, &asked.plan_code, asked.when).await?;
    Ok(Json(preview))
}

/// Changes the plan, as it was previewed. Where it fails, nothing has changed.
#[utoipa::path(post, path = "/v1/plan-changes", tag = "subscription", params(IdempotencyKey), request_body = Asked, security(("device" = [])), responses((status = 202, body = Change), Problem))]
async fn begin(
    State(service): State<Service>,
    caller: Caller,
    IdempotencyKey(request_key): IdempotencyKey,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Change>), Problem> {
    let wanted = Wanted {
        account: &caller.account_id,
        request_key: &credential::digest(request_key.as_bytes()),
        plan_code: &asked.plan_code,
        when: asked.when,
        accepted_preview: &asked.accepted_preview,
    };
    let change = change::change(&service, &wanted).await?;
    Ok((StatusCode::ACCEPTED, Json(Change::of(change))))
}

/// Takes back a change that waits for the end of the period.
#[utoipa::path(delete, path = "/v1/plan-changes/current", tag = "subscription", security(("device" = [])), responses((status = 204), Problem))]
async fn withdraw(State(service): State<Service>, caller: Caller) -> Result<StatusCode, Problem> {
    if change::withdraw(&service, &caller.account_id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        Code::NotFound,
        "No change waits for its time.",
    ))
}
