//! The three shapes of clients: where they put their token, and how they read an error.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use brasskey_providers::Protocol;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::authority::Refusal;

/// Whose client it is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    OpenAi,
    Anthropic,
    Gemini,
}

impl From<Protocol> for Shape {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => Self::OpenAi,
            Protocol::AnthropicMessages => Self::Anthropic,
            Protocol::Gemini => Self::Gemini,
        }
    }
}

impl Shape {
    /// The caller's token: in the vendor's own header, or as a bearer token.
    pub(crate) fn token(self, headers: &HeaderMap) -> Option<SecretString> {
        let own = match self {
            Self::OpenAi => None,
            Self::Anthropic => headers.get("x-api-key"),
            Self::Gemini => headers.get("x-goog-api-key"),
        };
        let token = match own {
            Some(value) => value.to_str().ok()?,
            None => {
                let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
                let (scheme, token) = value.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then_some(token)?
            }
        };
        let token = token.trim();
        (!token.is_empty()).then(|| token.to_owned().into())
    }

    /// The `error` member that this shape's clients read.
    pub(crate) fn error(self, refusal: &Refusal) -> Value {
        let Refusal {
            status,
            code,
            detail,
            ..
        } = refusal;
        match self {
            Self::OpenAi => json!({
                "message": detail,
                "type": openai_kind(*status),
                "param": null,
                "code": code,
            }),
            Self::Anthropic => json!({ "type": anthropic_kind(*status), "message": detail }),
            Self::Gemini => json!({
                "code": status,
                "message": detail,
                "status": gemini_status(*status),
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": code,
                    "domain": "brasskey",
                }],
            }),
        }
    }
}

fn openai_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "insufficient_quota",
        403 => "permission_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

fn anthropic_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

fn gemini_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 429 => "RESOURCE_EXHAUSTED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}
