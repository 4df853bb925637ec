//! `POST /v1/portal-links`: a link to the billing provider's page for plan, card and invoices.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Body;
use super::caller::Caller;
use super::problem::{Code, Problem};
use crate::billing::PortalArea;
use crate::service::Service;
use crate::subscriptions::SubscriptionError;
use crate::subscriptions::checkout::{known_customer, return_url};

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(link))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PortalLinkAsked)]
struct Asked {
    area: PortalArea,
    /// `http://127.0.0.1:PORT/…`: where the page leads back to.
    return_url: String,
}

/// A link for the system's browser.
#[derive(Serialize, ToSchema)]
#[schema(as = PortalLink)]
struct Link {
    url: String,
}

/// A link to the billing provider's own page.
#[utoipa::path(post, path = "/v1/portal-links", tag = "subscription", request_body = Asked, security(("device" = [])), responses((status = 201, body = Link), Problem))]
async fn link(
    State(service): State<Service>,
    caller: Caller,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Link>), Problem> {
    let back = return_url(&asked.return_url).ok_or(Problem::new(
        Code::InvalidRequest,
        "`return_url` is not http://127.0.0.1 with a port.",
    ))?;
    let customer = service.store().customer(&caller.account_id).await?;
    let mut customer = customer.ok_or(SubscriptionError::SignInNeeded)?;
    known_customer(&service, &mut customer).await?;
    let url = service
        .billing()
        .portal(&customer, asked.area, &back)
        .await?;
    Ok((StatusCode::CREATED, Json(Link { url: url.into() })))
}
