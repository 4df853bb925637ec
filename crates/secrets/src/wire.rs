//! The HTTP client for Vault and Google: https unless on this machine, no redirects, no proxy, bounded answers that wipe
//! themselves.
//!
//! It must never print a `reqwest` error or a URL: both may name more than a log should hold.

use std::time::Duration;

use reqwest::{Certificate, Client, RequestBuilder};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::error::{FetchError, SetupError};

const CONNECT: Duration = Duration::from_secs(5);
/// A secret is small and a manager near: the whole exchange, so that a request waiting for a key is not lost to it.
const EXCHANGE: Duration = Duration::from_secs(10);
/// AWS and Google allow 64 KiB, Vault 1 MiB for a whole secret.
const LONGEST_ANSWER: usize = 2 * 1024 * 1024;

/// An answer of any status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// The client, trusting the system's certificates and `extra` (PEM), which a private authority needs.
pub(crate) fn client(extra: Option<&[u8]>) -> Result<Client, SetupError> {
    use_ring();
    #[expect(
        clippy::disallowed_methods,
        reason = "the providers' client is for model calls; this one is for secrets managers"
    )]
    let mut builder = Client::builder()
        .user_agent(concat!("Brasskey/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .timeout(EXCHANGE)
        .tls_version_min(reqwest::tls::Version::TLS_1_2);
    if let Some(pem) = extra {
        let certificates =
            Certificate::from_pem_bundle(pem).map_err(|_| SetupError::Certificates)?;
        if certificates.is_empty() {
            return Err(SetupError::Certificates);
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|_| SetupError::Tls)
}

/// Names ring as the process's cryptography, unless somebody did already.
pub(crate) fn use_ring() {
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
    {
        tracing::debug!("another thread chose the cryptography provider first");
    }
}

/// A manager's address: https, or http on this machine, with nothing behind host, port and path.
pub(crate) fn address(text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|_| SetupError::Address)?;
    let loopback = match url.host().ok_or(SetupError::Address)? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.scheme() {
        _ if !plain => Err(SetupError::Address),
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(SetupError::Insecure),
        _ => Err(SetupError::Address),
    }
}

/// Sends a request and reads what comes back.
pub(crate) async fn exchange(request: RequestBuilder) -> Result<Answer, FetchError> {
    let mut response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status().as_u16();
    let mut body = Zeroizing::new(Vec::with_capacity(LONGEST_FIRST));
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(FetchError::NotUnderstood("it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// Room for any ordinary answer, so that the buffer is not moved and its old place left behind unwiped.
const LONGEST_FIRST: usize = 64 * 1024;

fn unreachable(error: &reqwest::Error) -> FetchError {
    FetchError::Unreachable(if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection, or no trust in its certificate"
    } else {
        "the connection broke"
    })
}
