//! Where a provider is reached: the base URL, the origin that a key is bound to, and the endpoint made of both.
//!
//! It must never accept an address over which a key could travel in the open, or one that hides where it leads.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::catalogue::{KeyHeader, Profile};
use crate::provider::{Protocol, Provider};

/// Why an address is not accepted as a base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Nothing was entered.
    #[error("the address is empty")]
    Empty,
    /// The text is not an absolute URL with a host.
    #[error("not a URL with a host")]
    NotAUrl,
    /// Plain http to another computer: a key would travel in the open.
    #[error("plain http to {host}; only this computer may be reached without TLS")]
    InsecureHttp {
        /// The host that was named.
        host: String,
    },
    /// Neither https nor http.
    #[error("the scheme {scheme} is not https")]
    BadScheme {
        /// The scheme that was named.
        scheme: String,
    },
    /// A name or password stands before the host.
    #[error("the address holds a user name or password")]
    HasUserInfo,
    /// A query or a fragment follows the path.
    #[error("the address holds a query or a fragment")]
    HasQueryOrFragment,
    /// A link-local address (169.254.0.0/16, fe80::/10), where cloud metadata services live.
    #[error("link-local addresses are not reached")]
    LinkLocal,
}

/// A base URL as the user gave it: https, or http to this computer, with its exact path and no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl {
    text: String,
    origin: Origin,
    this_computer: bool,
}

impl BaseUrl {
    /// Reads a base URL. White space around it is ignored, one trailing slash is dropped, the path is kept.
    ///
    /// # Errors
    /// [`BaseUrlError`] says which rule the address breaks.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BaseUrlError::Empty);
        }
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        let origin = Origin::of(&url)?;
        let this_computer = url.host().is_some_and(|host| is_loopback(&host));
        if url.scheme() == "http" && !this_computer {
            return Err(BaseUrlError::InsecureHttp { host: origin.host });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::HasUserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::HasQueryOrFragment);
        }
        let text = url.as_str();
        Ok(Self {
            text: text.strip_suffix('/').unwrap_or(text).to_owned(),
            origin,
            this_computer,
        })
    }

    /// Scheme, host and port: what a key is bound to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the host is a loopback address or `localhost`.
    pub fn is_this_computer(&self) -> bool {
        self.this_computer
    }

    /// The URL without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host alone, in its ASCII form.
    pub fn host(&self) -> &str {
        self.origin.host()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<BaseUrl> for String {
    fn from(base_url: BaseUrl) -> Self {
        base_url.text
    }
}

/// Scheme, host and port. Written `https://api.openai.com`, the port only where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    fn of(url: &Url) -> Result<Self, BaseUrlError> {
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            scheme => {
                return Err(BaseUrlError::BadScheme {
                    scheme: scheme.to_owned(),
                });
            }
        };
        let host = url.host().ok_or(BaseUrlError::NotAUrl)?;
        if is_link_local(&host) {
            return Err(BaseUrlError::LinkLocal);
        }
        Ok(Self {
            https,
            host: host.to_string(),
            port: url.port_or_known_default().ok_or(BaseUrlError::NotAUrl)?,
        })
    }

    /// The host in its ASCII form; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port as shown to people: the port only where it is not the scheme's own.
    pub fn authority(&self) -> String {
        if self.port == if self.https { 443 } else { 80 } {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl FromStr for Origin {
    type Err = BaseUrlError;

    /// Reads what `Display` writes, a slash at its end allowed. A path, query or user information is refused.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let base_url = BaseUrl::parse(text)?;
        if base_url.text == base_url.origin.to_string() {
            Ok(base_url.origin)
        } else {
            Err(BaseUrlError::NotAUrl)
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

/// A provider at a base URL, spoken to in a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Who runs the model.
    pub provider: Provider,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where it is reached.
    pub base_url: BaseUrl,
}

impl Endpoint {
    /// The provider at its documented base URL in its own protocol; none where the user has to name a base URL.
    pub fn of(provider: Provider) -> Option<Self> {
        let base_url = BaseUrl::parse(provider.default_base_url()?).ok()?;
        Some(Self {
            provider,
            protocol: provider.protocol(),
            base_url,
        })
    }

    /// What is fixed about whoever this endpoint belongs to.
    pub(crate) fn profile(&self) -> &'static Profile {
        self.provider.at(&self.base_url)
    }

    /// The header that carries the key. A provider that is spoken to in another protocol than its own (a gateway, a company's
    /// proxy) takes that protocol's header.
    pub(crate) fn key_header(&self) -> KeyHeader {
        let profile = self.profile();
        if profile.protocol == self.protocol {
            return profile.key_header;
        }
        match (self.protocol, profile.key_header) {
            (Protocol::AnthropicMessages, _) => KeyHeader::XApiKey,
            (Protocol::Gemini, KeyHeader::GoogleKeyOrToken) => KeyHeader::GoogleKeyOrToken,
            (Protocol::Gemini, _) => KeyHeader::XGoogApiKey,
            (Protocol::OpenAiResponses | Protocol::OpenAiChat, KeyHeader::ApiKeyOrToken) => {
                KeyHeader::ApiKeyOrToken
            }
            (Protocol::OpenAiResponses | Protocol::OpenAiChat, _) => KeyHeader::Bearer,
        }
    }

    /// Whether a stream of Chat Completions has to be asked for its usage (`stream_options`).
    #[must_use]
    pub fn takes_usage_option(&self) -> bool {
        self.protocol == Protocol::OpenAiChat && self.profile().asks_for_usage
    }

    /// The region in which a host processes everything, where its name says so: `eu.api.openai.com` (OpenAI prices such
    /// hosts apart: platform.openai.com/docs/guides/your-data, "Data residency").
    pub fn region(&self) -> Option<&str> {
        let label = self.base_url.host().strip_suffix(".api.openai.com")?;
        (!label.contains('.')).then_some(label)
    }
}

fn address<S>(host: &Host<S>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        _ => address(host).is_some_and(|address| address.to_canonical().is_loopback()),
    }
}

fn is_link_local<S>(host: &Host<S>) -> bool {
    address(host).is_some_and(is_link_local_address)
}

/// 169.254.0.0/16 and fe80::/10, also when an IPv4 address is written as an IPv6 one.
pub(crate) fn is_link_local_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}
