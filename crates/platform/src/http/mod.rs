//! The service's interface: JSON under `/v1`, refusals as problems (RFC 9457), one file an endpoint, described by OpenAPI.

mod account;
mod body;
mod caller;
mod checkouts;
mod devices;
mod directory;
mod edge;
mod health;
mod idempotent;
mod invoices;
mod keyset;
mod kinde;
mod licence;
mod openapi;
mod origin;
mod person;
mod plan_changes;
mod plans;
mod portal;
mod problem;
mod rates;
mod subscription;
mod terms;
mod trials;
mod usage;
mod wallet;

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;

use crate::service::Service;
use problem::Problem;

pub use edge::Edge;
pub use idempotent::idempotent;
pub use openapi::description;

/// Routes that answer out of the service itself, soon. Each new one is merged here.
fn answers() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .merge(checkouts::routes())
        .merge(account::routes())
        .merge(devices::routes())
        .merge(directory::routes())
        .merge(health::routes())
        .merge(invoices::routes())
        .merge(keyset::routes())
        .merge(kinde::routes())
        .merge(licence::routes())
        .merge(openapi::routes())
        .merge(plan_changes::routes())
        .merge(plans::routes())
        .merge(portal::routes())
        .merge(subscription::routes())
        .merge(terms::routes())
        .merge(trials::routes())
        .merge(usage::routes())
        .merge(wallet::routes())
}

/// Where the gateway's routes begin.
const GATEWAY: &str = "/v1/gateway";

impl Service {
    /// Its routes, without limits on how often they are asked: for one machine that nobody else reaches.
    pub fn router(self) -> Router {
        self.router_behind(&Edge::default())
    }

    /// Its routes behind what the settings put in front of them.
    pub fn router_behind(self, edge: &Edge) -> Router {
        self.router_with(edge, OpenApiRouter::new(), None)
    }

    /// Its routes, and others that are served as if they were its own; and the gateway, whose answers stream for as long as
    /// their upstream does: it sets its own limits, and its refusals are its own.
    pub fn router_with(
        self,
        edge: &Edge,
        more: OpenApiRouter<Self>,
        gateway: Option<Router>,
    ) -> Router {
        let longest = edge.longest_answer();
        let answers = answers()
            .merge(more)
            .layer(middleware::from_fn(problem::always))
            .layer(middleware::from_fn_with_state(longest, in_time));
        let (routes, _) = answers.split_for_parts();
        let mut routes = routes.with_state(self.clone());
        if let Some(gateway) = gateway {
            routes = routes.nest(GATEWAY, gateway);
        }
        let routes = routes
            // Pages for people, which say in their own words what is wrong.
            .merge(self.billing().pages())
            .fallback(problem::not_found)
            .method_not_allowed_fallback(problem::method_not_allowed);
        edge.before(&self, routes)
    }
}

/// Gives up what takes too long, so that a client hears of it.
async fn in_time(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    tokio::time::timeout(longest, next.run(request))
        .await
        .map_err(|_| Problem::too_slow())
}
