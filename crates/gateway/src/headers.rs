//! The headers that pass, in each direction. Everything else stays where it came from.
//!
//! No list may hold a header that carries a credential, a cookie, a host, or the name of the key's owner.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};

/// What a caller may tell a provider.
const UP: &[&str] = &[
    "accept",
    "content-type",
    "anthropic-beta",
    "anthropic-version",
    "openai-beta",
];

/// What a provider may tell a caller.
const DOWN: &[&str] = &[
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "retry-after",
    "apim-request-id",
    "openai-model",
    "openai-processing-ms",
    "openai-version",
    "request-id",
    "retry-after-ms",
    "x-amzn-requestid",
    "x-generation-id",
    "x-request-id",
    "x-should-retry",
];

/// Families of headers about limits.
const LIMITS: &[&str] = &["x-ratelimit-", "anthropic-ratelimit-", "ratelimit"];

/// A caller's headers, as far as they go up.
pub(crate) fn up(headers: &HeaderMap) -> HeaderMap {
    let mut passed = HeaderMap::with_capacity(UP.len() + 4);
    for name in UP {
        for value in headers.get_all(*name) {
            passed.append(*name, value.clone());
        }
    }
    passed
}

/// A provider's headers, as far as they come down.
pub(crate) fn down(headers: &HeaderMap) -> HeaderMap {
    let mut passed = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let limits = LIMITS.iter().any(|limit| name.as_str().starts_with(limit));
        if limits || DOWN.contains(&name.as_str()) {
            passed.append(name, value.clone());
        }
    }
    passed
}

/// A proxy in front must not gather what comes bit by bit.
pub(crate) fn unbuffered(headers: &mut HeaderMap) {
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
}
