//! Passes a call on that somebody else wrote, to the key's own origin, and its answer back as it comes.
//!
//! It must never pass a header on that it was not given for this purpose, follow a redirect, decode a body, or hand out
//! the text of a refusal before the key was taken out of it.

use std::io;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::classify::{Reply, classify_with};
use crate::credential::Credential;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::gemini;
use crate::payer::authorise_with;
use crate::provider::Protocol;
use crate::redact::Redactor;
use crate::wire::{Wire, body, read, response_id};

/// The most of a refusal's body that is passed on.
const LONGEST_REFUSAL: usize = 1024 * 1024;

/// A call to pass on. Without `Debug`: the body is nobody's to print.
pub struct Forward<'a> {
    /// Where it goes; the protocol decides about the path.
    pub endpoint: &'a Endpoint,
    /// The key, which must be of the endpoint's origin.
    pub credential: &'a Credential,
    /// The model, which Gemini has in the path.
    pub model: &'a str,
    /// Whether the answer streams, which Gemini has in the path.
    pub streams: bool,
    /// What stands behind the question mark. Never text of a caller's: addresses are logged.
    pub query: Option<&'static str>,
    /// Further headers. They may replace the protocol's version, not the key.
    pub headers: HeaderMap,
    /// The body, as it is.
    pub body: Bytes,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct Unanswered {
    /// Why.
    pub failure: Failure,
    /// Whether the provider may have seen the call.
    pub is_sent: bool,
}

/// Passes a call on. An answer of any status is an answer; redirects are not followed.
///
/// # Errors
/// [`Unanswered`] when the call may not be sent with this key, or no answer came.
pub async fn forward(wire: &Wire, call: Forward<'_>) -> Result<Forwarded, Unanswered> {
    let unsent = |failure| Unanswered {
        failure,
        is_sent: false,
    };
    let mut url = address(&call).map_err(unsent)?;
    if let Some(query) = call.query {
        url.push('?');
        url.push_str(query);
    }
    let mut headers = call.headers;
    for (name, value) in authorise_with(call.endpoint, call.credential).map_err(unsent)? {
        let Some(name) = name else { continue };
        // The key is the one value among them that is marked sensitive.
        if value.is_sensitive() {
            headers.insert(name, value);
        } else {
            headers.entry(name).or_insert(value);
        }
    }
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    // The usage is read in passing, and bytes are passed on as they are.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let response = wire
        .exchange(call.endpoint, url, headers, call.body)
        .await?;
    Ok(Forwarded { response })
}

fn address(call: &Forward<'_>) -> Result<String, Failure> {
    let base = call.endpoint.base_url.as_str();
    Ok(match call.endpoint.protocol {
        Protocol::OpenAiResponses => format!("{base}/responses"),
        Protocol::OpenAiChat => format!("{base}/chat/completions"),
        Protocol::AnthropicMessages => format!("{base}/messages"),
        Protocol::Gemini => {
            let method = if call.streams {
                "streamGenerateContent"
            } else {
                "generateContent"
            };
            gemini::address(call.endpoint, call.model, method)?
        }
    })
}

/// An answer whose body is still to come. Dropping it, or its body, cancels the call.
#[derive(Debug)]
pub struct Forwarded {
    response: Response,
}

/// What a provider said instead of an answer, without the key.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it means.
    pub failure: Failure,
    /// The body: byte for byte, unless the key or something like one was in it, or it was not text.
    pub body: Bytes,
}

impl Forwarded {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The headers, all of them.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The provider's name for the call, from the headers.
    pub fn request_id(&self) -> Option<String> {
        response_id(self.response.headers())
    }

    /// The length of the body, where it is known.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The body, byte for byte as it comes.
    pub fn body(self) -> BoxStream<'static, io::Result<Bytes>> {
        body(self.response).boxed()
    }

    /// Reads a refusal to its end. At most a mebibyte is kept; what arrived counts when the rest is lost.
    pub async fn refusal(self, endpoint: &Endpoint, credential: &Credential) -> Refused {
        let redactor = Redactor::new(Some(credential.secret()));
        let status = self.status();
        let headers = self.response.headers().clone();
        let body = match read(self.response, LONGEST_REFUSAL, endpoint).await {
            Ok((body, _)) => body,
            Err(_) => Vec::new(),
        };
        let pairs: Vec<(&str, &str)> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let reply = Reply {
            status,
            headers: &pairs,
            body: &body,
        };
        let host = endpoint.base_url.origin().authority();
        let failure = classify_with(&reply, &host, &redactor);
        let text = String::from_utf8_lossy(&body);
        let told = redactor.redact(&text);
        let body = if told == text {
            Bytes::from(body)
        } else {
            Bytes::from(told)
        };
        Refused { failure, body }
    }
}
