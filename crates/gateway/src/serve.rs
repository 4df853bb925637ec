//! One call from its request to the authority's leave.
//!
//! It must never let anything be sent before that, nor read a body before it knows that there is a token and room.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use brasskey_providers::Protocol;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::admitted::Admitted;
use crate::asked::Asked;
use crate::authority::{Admission, Authority, Call, Refusal};
use crate::gateway::Shared;
use crate::sending::Sending;
use crate::shape::Shape;
use crate::tally::Tally;
use crate::unbroken::Unbroken;
use crate::{headers, problem};

/// The header that tells a caller the name of its call, by which it is settled.
const HOLD: &str = "brasskey-hold";
/// The longest name of a call.
const LONGEST_ID: usize = 200;

/// Serves a call, or says why not in the shape of its protocol.
pub(crate) async fn answer<A: Authority>(
    shared: Arc<Shared<A>>,
    protocol: Protocol,
    addressed: Option<(String, bool)>,
    request: Request,
) -> Response {
    served(&shared, protocol, addressed, request)
        .await
        .unwrap_or_else(|refusal| refusal.render(protocol.into()))
}

async fn served<A: Authority>(
    shared: &Arc<Shared<A>>,
    protocol: Protocol,
    addressed: Option<(String, bool)>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let token = Shape::from(protocol)
        .token(&parts.headers)
        .ok_or_else(problem::unauthenticated)?;
    // Before the body is read: what is in memory at a time is bounded by it.
    let permit = Arc::clone(&shared.calls)
        .try_acquire_owned()
        .map_err(|_| busy())?;
    let id = match parts.headers.get("idempotency-key") {
        None => (shared.gateway.new_id)(),
        Some(value) => name(value)?,
    };
    let asked = Asked::read(read(shared, &parts.headers, body).await?, addressed)?;
    let call = Call {
        id: id.clone(),
        protocol,
        model: asked.model.clone(),
        most_input: asked.body().len() as u64,
        most_output: asked.most_output,
        digest: Sha256::digest(asked.body()).into(),
    };
    let (body_bytes, most_output) = (call.most_input, call.most_output);
    let at_ms = (shared.gateway.now_ms)();
    // Unbroken: a client that leaves now must not cancel an admission half-way and lose its hold.
    let admitting = {
        let shared = Arc::clone(shared);
        async move {
            let Admission {
                hold,
                endpoint,
                credential,
                price,
                limit,
            } = shared.gateway.authority.admit(token, call).await?;
            let tally = Tally {
                price,
                limit,
                body_bytes,
                most_output,
                at_ms,
            };
            let admitted = Admitted::new(Arc::clone(&shared), hold, tally);
            Ok((admitted, endpoint, credential))
        }
    };
    let (admitted, endpoint, credential) = Unbroken::new(admitting, &shared.gateway.tasks).await?;
    let sending = Sending {
        shared,
        endpoint,
        headers: headers::up(&parts.headers),
        query: query(protocol, parts.uri.query()),
        asked,
    };
    let mut response = sending.run(protocol, admitted, credential, permit).await?;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HOLD, id);
    }
    Ok(response)
}

/// A name that a client gave its call.
fn name(value: &HeaderValue) -> Result<String, Refusal> {
    let text = value.to_str().unwrap_or("");
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > LONGEST_ID || !is_visible {
        return Err(problem::invalid(
            "`Idempotency-Key` must be 1 to 200 visible ASCII characters.",
        ));
    }
    Ok(text.to_owned())
}

/// The parameters of an address that mean something. None of them is text of the caller's.
fn query(protocol: Protocol, query: Option<&str>) -> Option<&'static str> {
    let known = match protocol {
        Protocol::Gemini => "alt=sse",
        Protocol::AnthropicMessages => "beta=true",
        Protocol::OpenAiChat | Protocol::OpenAiResponses => return None,
    };
    query?
        .split('&')
        .any(|parameter| parameter == known)
        .then_some(known)
}

fn busy() -> Refusal {
    Refusal {
        retry_after: Some(Duration::from_secs(1)),
        ..Refusal::new(503, "busy", "The gateway has too many calls at the moment.")
    }
}

async fn read<A: Authority>(
    shared: &Shared<A>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Refusal> {
    let settings = &shared.gateway.settings;
    let too_large = || {
        let most = settings.longest_body;
        Refusal::new(
            413,
            "body-too-large",
            format!("A body has at most {most} bytes."),
        )
    };
    let told = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > settings.longest_body as u64) {
        return Err(too_large());
    }
    let reading = axum::body::to_bytes(body, settings.longest_body);
    match timeout(settings.body_within, reading).await {
        Ok(Ok(body)) => Ok(body),
        // The only source of an error that a client lives to read is the limit.
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(Refusal::new(
            408,
            "body-timeout",
            "The body took too long to arrive.",
        )),
    }
}
