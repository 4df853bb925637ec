//! `GET /.well-known/brasskey`: all that the application has to know to sign somebody in, so that it knows nothing of who the
//! identity provider is.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::{REDIRECT_PATH, SCOPES};
use crate::service::Service;
use crate::terms::ENGLISH;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(directory))
}

/// What the application begins with.
#[derive(Serialize, ToSchema)]
#[schema(as = Directory)]
struct View {
    /// The URL that the interface is under.
    api: String,
    keyset_url: String,
    plans_url: String,
    /// An earlier application is asked to update.
    min_app_version: String,
    /// The newest versions of the terms, by document.
    terms: BTreeMap<String, String>,
    // Its members stand beside the others, or none does.
    #[serde(flatten)]
    #[schema(value_type = SignInView)]
    sign_in: Option<SignInView>,
}

/// How to sign in; left out where no identity provider is set up.
#[derive(Serialize, ToSchema)]
struct SignInView {
    #[schema(required = false)]
    issuer: String,
    /// For the authorization code with PKCE.
    #[schema(required = false)]
    client_id: String,
    /// For the device flow.
    #[schema(required = false)]
    device_client_id: String,
    /// Sent as the parameter `audience`.
    #[schema(required = false)]
    audience: String,
    #[schema(required = false)]
    scopes: String,
    /// The redirect URI is `http://127.0.0.1:PORT` with one of these and `redirect_path`; they are compared exactly.
    #[schema(required = false)]
    loopback_ports: Vec<u16>,
    #[schema(required = false)]
    redirect_path: String,
    /// None while the identity provider cannot be asked.
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
}

/// What the application begins with.
#[utoipa::path(get, path = "/.well-known/brasskey", tag = "account", responses((status = 200, body = View)))]
async fn directory(State(service): State<Service>) -> impl IntoResponse {
    let api = service.issuer().trim_end_matches('/').to_owned();
    let terms = service.terms();
    let versions = terms.docs().filter_map(|doc| {
        let newest = terms.newest(doc, ENGLISH)?;
        Some((doc.to_owned(), newest.version.clone()))
    });
    let sign_in = sign_in(&service).await;
    let is_whole = sign_in
        .as_ref()
        .is_none_or(|view| view.token_endpoint.is_some());
    let keep = if is_whole {
        "public, max-age=300"
    } else {
        "no-store"
    };
    let view = View {
        keyset_url: format!("{api}/v1/keyset"),
        plans_url: format!("{api}/v1/plans"),
        min_app_version: service.oldest_app().to_owned(),
        terms: versions.collect(),
        sign_in,
        api,
    };
    ([(CACHE_CONTROL, keep)], Json(view))
}

async fn sign_in(service: &Service) -> Option<SignInView> {
    let identity = service.identity()?;
    let settings = identity.settings().clone();
    let known = identity.known().await.ok();
    let document = known.as_ref().map(|known| &known.document);
    let address = |url: &url::Url| url.to_string();
    Some(SignInView {
        authorization_endpoint: document.map(|document| address(&document.authorization_endpoint)),
        token_endpoint: document.map(|document| address(&document.token_endpoint)),
        device_authorization_endpoint: document
            .and_then(|document| document.device_authorization_endpoint.as_ref().map(address)),
        issuer: settings.issuer,
        client_id: settings.client_id,
        device_client_id: settings.device_client_id,
        audience: settings.audience,
        scopes: SCOPES.to_owned(),
        loopback_ports: settings.loopback_ports,
        redirect_path: REDIRECT_PATH.to_owned(),
    })
}
