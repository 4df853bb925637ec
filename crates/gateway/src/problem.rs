//! Refusals as problem documents (RFC 9457) that the vendors' clients understand as well.
//!
//! It must never carry anything that a provider or a caller wrote.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::authority::Refusal;
use crate::shape::Shape;

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after: None,
            more: Map::new(),
        }
    }

    /// The document. Its own members cannot be replaced by `more`.
    pub(crate) fn render(self, shape: Shape) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut document = self.more.clone();
        let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
        set("type", format!("urn:brasskey:problem:{}", self.code).into());
        set("title", title(self.code).into());
        set("status", status.as_u16().into());
        set("detail", self.detail.as_str().into());
        set("code", self.code.into());
        set("error", shape.error(&self));
        // Whole seconds, rounded up: earlier would be too early.
        let retry_after = self.retry_after.map(|wait| {
            wait.as_secs()
                .saturating_add(u64::from(wait.subsec_nanos() > 0))
        });
        if let Some(seconds) = retry_after {
            set("retry_after", seconds.into());
        }
        let body = Body::from(Value::Object(document).to_string());
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// `allowance-spent` as a person writes it: "Allowance spent".
fn title(code: &str) -> String {
    let words = code.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

pub(crate) fn unauthenticated() -> Refusal {
    Refusal::new(401, "unauthenticated", "A token is needed.")
}

pub(crate) fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::new(400, "invalid-request", detail)
}

pub(crate) fn not_found() -> Refusal {
    Refusal::new(404, "not-found", "No route has this path.")
}

pub(crate) fn wrong_method() -> Refusal {
    Refusal::new(405, "method-not-allowed", "The path has other methods.")
}

pub(crate) fn internal() -> Refusal {
    Refusal::new(500, "internal", "The gateway failed. Nothing was sent.")
}

pub(crate) fn upstream(detail: &str) -> Refusal {
    Refusal::new(502, "upstream-error", detail)
}
