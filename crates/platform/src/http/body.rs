//! What requests carry: their JSON, the device's credential, the client's name for the request.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};
use crate::credential;

/// A JSON body; one that cannot be read is a problem, too.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        let Json(body) = read.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => unreadable(StatusCode::PAYLOAD_TOO_LARGE),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
                Code::UnsupportedMediaType,
                "The body has to be application/json.",
            ),
            _ => Problem::new(
                Code::InvalidRequest,
                "The body is not the JSON that this route takes.",
            ),
        })?;
        Ok(Self(body))
    }
}

/// Why a body could not be read.
pub(super) fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::TooLarge, "The body is longer than any that is taken.")
    } else {
        Problem::new(Code::InvalidRequest, "The body ended too early.")
    }
}

/// As long as a name, a version or an id may be, in characters.
const LONGEST: usize = 200;

/// Makes sure that there is something in each text, and not too much.
pub(crate) fn all_short(texts: &[&str]) -> Result<(), Problem> {
    let is_fine = |text: &&str| !text.trim().is_empty() && text.chars().count() <= LONGEST;
    if texts.iter().all(is_fine) {
        return Ok(());
    }
    Err(Problem::new(
        Code::InvalidRequest,
        "A field is empty or too long.",
    ))
}

/// The credential of a device.
pub(crate) struct DeviceCredential(pub(crate) SecretString);

impl<S: Send + Sync> FromRequestParts<S> for DeviceCredential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let presented = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .filter(|text| credential::is_one(text));
        presented
            .map(|text| Self(SecretString::from(text)))
            .ok_or(Problem::new(
                Code::Unauthenticated,
                "The header Authorization holds no device credential.",
            ))
    }
}

/// The client's name for a request that must not be done twice (draft-ietf-httpapi-idempotency-key-header-07).
#[derive(utoipa::IntoParams)]
#[into_params(names("Idempotency-Key"), parameter_in = Header)]
pub(crate) struct IdempotencyKey(
    /// Chosen by the client, up to 200 characters.
    pub(crate) String,
);

const LONGEST_KEY: usize = 200;

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY)
            .map(|key| Self(key.to_owned()))
            .ok_or(Problem::new(
                Code::InvalidRequest,
                "The header Idempotency-Key is missing or too long.",
            ))
    }
}
