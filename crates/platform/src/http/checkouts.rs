//! `POST /v1/checkouts`: a link under which a plan is paid for the first time. `GET /v1/checkouts/{id}`: what came of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Body, IdempotencyKey};
use super::caller::Caller;
use super::idempotent::idempotent;
use super::problem::{Code, Problem};
use crate::billing::Invoice;
use crate::credential;
use crate::service::Service;
use crate::subscriptions::checkout::{self, return_url};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .merge(idempotent(OpenApiRouter::new().routes(routes!(begin))))
        .routes(routes!(look))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CheckoutAsked)]
struct Asked {
    plan_code: String,
    /// `http://127.0.0.1:PORT/…`: where the browser is led back to, with `checkout` and, where it is known, `outcome`.
    return_url: String,
}

/// A checkout that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckoutBegun)]
struct Begun {
    id: String,
    /// For the system's browser.
    url: String,
}

/// A checkout.
#[derive(Serialize, ToSchema)]
#[schema(as = Checkout)]
struct Shown {
    id: String,
    plan_code: String,
    /// `pending`, `paid`, `declined` or `abandoned`.
    state: String,
    /// The invoice that was paid, where the provider hands it out.
    receipt: Option<Invoice>,
}

/// Begins a first payment.
#[utoipa::path(post, path = "/v1/checkouts", tag = "subscription", params(IdempotencyKey), request_body = Asked, security(("device" = [])), responses((status = 201, body = Begun), Problem))]
async fn begin(
    State(service): State<Service>,
    caller: Caller,
    IdempotencyKey(request_key): IdempotencyKey,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let back = return_url(&asked.return_url).ok_or(Problem::new(
        Code::InvalidRequest,
        "`return_url` is not http://127.0.0.1 with a port.",
    ))?;
    let request_key = credential::digest(request_key.as_bytes());
    let account = &caller.account_id;
    let begun = checkout::begin(&service, account, &request_key, &asked.plan_code, &back).await?;
    let answer = Begun {
        id: begun.id,
        url: begun.link,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// What came of a first payment.
#[utoipa::path(get, path = "/v1/checkouts/{id}", tag = "subscription", params(("id" = String, Path)), security(("device" = [])), responses((status = 200, body = Shown), Problem))]
async fn look(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let found = checkout::look(&service, &caller.account_id, &id).await?;
    let (checkout, receipt) = found.ok_or(Problem::new(
        Code::NotFound,
        "The account has no such checkout.",
    ))?;
    Ok(Json(Shown {
        id: checkout.id,
        plan_code: checkout.plan,
        state: checkout.state,
        receipt,
    }))
}
