//! The one HTTP client for the platform and its identity provider: no redirects, no proxy from the environment, TLS off this
//! computer, bounded times and bodies.
//!
//! It must never print a `reqwest` error, which holds the address.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{Code, Error, Problem};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a whole exchange may take.
const WITHIN: Duration = Duration::from_secs(30);
/// The longest answer.
const LONGEST: usize = 4 * 1024 * 1024;

const REQUEST_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The client. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Http(Client);

/// A request that is being made.
pub(crate) struct Ask<'a> {
    http: &'a Http,
    method: Method,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl Http {
    pub(crate) fn new() -> Result<Self, Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none()
            && rustls::crypto::ring::default_provider()
                .install_default()
                .is_err()
        {
            tracing::debug!("another thread chose the cryptography provider first");
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "it reaches the platform and its identity provider alone, and makes no model call"
        )]
        let builder = Client::builder();
        builder
            .user_agent(concat!("Brasskey/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(WITHIN)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .build()
            .map(Self)
            .map_err(|_| Error::Unreadable("TLS cannot be set up"))
    }

    pub(crate) fn ask(&self, method: Method, url: Url) -> Ask<'_> {
        Ask {
            http: self,
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sends a form to the identity provider; the status and the whole answer.
    pub(crate) async fn form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<(StatusCode, Vec<u8>), Error> {
        let sent = self.0.post(url.clone()).header(ACCEPT, "application/json");
        whole(sent.form(form)).await
    }
}

impl Ask<'_> {
    /// As whoever bears this.
    pub(crate) fn bearing(mut self, secret: &SecretString) -> Result<Self, Error> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", secret.expose_secret()))
            .map_err(|_| Error::Unreadable("a credential that no header takes"))?;
        value.set_sensitive(true);
        self.headers.push((AUTHORIZATION, value));
        Ok(self)
    }

    /// Under a name, so that it is done once however often it is sent.
    pub(crate) fn named(mut self, request: &str) -> Self {
        // A name is one of our ids.
        if let Ok(value) = HeaderValue::try_from(request) {
            self.headers.push((REQUEST_KEY, value));
        }
        self
    }

    pub(crate) fn query<'q>(mut self, pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body);
        self.body = Some(bytes.map_err(|_| Error::Unreadable("a request that cannot be written"))?);
        Ok(self)
    }

    /// The answer.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let bytes = self.send().await?;
        // The parser's own message may quote what it read.
        serde_json::from_slice(&bytes)
            .map_err(|_| Error::Unreadable("not the answer that was asked for"))
    }

    pub(crate) async fn text(self) -> Result<String, Error> {
        String::from_utf8(self.send().await?).map_err(|_| Error::Unreadable("no text"))
    }

    /// Done, and nothing is said.
    pub(crate) async fn done(self) -> Result<(), Error> {
        self.send().await.map(drop)
    }

    /// A question that changes nothing is asked again, once, when its connection breaks: one that was kept open may have ended
    /// unnoticed, as when the computer slept.
    async fn send(self) -> Result<Vec<u8>, Error> {
        let is_safe = self.method.is_safe();
        let mut request = self
            .http
            .0
            .request(self.method, self.url)
            .header(ACCEPT, "application/json");
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let again = request.try_clone().filter(|_| is_safe);
        let (status, bytes) = match (read(request).await, again) {
            (Err(Unread::Broken(error)), Some(again))
                if error.is_request() && !error.is_connect() && !error.is_timeout() =>
            {
                whole(again).await?
            }
            (read, _) => read?,
        };
        if status.is_success() {
            return Ok(bytes);
        }
        Err(Error::Refused(Box::new(refusal(status, &bytes))))
    }
}

/// What a refusal says; an answer that is no problem document is somebody else's: a proxy, a captive portal.
fn refusal(status: StatusCode, bytes: &[u8]) -> Problem {
    serde_json::from_slice(bytes).unwrap_or_else(|_| Problem {
        status: status.as_u16(),
        code: Code::Unknown,
        detail: "not the platform's own words".to_owned(),
        instance: None,
        retry_after: None,
        more: serde_json::Map::new(),
    })
}

/// Why an answer could not be read.
enum Unread {
    Broken(reqwest::Error),
    TooLong,
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Broken(error) => {
                tracing::debug!(
                    connect = error.is_connect(),
                    timeout = error.is_timeout(),
                    "nobody answered"
                );
                Self::Unreachable
            }
            Unread::TooLong => Self::Unreadable("a longer answer than any that is known"),
        }
    }
}

async fn whole(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Error> {
    Ok(read(request).await?)
}

async fn read(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Unread> {
    let mut response: Response = request.send().await.map_err(Unread::Broken)?;
    let status = response.status();
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(Unread::Broken)? {
        if bytes.len() + piece.len() > LONGEST {
            return Err(Unread::TooLong);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok((status, bytes))
}
