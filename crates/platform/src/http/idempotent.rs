//! Requests that must not be done twice (draft-ietf-httpapi-idempotency-key-header-07): [`idempotent`] round the routes of
//! changes. The same request under the same name is answered as it was the first time, when it was done. What was refused or is
//! only under way is asked again: a route that answers 202 knows its own request by its name.
//!
//! Never round a route whose answer holds a credential: answers are stored as they went out. Such routes repeat themselves
//! with a fresh credential (see `trials`).

use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;

use super::body::{IdempotencyKey, unreadable};
use super::caller::Caller;
use super::problem::{self, Code, Problem};
use crate::clock::new_id;
use crate::credential;
use crate::service::Service;
use crate::store::{Claim, Claimed, StoreError, StoredAnswer};

/// Whoever runs a request is taken for dead after this time.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A request is given up in good time before that.
const LONGEST_RUN: Duration = Duration::from_secs(45);
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// No answer of a change is longer.
const LONGEST_ANSWER: usize = 256 * 1024;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Makes every route of a router one that is done once under one `Idempotency-Key` of an account. The caller is a device.
pub fn idempotent(routes: OpenApiRouter<Service>) -> OpenApiRouter<Service> {
    routes.route_layer(middleware::from_fn(once))
}

async fn once(
    Extension(service): Extension<Service>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &service).await?;
    let IdempotencyKey(key) = IdempotencyKey::from_request_parts(&mut parts, &service).await?;
    // Read as a handler would, with its limit.
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &service)
        .await
        .map_err(|rejection| unreadable(rejection.status()))?;
    let now = service.now();
    let after = |time| now.checked_add(time).map_err(|_| Problem::internal());
    let claim = Claim {
        request_hash: hash(&caller, &parts, &body),
        account_id: caller.account_id,
        request_key: credential::digest(key.as_bytes()),
        id: new_id("clm"),
        lease_until: after(LEASE)?,
        expires_at: after(KEPT)?,
    };
    match service.store().claim_request(&claim, now).await? {
        Claimed::Mine => {}
        Claimed::Running(left) => {
            let problem = Problem::new(Code::RequestInProgress, "The first one is still running.");
            return Err(
                problem.retry_after(left.clamp(Duration::from_secs(1), Duration::from_secs(5)))
            );
        }
        Claimed::Other => {
            return Err(Problem::new(
                Code::IdempotencyMismatch,
                "Another request was sent under this Idempotency-Key.",
            ));
        }
        Claimed::Done(answer) => return replay(answer),
    }
    let request = Request::from_parts(parts, Body::from(body));
    // It runs to its end even when the client leaves, so that the client finds its answer when it comes back.
    let tasks = service.tasks().clone();
    let run = problem::in_this_request(run(service, claim, next, request));
    tasks
        .spawn(run.in_current_span())
        .await
        .map_err(|_| Problem::internal())?
}

/// The same device sends the same body to the same path.
fn hash(caller: &Caller, parts: &Parts, body: &[u8]) -> String {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let head = format!("{}\n{} {path}\n", caller.device_id, parts.method);
    credential::digest(&[head.as_bytes(), body].concat())
}

async fn run(
    service: Service,
    claim: Claim,
    next: Next,
    request: Request,
) -> Result<Response, Problem> {
    let response = tokio::time::timeout(LONGEST_RUN, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::too_slow().into_response());
    // A failure of ours is no answer: the next try may succeed.
    if response.status().is_server_error() {
        service.store().release_request(&claim).await?;
        return Ok(response);
    }
    // Neither is a refusal, whose cause may be gone by then, nor what is only under way: who asks again hears how it stands.
    if !response.status().is_success() || response.status() == StatusCode::ACCEPTED {
        service.store().let_ask_again(&claim).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_ANSWER)
        .await
        .map_err(|_| Problem::internal())?;
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| StoreError::Unreadable("an answer that is no text"))?;
    if credential::stands_in(&text) {
        tracing::error!("an answer with a credential is not stored");
        service.store().release_request(&claim).await?;
    } else {
        let answer = StoredAnswer {
            status: parts.status.as_u16(),
            kind: parts
                .headers
                .get(CONTENT_TYPE)
                .and_then(|kind| kind.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: text,
        };
        service.store().keep_answer(&claim, &answer).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(answer: StoredAnswer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status)
        .map_err(|_| StoreError::Unreadable("a stored status"))?;
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    if let Ok(kind) = HeaderValue::from_str(&answer.kind)
        && !kind.is_empty()
    {
        headers.insert(CONTENT_TYPE, kind);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
