//! Responses that are not streams: errors in a provider's own shape, and the faults that come instead of an answer.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::asked::Refused;
use super::wire::Wire;

/// An error of the client's making, in the shape of `wire`.
pub(crate) fn error(
    wire: Wire,
    status: u16,
    message: &str,
    param: Option<&str>,
    code: &str,
) -> Refused {
    let body = match wire {
        Wire::Anthropic => json!({
            "type": "error",
            "error": { "type": anthropic_type(status), "message": message },
        }),
        Wire::Gemini => json!({
            "error": { "code": status, "message": message, "status": google_status(status) },
        }),
        Wire::OpenRouter => json!({
            "error": { "code": status, "message": message, "metadata": { "error_type": code } },
        }),
        Wire::OpenAi | Wire::Compatible | Wire::Ollama => json!({
            "error": { "message": message, "type": "invalid_request_error", "param": param, "code": code },
        }),
    };
    (status, body)
}

/// A JSON response.
pub(crate) fn json(status: u16, body: Value) -> Response {
    (status_code(status), Json(body)).into_response()
}

/// Nothing here stands for this; the test or the person that asked for it must see so.
pub(crate) fn not_in_the_sandbox(message: &str) -> Response {
    json(
        501,
        json!({ "error": { "message": message, "type": "sandbox", "code": "not_in_the_sandbox" } }),
    )
}

/// 200 with a web page.
pub(crate) fn captive_portal() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Free Wi-Fi</h1>\
                <form><button>Accept the terms</button></form></body></html>";
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (StatusCode::OK, [(CONTENT_TYPE, html)], Body::from(page)).into_response()
}

/// A redirect, with a body that says so.
pub(crate) fn redirect(status: u16, to: &str) -> Response {
    match HeaderValue::try_from(to) {
        Ok(location) => (status_code(status), [(LOCATION, location)], "Moved").into_response(),
        Err(_) => not_in_the_sandbox("the redirect's target is not a header value"),
    }
}

/// An error that repeats the whole key, as Google does and others might.
pub(crate) fn key_echo(wire: Wire, key: &str) -> Response {
    let (status, body) = match wire {
        Wire::Gemini => {
            let consumer = format!("api_key:{key}");
            let body = json!({ "error": {
                "code": 403,
                "message": format!("Permission denied: Consumer '{consumer}' has been suspended."),
                "status": "PERMISSION_DENIED",
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "CONSUMER_SUSPENDED",
                    "domain": "googleapis.com",
                    "metadata": { "containerInfo": consumer, "service": "generativelanguage.googleapis.com" },
                }],
            }});
            (403, body)
        }
        Wire::Anthropic => {
            let message = format!("invalid x-api-key: {key}");
            let error = json!({ "type": "authentication_error", "message": message });
            (401, json!({ "type": "error", "error": error }))
        }
        _ => {
            let message = format!("Incorrect API key provided: {key}. Authorization: Bearer {key}");
            error(wire, 401, &message, None, "invalid_api_key")
        }
    };
    json(status, body)
}

/// As [`key_echo`], with the key percent-encoded.
pub(crate) fn key_echo_encoded(wire: Wire, key: &str) -> Response {
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    key_echo(wire, &encoded)
}

/// 401 with the key in a body that breaks off.
pub(crate) fn key_echo_malformed(key: &str) -> Response {
    let json = HeaderValue::from_static("application/json");
    let body =
        format!("{{\"error\":{{\"message\":\"Incorrect API key provided: {key}\",\"code\":\"{key}");
    (
        StatusCode::UNAUTHORIZED,
        [(CONTENT_TYPE, json)],
        Body::from(body),
    )
        .into_response()
}

/// 429 with a delay.
pub(crate) fn rate_limited(wire: Wire, retry_after: Duration) -> Response {
    let seconds = retry_after.as_secs();
    let body = match wire {
        Wire::Anthropic => json!({
            "type": "error",
            "error": {
                "type": "rate_limit_error",
                "message": "This request would exceed your organization's rate limit of 50 requests per minute.",
            },
        }),
        Wire::Gemini => json!({ "error": {
            "code": 429,
            "message": format!("You exceeded your current quota. Please retry in {seconds}s."),
            "status": "RESOURCE_EXHAUSTED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                    "violations": [{
                        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                        "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                    }],
                },
                {
                    "@type": "type.googleapis.com/google.rpc.RetryInfo",
                    "retryDelay": format!("{seconds}s"),
                },
            ],
        }}),
        Wire::OpenRouter => json!({ "error": {
            "code": 429,
            "message": "Rate limit exceeded.",
            "metadata": { "error_type": "rate_limit_exceeded" },
        }}),
        Wire::OpenAi | Wire::Compatible | Wire::Ollama => json!({ "error": {
            "message": format!("Rate limit reached on requests per min (RPM). Please try again in {seconds}s."),
            "type": "requests",
            "param": null,
            "code": "rate_limit_exceeded",
        }}),
    };
    let mut response = json(429, body);
    // Gemini has the delay in its body alone.
    if wire != Wire::Gemini {
        response.headers_mut().insert(
            HeaderName::from_static("retry-after"),
            HeaderValue::from(seconds),
        );
    }
    response
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        _ => "invalid_request_error",
    }
}

fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        _ => "INVALID_ARGUMENT",
    }
}
