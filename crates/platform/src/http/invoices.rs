//! `GET /v1/invoices`: the account's invoices.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Caller;
use super::problem::Problem;
use crate::billing::Invoice;
use crate::service::Service;
use crate::subscriptions::SubscriptionError;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(invoices))
}

/// Invoices.
#[derive(Serialize, ToSchema)]
struct Invoices {
    /// Newest first; none where they are on the billing provider's pages alone (`POST /v1/portal-links`).
    invoices: Option<Vec<Invoice>>,
}

/// The account's invoices.
#[utoipa::path(get, path = "/v1/invoices", tag = "subscription", security(("device" = [])), responses((status = 200, body = Invoices), Problem))]
async fn invoices(
    State(service): State<Service>,
    caller: Caller,
) -> Result<Json<Invoices>, Problem> {
    let customer = service.store().customer(&caller.account_id).await?;
    let customer = customer.ok_or(SubscriptionError::SignInNeeded)?;
    let invoices = service.billing().invoices(&customer).await?;
    Ok(Json(Invoices { invoices }))
}
