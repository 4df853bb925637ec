//! The one function that every model call passes.
//!
//! It must never repeat a call on its own, but for two cases: the provider refused an optional parameter, or the version of the
//! protocol, before it began.

use std::io;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Serialize;

use crate::answer::{AnswerStream, Head};
use crate::classify::{Reply, classify_with};
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::limits::rate_limits;
use crate::payer::Payer;
use crate::provider::Protocol;
use crate::redact::Redactor;
use crate::request::ChatRequest;
use crate::wire::{Call, Wire, body, response_id};
use crate::{anthropic, compatible, gemini, openai};

/// The most of a body that is read to find out why it is not a stream.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// Asks a model and returns its answer as a stream of events.
///
/// The credential's origin must be the endpoint's, and only this computer may be called without one; otherwise nothing
/// is sent. The call is cancelled by dropping this future or the stream.
///
/// # Errors
/// A [`Failure`] when the provider was not reached or refused before it began to answer. Failures after that are in
/// [`crate::Ending::result`].
pub async fn send(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
    request: &ChatRequest,
) -> Result<AnswerStream, Failure> {
    let response = match wire
        .send(endpoint, payer, call(endpoint, request, true)?)
        .await
    {
        Err(failure) if names_an_extra(&failure) => {
            wire.send(endpoint, payer, call(endpoint, request, false)?)
                .await?
        }
        Err(failure) if names_the_version(&failure, endpoint) => {
            let again = Call {
                in_older_version: true,
                ..call(endpoint, request, true)?
            };
            wire.send(endpoint, payer, again).await?
        }
        other => other?,
    };
    answer(endpoint, payer, response).await
}

/// Whether a gateway does not know the current version of Anthropic's protocol.
fn names_the_version(failure: &Failure, endpoint: &Endpoint) -> bool {
    endpoint.protocol == Protocol::AnthropicMessages
        && endpoint.profile().anthropic_version != anthropic::OLDER_VERSION
        && failure.cause == Cause::BadRequest
        && failure
            .message
            .as_ref()
            .is_some_and(|text| text.to_ascii_lowercase().contains("anthropic-version"))
}

/// Whether a refusal is about one of the optional parameters that the request bodies add.
fn names_an_extra(failure: &Failure) -> bool {
    const EXTRAS: &[&str] = &[
        "stream_options",
        "include_usage",
        "include_obfuscation",
        "thinking",
        "include_thoughts",
        "includethoughts",
    ];
    let about = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| {
            let text = text.to_ascii_lowercase();
            EXTRAS.iter().any(|extra| text.contains(extra))
        })
    };
    failure.cause == Cause::BadRequest
        && matches!(failure.status, Some(400 | 422))
        && about(&failure.message)
}

fn call(endpoint: &Endpoint, request: &ChatRequest, extras: bool) -> Result<Call, Failure> {
    let base = endpoint.base_url.as_str();
    let (url, body) = match endpoint.protocol {
        Protocol::OpenAiResponses => (
            format!("{base}/responses"),
            encode(&openai::request::Body::new(request, extras), endpoint),
        ),
        Protocol::OpenAiChat => (
            format!("{base}/chat/completions"),
            encode(
                &compatible::request::Body::new(endpoint, request, extras),
                endpoint,
            ),
        ),
        Protocol::AnthropicMessages => (
            format!("{base}/messages"),
            encode(&anthropic::request::Body::new(request), endpoint),
        ),
        Protocol::Gemini => {
            let mut url = gemini::address(endpoint, &request.model, "streamGenerateContent")?;
            url.push_str("?alt=sse");
            (
                url,
                encode(&gemini::request::Body::new(request, extras), endpoint),
            )
        }
    };
    Ok(Call::stream(url, body?))
}

pub(crate) fn encode(body: &impl Serialize, endpoint: &Endpoint) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(body).map_err(|_| {
        Failure::new(Cause::BadRequest, endpoint.base_url.origin().authority())
            .with_code("not_encodable")
    })
}

/// Tells a stream from a body that only claims success: an error as JSON (xAI), or the page of a portal.
async fn answer(
    endpoint: &Endpoint,
    payer: &Payer,
    response: Response,
) -> Result<AnswerStream, Failure> {
    let redactor = payer.redactor();
    let head = head(response.headers());
    let says_stream = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("event-stream"));
    let status = response.status().as_u16();
    let mut body = body(response).boxed();
    if says_stream {
        return Ok(AnswerStream::new(endpoint, head, redactor, body));
    }
    let mut begun = Vec::new();
    while begun.len() < LONGEST_REFUSAL {
        match first_character(&begun) {
            Some(b'{' | b'[' | b'<') => {
                read_on(&mut body, &mut begun).await;
                return Err(not_a_stream(
                    endpoint,
                    status,
                    &begun,
                    head.request_id,
                    &redactor,
                ));
            }
            Some(_) => break,
            None => {}
        }
        match body.next().await {
            Some(Ok(chunk)) => begun.extend_from_slice(&chunk),
            Some(Err(_)) | None => break,
        }
    }
    let begun = stream::iter([Ok(Bytes::from(begun))]);
    Ok(AnswerStream::new(
        endpoint,
        head,
        redactor,
        begun.chain(body),
    ))
}

fn head(headers: &HeaderMap) -> Head {
    Head {
        request_id: response_id(headers),
        limits: rate_limits(|name| headers.get(name)?.to_str().ok()),
    }
}

/// The first byte that is neither white space nor part of a byte order mark.
fn first_character(body: &[u8]) -> Option<u8> {
    body.iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF))
}

async fn read_on(body: &mut (impl Stream<Item = io::Result<Bytes>> + Unpin), begun: &mut Vec<u8>) {
    while begun.len() < LONGEST_REFUSAL {
        match body.next().await {
            Some(Ok(chunk)) => begun.extend_from_slice(&chunk),
            Some(Err(_)) | None => return,
        }
    }
}

fn not_a_stream(
    endpoint: &Endpoint,
    status: u16,
    body: &[u8],
    request_id: Option<String>,
    redactor: &Redactor,
) -> Failure {
    let host = endpoint.base_url.origin().authority();
    let says_error = serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|value| {
        value.get("error").is_some_and(|error| !error.is_null()) || value.get(0).is_some()
    });
    let mut failure = if says_error || first_character(body) == Some(b'<') {
        let reply = Reply {
            status,
            headers: &[],
            body,
        };
        classify_with(&reply, &host, redactor)
    } else {
        Failure {
            status: Some(status),
            ..Failure::new(Cause::ProxyOrNetwork, host)
                .never_retried()
                .with_code("not_a_stream")
        }
    };
    failure.request_id = failure
        .request_id
        .or(request_id.map(|id| redactor.name(&id)));
    failure
}
