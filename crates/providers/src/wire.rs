//! The only HTTP client for providers: no redirects, no proxy from the environment, TLS always on, bounded reads.
//!
//! It must never be reachable from outside of this crate, and never print a `reqwest` error, which holds the URL.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Response};

use crate::access::{Access, Proxy, Way, certificates};
use crate::anthropic;
use crate::classify::{Reply, classify_with, request_id};
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::forward::Unanswered;
use crate::payer::{Payer, authorise};
use crate::redact::Redactor;
use crate::resolve::Resolver;
use crate::unreachable::unreachable;

/// The most clients for ways of the user's own that are kept.
const MOST_WAYS: usize = 16;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a provider may be silent. OpenAI sends nothing during long reasoning, so this is minutes.
const SILENCE: Duration = Duration::from_secs(5 * 60);
/// How long an origin may take to answer at all.
const REACHED: Duration = Duration::from_secs(10);
/// The most of an error's body that is read.
const LONGEST_ERROR: usize = 64 * 1024;

/// The HTTP client could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client could not be built: TLS or its certificate store is not available")]
pub struct WireError;

/// The way to the providers. One per program; cloning shares the connections.
#[derive(Clone)]
pub struct Wire {
    clients: Arc<Mutex<Clients>>,
    kind: Kind,
}

/// The usual client, and those for ways of the user's own, each made when it is first needed.
struct Clients {
    usual: Client,
    others: HashMap<Way, Client>,
}

/// Which calls a client is for.
#[derive(Clone, Copy)]
enum Kind {
    /// The application's own.
    Own,
    /// Those that are passed on, with this time to connect.
    Relayed(Duration),
}

/// A request before it has a payer.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) accept: &'static str,
    pub(crate) body: Option<Vec<u8>>,
    /// The longest time for the whole exchange; none for streams.
    pub(crate) within: Option<Duration>,
    /// In the version of Anthropic's protocol before the current one, which some gateways know alone.
    pub(crate) in_older_version: bool,
}

impl Call {
    pub(crate) fn get(url: String, within: Duration) -> Self {
        Self {
            method: Method::GET,
            url,
            accept: "application/json",
            body: None,
            within: Some(within),
            in_older_version: false,
        }
    }

    pub(crate) fn post(url: String, body: Vec<u8>, within: Duration) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(url, within)
        }
    }

    pub(crate) fn stream(url: String, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            url,
            accept: "text/event-stream",
            body: Some(body),
            within: None,
            in_older_version: false,
        }
    }
}

impl Wire {
    /// Builds the client.
    ///
    /// # Errors
    /// [`WireError`] when TLS cannot be set up.
    pub fn new() -> Result<Self, WireError> {
        Self::of(Kind::Own)
    }

    /// Builds a client for calls that are passed on: no body is decoded, and how long a provider may be silent is the
    /// caller's to watch.
    ///
    /// # Errors
    /// [`WireError`] when TLS cannot be set up.
    pub fn relaying(connect: Duration) -> Result<Self, WireError> {
        Self::of(Kind::Relayed(connect))
    }

    fn of(kind: Kind) -> Result<Self, WireError> {
        let clients = Clients {
            usual: Self::build(kind, &Way::default())?,
            others: HashMap::new(),
        };
        Ok(Self {
            clients: Arc::new(Mutex::new(clients)),
            kind,
        })
    }

    /// Closes every connection that no call is using: each remembers the headers it sent last, and so a key. Answers that are
    /// running go on.
    pub fn hang_up(&self) {
        match Self::build(self.kind, &Way::default()) {
            Ok(usual) => {
                *self.clients() = Clients {
                    usual,
                    others: HashMap::new(),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "idle connections stay open until they are too old")
            }
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client for a way; cloning it shares its connections.
    fn client(&self, endpoint: &Endpoint, access: Option<&Access>) -> Result<Client, Failure> {
        let way = access
            .filter(|_| !endpoint.base_url.is_this_computer())
            .map(Access::way)
            .unwrap_or_default();
        let mut clients = self.clients();
        if way == Way::default() {
            return Ok(clients.usual.clone());
        }
        if let Some(client) = clients.others.get(&way) {
            return Ok(client.clone());
        }
        let client = Self::build(self.kind, &way).map_err(|_| {
            let host = endpoint.base_url.origin().authority();
            Failure::new(Cause::ProxyOrNetwork, host)
                .never_retried()
                .with_code("bad_access")
        })?;
        if clients.others.len() < MOST_WAYS {
            clients.others.insert(way, client.clone());
        }
        Ok(client)
    }

    fn build(kind: Kind, way: &Way) -> Result<Client, WireError> {
        if rustls::crypto::CryptoProvider::get_default().is_none()
            && rustls::crypto::ring::default_provider()
                .install_default()
                .is_err()
        {
            tracing::debug!("another thread chose the cryptography provider first");
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one home of the HTTP client"
        )]
        let builder = Client::builder();
        let builder = match kind {
            Kind::Own => builder
                .gzip(true)
                .connect_timeout(way.connect.unwrap_or(CONNECT))
                .read_timeout(way.silence.unwrap_or(SILENCE)),
            Kind::Relayed(connect) => builder.gzip(false).connect_timeout(connect),
        };
        let builder = match &way.proxy {
            Proxy::None => builder.no_proxy(),
            Proxy::System => builder,
            Proxy::At(address) => {
                let proxy = reqwest::Proxy::all(address).map_err(|_| WireError)?;
                builder.no_proxy().proxy(proxy)
            }
        };
        let builder = match &way.certificates {
            None => builder,
            Some(pem) => builder.tls_certs_merge(certificates(pem).map_err(|_| WireError)?),
        };
        builder
            .user_agent(concat!("Brasskey/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .dns_resolver(Resolver)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .build()
            .map_err(|_| WireError)
    }

    /// Sends a call for a payer and returns a successful response; every other one is classified.
    pub(crate) async fn send(
        &self,
        endpoint: &Endpoint,
        payer: &Payer,
        call: Call,
    ) -> Result<Response, Failure> {
        let client = self.client(endpoint, payer.access())?;
        let request = Self::request(&client, endpoint, payer, call)?;
        let response = client
            .execute(request)
            .await
            .map_err(|error| unreachable(&error, endpoint))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(redirected(&response, endpoint, &payer.redactor()));
        }
        if !status.is_success() {
            return Err(refused(response, endpoint, &payer.redactor()).await);
        }
        Ok(response)
    }

    /// Posts a body with these headers, which hold the key already, and returns an answer of any status.
    pub(crate) async fn exchange(
        &self,
        endpoint: &Endpoint,
        url: String,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, Unanswered> {
        let client = self.clients().usual.clone();
        let sending = client.post(url).headers(headers).body(body).send();
        sending.await.map_err(|error| Unanswered {
            // What cannot be built or connected was not sent.
            is_sent: !error.is_connect() && !error.is_builder(),
            failure: unreachable(&error, endpoint),
        })
    }

    /// Asks an origin for nothing, without a key, and gives what its clock says; any answer means that it is reached.
    ///
    /// # Errors
    /// Why it is not reached.
    pub async fn reach(&self, endpoint: &Endpoint) -> Result<Option<SystemTime>, Failure> {
        let url = endpoint.base_url.origin().to_string();
        let client = self.clients().usual.clone();
        let asking = client.head(url).timeout(REACHED).send();
        let answer = asking
            .await
            .map_err(|error| unreachable(&error, endpoint))?;
        let date = answer
            .headers()
            .get(DATE)
            .and_then(|date| date.to_str().ok());
        Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()))
    }

    fn request(
        client: &Client,
        endpoint: &Endpoint,
        payer: &Payer,
        call: Call,
    ) -> Result<reqwest::Request, Failure> {
        let mut headers = authorise(endpoint, payer)?;
        headers.insert(ACCEPT, HeaderValue::from_static(call.accept));
        if call.in_older_version {
            headers.insert(
                "anthropic-version",
                HeaderValue::from_static(anthropic::OLDER_VERSION),
            );
        }
        let mut builder = client.request(call.method, call.url);
        if let Some(body) = call.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            builder = builder.body(body);
        }
        if let Some(within) = call.within {
            builder = builder.timeout(within);
        }
        builder.headers(headers).build().map_err(|_| {
            Failure::new(Cause::BadRequest, endpoint.base_url.origin().authority())
                .with_code("bad_address")
        })
    }
}

/// The body's bytes; what went wrong with the connection is all that is kept of an error.
pub(crate) fn body(response: Response) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    response
        .bytes_stream()
        .map(|chunk| chunk.map_err(|_| io::ErrorKind::ConnectionAborted.into()))
}

/// At most `longest` bytes of a body, and whether that was all of it.
///
/// # Errors
/// The connection was lost or too slow.
pub(crate) async fn read(
    mut response: Response,
    longest: usize,
    endpoint: &Endpoint,
) -> Result<(Vec<u8>, bool), Failure> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = longest - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    return Ok((body, false));
                }
            }
            Ok(None) => return Ok((body, true)),
            Err(error) => return Err(unreachable(&error, endpoint)),
        }
    }
}

/// The request identifier of a response.
pub(crate) fn response_id(headers: &HeaderMap) -> Option<String> {
    request_id(|name| headers.get(name)?.to_str().ok()).map(str::to_owned)
}

/// The failure that an answer's status, headers and body mean.
pub(crate) async fn refused(
    response: Response,
    endpoint: &Endpoint,
    redactor: &Redactor,
) -> Failure {
    let host = endpoint.base_url.origin().authority();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    // What arrived is classified even when the rest was lost.
    let body = match read(response, LONGEST_ERROR, endpoint).await {
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
    let failure = classify_with(&reply, &host, redactor);
    tracing::debug!(host, status, cause = %failure.cause, request_id = failure.request_id, "refused");
    failure
}

/// A redirect is never followed: a key would go with it. Only the host it points to is told.
fn redirected(response: &Response, endpoint: &Endpoint, redactor: &Redactor) -> Failure {
    let target = response
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|location| response.url().join(location).ok())
        .and_then(|url| url.host_str().map(|host| redactor.name(host)));
    Failure {
        status: Some(response.status().as_u16()),
        message: target,
        request_id: response_id(response.headers()).map(|id| redactor.name(&id)),
        ..Failure::new(
            Cause::ProxyOrNetwork,
            endpoint.base_url.origin().authority(),
        )
        .never_retried()
        .with_code("redirected")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::credential::Credential;
    use crate::provider::{Protocol, Provider};

    const KEY: &str = "sk-proj-CANARYq7Zt4Lm9Rw2Xc8Vb5Nh3Kd6Pf1Gs0QeA";

    #[test]
    fn debug_output_of_a_request_shows_no_key() {
        let wire = Wire::new().expect("a client");
        for (provider, protocol, base_url) in [
            (
                Provider::OpenAi,
                Protocol::OpenAiResponses,
                "https://api.openai.com/v1",
            ),
            (
                Provider::OpenAi,
                Protocol::OpenAiChat,
                "https://r.openai.azure.com/openai/v1",
            ),
            (
                Provider::Anthropic,
                Protocol::AnthropicMessages,
                "https://api.anthropic.com/v1",
            ),
            (
                Provider::Gemini,
                Protocol::Gemini,
                "https://generativelanguage.googleapis.com/v1beta",
            ),
        ] {
            let endpoint = Endpoint {
                provider,
                protocol,
                base_url: base_url.parse().expect("a base URL"),
            };
            let payer = Payer::UserKey {
                key_id: "key_1".to_owned(),
                credential: Credential::new(
                    KEY.to_owned().into(),
                    endpoint.base_url.origin().clone(),
                ),
            };
            let call = Call::stream(format!("{base_url}/x"), b"{}".to_vec());
            let client = wire.clients().usual.clone();
            let request = Wire::request(&client, &endpoint, &payer, call).expect("a request");
            let sensitive = request
                .headers()
                .values()
                .filter(|value| value.is_sensitive());
            assert_eq!(sensitive.count(), 1, "{base_url}");
            let shown = format!("{request:?}");
            assert!(!shown.contains("CANARY"), "{shown}");
            assert!(shown.contains("Sensitive"), "{shown}");
        }
    }

    #[test]
    fn azure_takes_its_key_in_a_header_of_its_own() {
        let endpoint = Endpoint {
            provider: Provider::OpenAiCompatible,
            protocol: Protocol::OpenAiChat,
            base_url: "https://r.openai.azure.com/openai/v1"
                .parse()
                .expect("a base URL"),
        };
        let credential = Credential::new(KEY.to_owned().into(), endpoint.base_url.origin().clone());
        let payer = Payer::UserKey {
            key_id: "key_1".to_owned(),
            credential,
        };
        let headers = authorise(&endpoint, &payer).expect("headers");
        assert_eq!(headers["api-key"], KEY);
        assert!(headers.get("authorization").is_none());
    }
}
