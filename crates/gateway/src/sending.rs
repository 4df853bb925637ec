//! One admitted call to the provider, and its answer back.
//!
//! It must never try another key once a byte went to the caller, nor pass on what the provider says about the key.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use brasskey_providers::{
    BodyKind, Cause, Credential, Endpoint, Forward, Forwarded, Meter, Protocol, Refused, forward,
};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::admitted::Admitted;
use crate::asked::Asked;
use crate::authority::{Authority, Ending, Refusal};
use crate::gateway::{Gateway, Shared};
use crate::relay::{Flow, Relay};
use crate::{headers, problem};

/// A call on its way to the provider.
pub(crate) struct Sending<'a, A: Authority> {
    pub(crate) shared: &'a Arc<Shared<A>>,
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Option<&'static str>,
    pub(crate) asked: Asked,
}

impl<A: Authority> Sending<'_, A> {
    pub(crate) async fn run(
        self,
        protocol: Protocol,
        mut admitted: Admitted<A>,
        mut credential: Credential,
        permit: OwnedSemaphorePermit,
    ) -> Result<Response, Refusal> {
        if self.endpoint.protocol != protocol {
            admitted.settle(Ending::NotSent);
            tracing::error!(?protocol, endpoint = ?self.endpoint.protocol, "an admission of another protocol");
            return Err(problem::internal());
        }
        let body = if self.endpoint.takes_usage_option() {
            self.asked.asking_for_usage()
        } else {
            self.asked.body().clone()
        };
        let mut may_try_another = true;
        loop {
            let answer = self.send(&mut admitted, &credential, &body).await?;
            admitted.named(answer.request_id());
            let status = answer.status();
            match status {
                200..=299 => return Ok(self.stream(answer, admitted, permit)),
                300..=399 => {
                    admitted.settle(Ending::Refused(status));
                    return Err(problem::upstream("The provider pointed elsewhere."));
                }
                _ => {}
            }
            let passed = headers::down(answer.headers());
            let reading = answer.refusal(&self.endpoint, &credential);
            let Ok(refused) = timeout(self.shared.gateway.settings.silence, reading).await else {
                admitted.settle(Ending::Refused(status));
                return Err(problem::upstream(
                    "The provider refused and did not finish.",
                ));
            };
            if !is_about_key(status, &refused) {
                admitted.settle(Ending::Refused(status));
                return Ok(pass_refusal(status, passed, refused.body));
            }
            if may_try_another && let Some(another) = admitted.another_key(&credential).await {
                may_try_another = false;
                credential = another;
                continue;
            }
            admitted.settle(Ending::Refused(status));
            tracing::error!(status, cause = %refused.failure.cause, host = refused.failure.host, "the provider refused the key");
            // The provider's own words would make the caller doubt its own token.
            return Err(Refusal::new(
                503,
                "provider-key-unavailable",
                "The provider does not accept the key that pays for this call.",
            ));
        }
    }

    async fn send(
        &self,
        admitted: &mut Admitted<A>,
        credential: &Credential,
        body: &Bytes,
    ) -> Result<Forwarded, Refusal> {
        let gateway = &self.shared.gateway;
        let sending = forward(
            &gateway.wire,
            Forward {
                endpoint: &self.endpoint,
                credential,
                model: &self.asked.model,
                streams: self.asked.streams,
                query: self.query,
                headers: self.headers.clone(),
                body: body.clone(),
            },
        );
        admitted.sending();
        match timeout(gateway.settings.answer_within, sending).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(unanswered)) => {
                tracing::warn!(failure = %unanswered.failure, code = unanswered.failure.provider_code, "no answer");
                admitted.settle(if unanswered.is_sent {
                    Ending::Broken
                } else {
                    Ending::NotSent
                });
                Err(problem::upstream("The provider could not be reached."))
            }
            Err(_) => {
                admitted.settle(Ending::Broken);
                Err(problem::upstream("The provider did not answer in time."))
            }
        }
    }

    fn stream(
        &self,
        answer: Forwarded,
        mut admitted: Admitted<A>,
        permit: OwnedSemaphorePermit,
    ) -> Response {
        let kind = kind(answer.headers());
        admitted.answered(Meter::new(&self.endpoint, kind));
        let status = answer.status();
        let mut passed = headers::down(answer.headers());
        if kind == BodyKind::Events {
            headers::unbuffered(&mut passed);
        }
        let Gateway {
            settings, tasks, ..
        } = &self.shared.gateway;
        let flow = Flow::new(
            answer.length(),
            (answer.body(), permit),
            admitted,
            self.endpoint.protocol,
            settings.silence,
        );
        respond(status, passed, Body::new(Relay::new(flow, settings, tasks)))
    }
}

fn kind(headers: &HeaderMap) -> BodyKind {
    let says = |name: HeaderName, word: &str| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains(word))
    };
    if headers.contains_key(CONTENT_ENCODING) && !says(CONTENT_ENCODING, "identity") {
        BodyKind::Encoded
    } else if says(CONTENT_TYPE, "event-stream") {
        BodyKind::Events
    } else {
        BodyKind::Json
    }
}

/// Whether another key could change the answer.
fn is_about_key(status: u16, refused: &Refused) -> bool {
    status == 401
        || matches!(
            refused.failure.cause,
            Cause::KeyInvalid
                | Cause::KeyInvalidOrQuota
                | Cause::KeyDisabled
                | Cause::KeyExpired
                | Cause::KeyWrongKind
        )
}

fn pass_refusal(status: u16, mut passed: HeaderMap, body: Bytes) -> Response {
    // The body is told as text, whatever it came as.
    passed.remove(CONTENT_ENCODING);
    respond(status, passed, Body::from(body))
}

fn respond(status: u16, passed: HeaderMap, body: Body) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, body).into_response();
    *response.headers_mut() = passed;
    response
}
