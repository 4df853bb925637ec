//! Who pays for a call, and the one place where a secret becomes a header.
//!
//! It must never produce headers for an origin other than the credential's, nor for another computer without a payer.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;

use crate::access::Access;
use crate::catalogue::KeyHeader;
use crate::credential::Credential;
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::provider::Protocol;
use crate::redact::Redactor;

/// The code of a refusal because the key belongs to another origin. Nothing was sent.
pub const REFUSED_ORIGIN: &str = "refused_origin";
/// The code of a refusal because nobody pays for a call that leaves this computer. Nothing was sent.
pub const REFUSED_PAYER: &str = "refused_payer";

/// Who pays for one call.
#[derive(Debug)]
pub enum Payer {
    /// The user, through a key of their own: the provider bills them.
    UserKey {
        /// The key's identifier in the key list, for the receipt.
        key_id: String,
        /// The key itself, bound to its origin.
        credential: Credential,
    },
    /// The platform, through the person's plan: it bills them. Its gateway is asked with the device's credential.
    Plan {
        /// The device's credential, bound to the platform's origin.
        credential: Credential,
    },
    /// Nobody: a keyless model on this computer.
    Nobody,
}

impl Payer {
    /// How its owner reaches the endpoint; a server on this computer is always reached as usual.
    pub(crate) fn access(&self) -> Option<&Access> {
        match self {
            Self::UserKey { credential, .. } => Some(credential.access()),
            Self::Plan { .. } | Self::Nobody => None,
        }
    }

    pub(crate) fn redactor(&self) -> Redactor {
        match self {
            Self::UserKey { credential, .. } | Self::Plan { credential } => {
                Redactor::new(Some(credential.secret()))
            }
            Self::Nobody => Redactor::new(None),
        }
    }
}

/// The headers with which this payer may call this endpoint.
///
/// # Errors
/// A failure with the code [`REFUSED_ORIGIN`] or [`REFUSED_PAYER`], or `key_invalid` for a key that no header can hold.
pub(crate) fn authorise(endpoint: &Endpoint, payer: &Payer) -> Result<HeaderMap, Failure> {
    match payer {
        Payer::Nobody if endpoint.base_url.is_this_computer() => Ok(plain(endpoint)),
        Payer::Nobody => Err(refusal(endpoint, REFUSED_PAYER)),
        Payer::UserKey { credential, .. } | Payer::Plan { credential } => {
            authorise_with(endpoint, credential)
        }
    }
}

/// The headers with which the owner of this key may call this endpoint.
///
/// # Errors
/// A failure with the code [`REFUSED_ORIGIN`], or `key_invalid` for a key that no header can hold.
pub(crate) fn authorise_with(
    endpoint: &Endpoint,
    credential: &Credential,
) -> Result<HeaderMap, Failure> {
    let origin = endpoint.base_url.origin();
    if credential.origin() != origin {
        return Err(refusal(endpoint, REFUSED_ORIGIN));
    }
    let (name, value) = key_header(endpoint, credential).ok_or_else(|| {
        Failure::new(Cause::KeyInvalid, origin.authority()).with_code("not_a_header_value")
    })?;
    let mut headers = credential.access().header_map().map_err(|_| {
        Failure::new(Cause::BadRequest, origin.authority())
            .never_retried()
            .with_code("bad_access")
    })?;
    headers.extend(plain(endpoint));
    headers.insert(name, value);
    Ok(headers)
}

fn refusal(endpoint: &Endpoint, code: &str) -> Failure {
    Failure::new(Cause::BadRequest, endpoint.base_url.origin().authority())
        .never_retried()
        .with_code(code)
}

/// The headers that a protocol asks for besides the key.
fn plain(endpoint: &Endpoint) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if endpoint.protocol == Protocol::AnthropicMessages {
        headers.insert(
            HeaderName::from_static("anthropic-version"),
            HeaderValue::from_static(endpoint.profile().anthropic_version),
        );
    }
    headers
}

/// The header that carries the key. Always marked sensitive: `Debug` then hides it, and HTTP/2 keeps it out of its table.
fn key_header(endpoint: &Endpoint, credential: &Credential) -> Option<(HeaderName, HeaderValue)> {
    let secret = credential.secret().expose_secret();
    let plain = |name: &'static str| (HeaderName::from_static(name), HeaderValue::from_str(secret));
    let bearer = || {
        let bearer = zeroize::Zeroizing::new(format!("Bearer {secret}"));
        (AUTHORIZATION, HeaderValue::from_str(&bearer))
    };
    let (name, value) = match endpoint.key_header() {
        KeyHeader::XApiKey => plain("x-api-key"),
        KeyHeader::XGoogApiKey => plain("x-goog-api-key"),
        // A token of Entra ID is a JWT (RFC 7519), which no key is.
        KeyHeader::ApiKeyOrToken if !secret.starts_with("eyJ") => plain("api-key"),
        KeyHeader::GoogleKeyOrToken if is_google_key(secret) => plain("x-goog-api-key"),
        KeyHeader::Bearer | KeyHeader::ApiKeyOrToken | KeyHeader::GoogleKeyOrToken => bearer(),
    };
    let mut value = value.ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// Keys of Vertex's express mode; access tokens (`ya29.…`) are sent as such.
fn is_google_key(secret: &str) -> bool {
    secret.starts_with("AQ.") || secret.starts_with("AIza")
}
