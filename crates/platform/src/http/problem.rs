//! Refusals: problem documents (RFC 9457) with a code that clients match on. Texts are for people who read logs.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use brasskey_licence::TokenError;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponsesBuilder};

use super::body::unreadable;
use crate::store::StoreError;

tokio::task_local! {
    /// The id of the request that this task serves: problems name it.
    static REQUEST: String;
}

/// Runs what serves a request under its id.
pub(super) async fn in_request<F: Future>(id: String, serve: F) -> F::Output {
    REQUEST.scope(id, serve).await
}

/// Takes the id of this request along to another task.
pub(super) fn in_this_request<F: Future>(serve: F) -> impl Future<Output = F::Output> {
    let id = REQUEST.try_with(String::clone).unwrap_or_default();
    REQUEST.scope(id, serve)
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
    /// Members that belong to this code: a signed statement, a limit, a list of devices.
    more: Map<String, Value>,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// What clients match on. Stable once shipped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($name,)* }

        impl Code {
            const fn words(self) -> (&'static str, StatusCode, &'static str) {
                match self { $(Self::$name => ($code, StatusCode::$status, $title),)* }
            }
        }
    };
}

codes! {
    InvalidRequest = "invalid-request", BAD_REQUEST, "The request makes no sense";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A credential is needed";
    TokenAudience = "token-audience", UNAUTHORIZED, "The access token is for somebody else";
    DeviceUnknown = "device-unknown", UNAUTHORIZED, "This credential is no device's";
    DeviceRevoked = "device-revoked", FORBIDDEN, "This device was revoked";
    DeviceLimit = "device-limit", CONFLICT, "All seats are taken";
    DeviceInUse = "device-in-use", CONFLICT, "This device belongs to another account";
    TermsChanged = "terms-changed", CONFLICT, "Another text is to be accepted";
    TrialUsed = "trial-used", CONFLICT, "This device had its trial";
    SignInNeeded = "sign-in-needed", FORBIDDEN, "This needs an account";
    PlanChangePending = "plan-change-pending", CONFLICT, "Another change of plan is open";
    PlanChangeDenied = "plan-change-denied", UNPROCESSABLE_ENTITY, "The plan cannot be had that way";
    PreviewChanged = "preview-changed", CONFLICT, "What was accepted is not what would happen now";
    PaymentRequired = "payment-required", PAYMENT_REQUIRED, "A payment is needed";
    BillingUnavailable = "billing-unavailable", SERVICE_UNAVAILABLE, "The billing provider does not answer";
    NotFound = "not-found", NOT_FOUND, "There is no such thing";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This cannot be done with that";
    RequestInProgress = "request-in-progress", CONFLICT, "The same request is still running";
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The request is too long";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The request is of another kind";
    IdempotencyMismatch = "idempotency-mismatch", UNPROCESSABLE_ENTITY, "Another request had this name";
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, "Too many requests";
    IdentityUnavailable = "identity-unavailable", SERVICE_UNAVAILABLE, "Nobody can sign in now";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service is busy";
    Internal = "internal", INTERNAL_SERVER_ERROR, "The service failed";
}

/// The document of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct Document {
    /// `urn:brasskey:problem:` and the code.
    r#type: String,
    title: &'static str,
    status: u16,
    /// For people.
    detail: Cow<'static, str>,
    code: &'static str,
    /// `urn:brasskey:request:` and the id under which the request was logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after: None,
            more: Map::new(),
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "It was logged under the id of this request.",
        )
    }

    pub(crate) fn too_slow() -> Self {
        Self::new(Code::Unavailable, "It took too long. Try again.")
            .retry_after(Duration::from_secs(5))
    }

    /// With a member that belongs to its code.
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// With the time after which trying again makes sense.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database refused");
        if error.is_unavailable() {
            return Self::new(Code::Unavailable, "Try again in a few seconds.")
                .retry_after(Duration::from_secs(5));
        }
        Self::internal()
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        tracing::error!(%error, "a licence could not be signed");
        Self::internal()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, status, title) = self.code.words();
        // A part of a second is a second: who comes too early is refused again.
        let wait = self
            .retry_after
            .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        let document = Document {
            r#type: format!("urn:brasskey:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            code,
            instance: REQUEST
                .try_with(|id| format!("urn:brasskey:request:{id}"))
                .ok(),
            retry_after: wait,
            more: self.more,
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

impl utoipa::IntoResponses for Problem {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let refusal = ResponseBuilder::new()
            .description("A refusal")
            .content("application/problem+json", content);
        ResponsesBuilder::new()
            .response("default", refusal)
            .build()
            .into()
    }
}

/// The schemas that refusals refer to.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Document)))]
pub(super) struct Schemas;

/// What a library refused in words of its own is said as a problem, too.
pub(super) async fn always(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain")) {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::new(Code::NotFound, "There is nothing here."),
        StatusCode::PAYLOAD_TOO_LARGE => unreadable(status),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Code::UnsupportedMediaType, "This route takes another kind.")
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Problem::new(
            Code::InvalidRequest,
            "The path, the query or the body is not what this route takes.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR => Problem::internal(),
        _ => return response,
    };
    problem.into_response()
}

pub(crate) async fn not_found() -> Problem {
    Problem::new(Code::NotFound, "No route has this path.")
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "The path has other methods.")
}
