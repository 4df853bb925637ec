//! `GET /v1/keyset`: the keys that licences are signed with, as the root vouches for them.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(keyset))
}

/// The keys that licences are signed with, as a token that the root signed.
#[utoipa::path(get, path = "/v1/keyset", tag = "licence", responses((status = 200, body = String, content_type = "text/plain")))]
async fn keyset(State(service): State<Service>) -> impl IntoResponse {
    (
        [(CACHE_CONTROL, "public, max-age=3600")],
        service.signing().current().signed.to_string(),
    )
}
