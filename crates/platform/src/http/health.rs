//! `GET /healthz`: the process answers. `GET /readyz`: the database does, too.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 204)))]
async fn alive() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The database answers, too.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 204), Problem))]
async fn ready(State(service): State<Service>) -> Result<StatusCode, Problem> {
    service.store().is_ready().await?;
    Ok(StatusCode::NO_CONTENT)
}
