//! What every request passes on its way in and every answer on its way out, whatever the route: its id, its limits, its log
//! line without anything that was in it, its count, its trace, and the headers that every answer has.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::origin::{Origin, Proxy};
use super::problem::{self, Problem};
use super::rates::{Rates, limited};
use crate::clock::new_id;
use crate::service::Service;
use crate::settings::{Limits, Settings};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// What stands in front of the routes.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    limits: Limits,
    proxy: Option<Proxy>,
    rates: Option<crate::settings::Rates>,
}

impl Edge {
    /// As the settings say.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            limits: settings.limits.clone(),
            proxy: Proxy::of(settings),
            rates: Some(settings.rates.clone()),
        }
    }

    pub(super) fn longest_answer(&self) -> Duration {
        Duration::from_secs(self.limits.answer_seconds)
    }

    /// Puts it in front of routes, their fallbacks included.
    pub(super) fn before(&self, service: &Service, routes: Router) -> Router {
        let rates = self
            .rates
            .as_ref()
            .map(|rates| Rates::new(rates, service.clock(), service.metrics()));
        let front = Front(Arc::new(Inner {
            service: service.clone(),
            proxy: self.proxy.clone(),
            rates: rates.unwrap_or_default(),
        }));
        routes
            .layer(DefaultBodyLimit::max(self.limits.body_bytes))
            .layer(Extension(service.clone()))
            .layer(middleware::from_fn_with_state(front.clone(), limited))
            .layer(middleware::from_fn_with_state(front, passed))
    }
}

/// The edge of a running service.
#[derive(Clone)]
pub(super) struct Front(Arc<Inner>);

struct Inner {
    service: Service,
    proxy: Option<Proxy>,
    rates: Rates,
}

impl Front {
    pub(super) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    pub(super) fn origin(&self, request: &Request) -> Origin {
        Origin::of(
            self.0.proxy.as_ref(),
            request.extensions(),
            request.headers(),
        )
    }

    /// The proxy's id for a request, so that its log and ours tell the same story; from anybody else, one of ours.
    fn id(&self, request: &Request) -> String {
        let given = request.headers().get(REQUEST_ID);
        given
            .filter(|_| self.origin(request).is_proxied)
            .and_then(|id| id.to_str().ok())
            .filter(|id| is_id(id))
            .map_or_else(|| new_id("req"), str::to_owned)
    }

    /// The proxy's trace goes on here (W3C Trace Context); anybody else's is not taken up.
    fn trace(&self, request: &Request, span: &Span) {
        if self.origin(request).is_proxied && request.headers().contains_key(TRACE_PARENT) {
            let context =
                TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
            if let Err(error) = span.set_parent(context) {
                tracing::debug!(%error, "a trace is not taken up");
            }
        }
    }
}

fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The methods that are counted by name.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

async fn passed(State(front): State<Front>, request: Request, next: Next) -> Response {
    let id = front.id(&request);
    let method = method(request.method());
    // Never the path itself: it may hold what a client made up.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        id,
        "http.request.method" = method,
        "http.route" = route,
        "http.response.status_code" = Empty,
        "otel.name" = format!("{method} {route}"),
        "otel.kind" = "server",
        "otel.status_code" = Empty,
    );
    front.trace(&request, &span);
    let service = &front.0.service;
    let lasting = service.metrics().request();
    let begun = service.clock().elapsed();
    let serve = problem::in_request(id.clone(), served(request, next));
    let mut response = serve.instrument(span.clone()).await;
    drop(lasting);
    let took = service.clock().elapsed().saturating_sub(begun);
    let status = response.status();
    service
        .metrics()
        .answered(method, route, status.as_u16(), took);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    span.in_scope(|| {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status = status.as_u16(), micros, "answered");
    });
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Nearly every answer is one customer's; what anybody may keep says so itself.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What panics is answered, too: whoever waits hears that it was our failure, and the connection goes on.
async fn served(request: Request, next: Next) -> Response {
    AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Problem::internal().into_response())
}
