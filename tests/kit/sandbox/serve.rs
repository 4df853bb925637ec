//! What all requests share, and the first and last step of each: it is written down when it comes and when it is answered.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::extract::{Query, Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::dialect;
use super::exchange::{Exchange, Outcome};
use super::keys;
use super::record::{Journal, Recorded, lock};
use super::reply;
use super::route::route;
use super::script::{Fault, Script};
use super::situations::Situations;
use super::wire::Wire;

/// The largest request that is read.
const LARGEST_REQUEST: usize = 64 << 20;

/// What the calls to come are to meet.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    pub(crate) queue: VecDeque<Script>,
    pub(crate) standing: Script,
    pub(crate) checks: VecDeque<Fault>,
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) journal: Journal,
    scripts: Mutex<Scripts>,
    pub(crate) situations: Situations,
    requests: AtomicU64,
}

impl Provider {
    pub(crate) fn new(started: Instant) -> Result<Self, serde_json::Error> {
        Ok(Self {
            journal: Journal::new(started),
            scripts: Mutex::default(),
            situations: Situations::embedded()?,
            requests: AtomicU64::new(1),
        })
    }

    pub(crate) fn scripts(&self) -> MutexGuard<'_, Scripts> {
        lock(&self.scripts)
    }
}

/// Answers one request.
pub(crate) async fn serve(State(provider): State<Arc<Provider>>, request: Request) -> Response {
    let number = provider.requests.fetch_add(1, Ordering::Relaxed);
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_REQUEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_else(|_| {
        match String::from_utf8_lossy(&body).into_owned() {
            text if text.is_empty() => Value::Null,
            text => Value::String(text),
        }
    });
    let key = keys::credentials(&parts.headers)
        .into_iter()
        .next()
        .map(|(_, key)| key);
    let entry = provider.journal.add(Recorded {
        at: Duration::ZERO,
        method: parts.method.to_string(),
        path: parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        host: header(&parts.headers, HOST.as_str()),
        headers: parts.headers.keys().map(ToString::to_string).collect(),
        key: key.clone(),
        body: body.clone(),
        request_id: None,
        status: 0,
        text_sent: String::new(),
        finished: false,
        cancelled: false,
    });
    let Some((wire, action)) = route(&parts.method, parts.uri.path()) else {
        entry.answered(404, None);
        entry.finish();
        let message = json!({ "message": "Not found", "type": "not_found_error" });
        return reply::json(404, json!({ "error": message }));
    };
    let exchange = Exchange {
        provider: &provider,
        wire,
        key,
        headers: &parts.headers,
        query: Query::try_from_uri(&parts.uri)
            .map(|Query(pairs)| pairs)
            .unwrap_or_default(),
        body: &body,
        number,
        entry: &entry,
    };
    match exchange.run(action) {
        Outcome::Reply(response) => {
            entry.answered(response.status().as_u16(), request_id(&response));
            entry.finish();
            response
        }
        Outcome::Streaming(response) => {
            // Gemini has its id in the body.
            let id = request_id(&response)
                .or_else(|| (wire == Wire::Gemini).then(|| dialect::id("", number)));
            entry.answered(response.status().as_u16(), id);
            response
        }
        Outcome::Silence => pending().await,
    }
}

fn request_id(response: &Response) -> Option<String> {
    ["x-request-id", "request-id", "x-generation-id"]
        .into_iter()
        .find_map(|name| response.headers().get(name))
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned)
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}
