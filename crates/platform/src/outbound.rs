//! The service's only HTTP client: to the identity provider and the billing provider, never to a model provider.
//!
//! No redirects, no proxy but one that is configured, https but on this machine, time limits, bounded bodies. Its errors never
//! hold a URL, because a URL may hold what is not for a log.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, Proxy, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use url::{Host, Url};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole exchange may take: less than a request of ours does.
const WHOLE: Duration = Duration::from_secs(10);
/// The longest body that is read, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

/// What went wrong on the way.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The client could not be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[source] reqwest::Error),
    /// Plain http leaves this machine only by mistake.
    #[error("{0} is asked over https alone")]
    Insecure(String),
    /// No answer, or none in time.
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// The answer is longer than anything that is expected.
    #[error("the answer is too long")]
    TooLong,
    /// The answer is not the JSON that is expected.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// The way out. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: Client,
}

/// A whole answer, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Outbound {
    /// A way out, through a proxy where one is configured.
    ///
    /// # Errors
    /// [`OutboundError::Client`] when TLS or the proxy cannot be set up.
    pub fn new(proxy: Option<&Url>) -> Result<Self, OutboundError> {
        if rustls::crypto::CryptoProvider::get_default().is_none()
            && rustls::crypto::ring::default_provider()
                .install_default()
                .is_err()
        {
            tracing::debug!("another thread chose the cryptography provider first");
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the service's one HTTP client; it makes no model call"
        )]
        let mut builder = Client::builder()
            .user_agent(concat!("Brasskey-Platform/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .tls_version_min(reqwest::tls::Version::TLS_1_2);
        if let Some(proxy) = proxy {
            builder = builder.proxy(Proxy::all(proxy.clone()).map_err(OutboundError::Client)?);
        }
        Ok(Self {
            client: builder.build().map_err(OutboundError::Client)?,
        })
    }

    /// A request to be completed and given to [`Self::send`].
    ///
    /// # Errors
    /// [`OutboundError::Insecure`].
    pub(crate) fn request(
        &self,
        method: Method,
        url: &Url,
    ) -> Result<RequestBuilder, OutboundError> {
        if url.scheme() != "https" && !is_this_machine(url) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(OutboundError::Insecure(host));
        }
        Ok(self.client.request(method, url.clone()))
    }

    /// Sends a request and reads its answer to the end. One that changes nothing is sent again, once, when its connection
    /// breaks: the other side may close an idle one at the very moment at which it is used again.
    ///
    /// # Errors
    /// [`OutboundError::Unreachable`], [`OutboundError::TooLong`]. A status is none.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply, OutboundError> {
        let again = request.try_clone();
        match self.try_send(request).await {
            Err(OutboundError::Unreachable(error)) if error.is_request() && !error.is_timeout() => {
                match again.and_then(|again| again.build().ok()) {
                    Some(again) if again.method().is_safe() => {
                        let again = RequestBuilder::from_parts(self.client.clone(), again);
                        self.try_send(again).await
                    }
                    _ => Err(OutboundError::Unreachable(error)),
                }
            }
            ended => ended,
        }
    }

    async fn try_send(&self, request: RequestBuilder) -> Result<Reply, OutboundError> {
        let unreachable = |error: reqwest::Error| OutboundError::Unreachable(error.without_url());
        let mut response = request.send().await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(unreachable)? {
            if body.len() + part.len() > LONGEST_BODY {
                return Err(OutboundError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Reply {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        })
    }
}

impl Reply {
    /// Its body, as JSON.
    ///
    /// # Errors
    /// [`OutboundError::Unreadable`].
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, OutboundError> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// When to ask again, where it says so in seconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// Whether a URL leads nowhere but to this machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let out = Outbound::new(None).unwrap();
        let may = |url: &str| out.request(Method::GET, &url.parse().unwrap()).is_ok();
        for url in [
            "https://id.example/x",
            "http://127.0.0.1:9/x",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(may(url), "{url}");
        }
        for url in [
            "http://id.example/x",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
        ] {
            assert!(!may(url), "{url}");
        }
    }

    /// Cuts its first connection once it was asked something, and answers on the second.
    async fn answers_the_second_time(listener: tokio::net::TcpListener) {
        let asked = async || {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            stream
        };
        drop(asked().await);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        asked().await.write_all(answer).await.unwrap();
    }

    #[tokio::test]
    async fn what_changes_nothing_is_asked_again_when_the_connection_breaks() {
        for (method, is_answered) in [(Method::GET, true), (Method::POST, false)] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url: Url = format!("http://{}/", listener.local_addr().unwrap())
                .parse()
                .unwrap();
            let out = Outbound::new(None).unwrap();
            let request = out.request(method.clone(), &url).unwrap();
            let answer = async {
                tokio::select! {
                    answer = out.send(request) => answer,
                    () = async { answers_the_second_time(listener).await; std::future::pending().await } => unreachable!(),
                }
            };
            assert_eq!(answer.await.is_ok(), is_answered, "{method}");
        }
    }

    #[tokio::test]
    async fn what_is_said_of_a_failure_holds_no_url() {
        let out = Outbound::new(None).unwrap();
        let url: Url = "http://127.0.0.1:1/secret-path?code=abc".parse().unwrap();
        let request = out.request(Method::GET, &url).unwrap();
        let error = out.send(request).await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("secret-path"),
            "{error:?}"
        );
    }
}
