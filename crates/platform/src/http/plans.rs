//! `GET /v1/plans`: the catalogue.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::catalogue::Catalogue;
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(plans))
}

/// All that is sold.
#[utoipa::path(get, path = "/v1/plans", tag = "plans", responses((status = 200, body = Catalogue)))]
async fn plans(State(service): State<Service>) -> Json<Catalogue> {
    Json(service.catalogue().clone())
}
