//! `GET /v1/openapi.json`: the description of the interface (OpenAPI 3.1), made from the code that serves it.

use axum::Json;
use axum::extract::State;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::Server;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem;
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(openapi))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Brasskey platform",
        description = "Trials, devices, licences and plans. Every refusal is a problem (RFC 9457) with a code."
    ),
    modifiers(&Security)
)]
struct Interface;

struct Security;

impl Modify for Security {
    fn modify(&self, description: &mut Description) {
        let bearer = |form: &str, about: &str| {
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format(form)
                    .description(Some(about))
                    .build(),
            )
        };
        let components = description.components.get_or_insert_default();
        components.add_security_scheme(
            "device",
            bearer(
                "bkd_",
                "The credential of a device, from a trial or a sign-in. Each renewal replaces it.",
            ),
        );
        components.add_security_scheme(
            "person",
            bearer(
                "JWT",
                "An access token of the identity provider, for this service.",
            ),
        );
    }
}

/// The description of the interface (OpenAPI 3.1).
#[must_use]
pub fn description() -> Description {
    let mut description = Interface::openapi().merge_from(problem::Schemas::openapi());
    description.merge(super::answers().into_openapi());
    description
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "health", responses((status = 200, body = Object)))]
async fn openapi(State(service): State<Service>) -> Json<Description> {
    let mut description = description();
    description.servers = Some(vec![Server::new(service.issuer())]);
    Json(description)
}
