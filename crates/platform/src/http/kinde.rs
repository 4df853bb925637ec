//! `POST /v1/webhooks/kinde`: Kinde says that something happened. Exactly 200 means that it is kept; anything else, that Kinde is to
//! say it again.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Code, Problem};
use crate::billing::kinde::EventError;
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(take_in))
}

/// Takes an event of Kinde's in: a JWS in compact form, whatever its content type is said to be.
#[utoipa::path(
    post,
    path = "/v1/webhooks/kinde",
    tag = "billing",
    request_body(content = String, content_type = "application/jwt"),
    responses((status = 200, description = "It is kept"), Problem)
)]
async fn take_in(
    State(service): State<Service>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Some(events) = service.billing().events() else {
        return Err(super::problem::not_found().await);
    };
    let malformed = || Problem::new(Code::InvalidRequest, "The body is no signed event.");
    let body = body.map_err(|_| malformed())?;
    let text = std::str::from_utf8(&body).map_err(|_| malformed())?;
    // Older deliveries say that they are JSON, and may be: a text in quotes.
    let token = text.trim().trim_matches('"');
    let event = events.read(token).await.map_err(|error| {
        tracing::warn!(%error, "a webhook was refused");
        match error {
            EventError::Malformed(_) => malformed(),
            EventError::Forged(_) => Problem::new(
                Code::Unauthenticated,
                "The event is not signed by the issuer.",
            ),
            EventError::Unsure => Problem::new(
                Code::Unavailable,
                "The issuer's keys cannot be fetched now.",
            ),
        }
    })?;
    service.take_in(event).await?;
    Ok(StatusCode::OK)
}
