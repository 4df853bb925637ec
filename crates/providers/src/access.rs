//! How an endpoint is reached where that is not as usual: through a company's proxy, with its certificates, for one of its
//! organisations, with headers that its gateway wants.
//!
//! It must never replace or add a credential: the headers that carry one, or decide whom a request is for, are not the user's to set.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Certificate;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use url::Url;

/// The most headers, and the most bytes of certificates.
const MOST_HEADERS: usize = 32;
const LONGEST_CERTIFICATES: usize = 1024 * 1024;
/// The longest time that may be waited for, in seconds: an hour.
const LONGEST_WAIT: u32 = 3_600;

/// Headers that carry a credential or that the client writes itself.
const NOT_THE_USERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "api-key",
    "x-api-key",
    "x-goog-api-key",
    "cookie",
    "host",
    "accept",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "anthropic-version",
];

/// How an endpoint is reached. All of it is as usual by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// OpenAI's organisation that calls are counted for.
    pub organisation: Option<String>,
    /// OpenAI's project that calls are counted for.
    pub project: Option<String>,
    /// More headers, which are no secrets: by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// Through which proxy.
    pub proxy: Proxy,
    /// Certificates (PEM) that are believed besides those of the system.
    pub certificates: Option<String>,
    /// How many seconds a connection may take to be made.
    pub connect_s: Option<u32>,
    /// How many seconds the provider may be silent.
    pub silence_s: Option<u32>,
}

/// Through which proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "address")]
pub enum Proxy {
    /// Through none: what the environment says is not heard, because any program can set it.
    #[default]
    None,
    /// Through the system's, or the environment's.
    System,
    /// Through this one: `http://proxy.example:3128`, `https://…`.
    At(String),
}

/// Why an endpoint cannot be reached so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// A header that is not the user's to set, or whose name or value no header can have.
    #[error("the header {name} cannot be set")]
    Header {
        /// Which.
        name: String,
    },
    /// More headers than any gateway wants.
    #[error("more than {MOST_HEADERS} headers")]
    TooManyHeaders,
    /// No address of a proxy, or one with a name and a password in it.
    #[error("the proxy is no http or https address without a user name")]
    Proxy,
    /// No certificates in PEM.
    #[error("the certificates are not PEM, or too many")]
    Certificates,
    /// No time, or one of more than an hour.
    #[error("a time is 1 to {LONGEST_WAIT} seconds")]
    Time,
}

/// What decides which connections a call may share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Way {
    pub(crate) proxy: Proxy,
    pub(crate) certificates: Option<String>,
    pub(crate) connect: Option<Duration>,
    pub(crate) silence: Option<Duration>,
}

impl Access {
    /// Checks what a person wrote.
    ///
    /// # Errors
    /// [`AccessError`] says what cannot be.
    pub fn checked(self) -> Result<Self, AccessError> {
        if self.headers.len() > MOST_HEADERS {
            return Err(AccessError::TooManyHeaders);
        }
        self.header_map()?;
        if let Proxy::At(address) = &self.proxy {
            let url = Url::parse(address).map_err(|_| AccessError::Proxy)?;
            let plain = matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none();
            if !plain {
                return Err(AccessError::Proxy);
            }
        }
        if let Some(pem) = &self.certificates {
            certificates(pem)?;
        }
        let times = [self.connect_s, self.silence_s];
        if !times
            .iter()
            .flatten()
            .all(|seconds| (1..=LONGEST_WAIT).contains(seconds))
        {
            return Err(AccessError::Time);
        }
        Ok(self)
    }

    /// The headers besides those of the protocol.
    pub(crate) fn header_map(&self) -> Result<HeaderMap, AccessError> {
        let mut headers = HeaderMap::new();
        let named = [
            ("openai-organization", &self.organisation),
            ("openai-project", &self.project),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let more = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in named.chain(more) {
            let wrong = || AccessError::Header {
                name: name.to_owned(),
            };
            let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            if NOT_THE_USERS.contains(&known.as_str()) {
                return Err(wrong());
            }
            headers.insert(known, HeaderValue::from_str(value).map_err(|_| wrong())?);
        }
        Ok(headers)
    }

    pub(crate) fn way(&self) -> Way {
        let seconds = |time: u32| Duration::from_secs(time.into());
        Way {
            proxy: self.proxy.clone(),
            certificates: self.certificates.clone(),
            connect: self.connect_s.map(seconds),
            silence: self.silence_s.map(seconds),
        }
    }
}

/// The certificates of a text.
pub(crate) fn certificates(pem: &str) -> Result<Vec<Certificate>, AccessError> {
    if pem.len() > LONGEST_CERTIFICATES {
        return Err(AccessError::Certificates);
    }
    let read =
        Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| AccessError::Certificates)?;
    if read.is_empty() {
        return Err(AccessError::Certificates);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(name: &str, value: &str) -> Result<Access, AccessError> {
        Access {
            headers: BTreeMap::from([(name.to_owned(), value.to_owned())]),
            ..Access::default()
        }
        .checked()
    }

    #[test]
    fn a_header_may_not_carry_a_credential_nor_break_a_line() {
        assert!(with_header("x-team", "research").is_ok());
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("Authorization", "Bearer x"),
            ("x-api-key", "x"),
            ("host", "evil.example"),
            ("x team", "a space"),
            ("x-team", "two\r\nlines: 1"),
        ] {
            assert!(with_header(name, value).is_err(), "{name}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        let proxy = |address: &str| {
            Access {
                proxy: Proxy::At(address.to_owned()),
                ..Access::default()
            }
            .checked()
        };
        assert!(proxy("http://proxy.example:3128").is_ok());
        for address in [
            "proxy.example",
            "http://me:secret@proxy.example",
            "socks5://x",
            "http://",
        ] {
            assert_eq!(proxy(address), Err(AccessError::Proxy), "{address}");
        }
    }

    #[test]
    fn times_and_certificates_are_looked_at() {
        let time = |connect_s| {
            Access {
                connect_s,
                ..Access::default()
            }
            .checked()
        };
        assert!(time(Some(30)).is_ok());
        assert_eq!(time(Some(0)), Err(AccessError::Time));
        let certificates = Access {
            certificates: Some("not PEM".to_owned()),
            ..Access::default()
        };
        assert_eq!(certificates.checked(), Err(AccessError::Certificates));
    }
}
