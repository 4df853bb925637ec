//! Access tokens of the identity provider: which ones are taken. A function of its inputs.
//!
//! RS256 and nothing else, whatever a token says of itself; a key is found by the token's `kid` and never guessed.

use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

/// How far the provider's clock may be off, in seconds.
const LEEWAY: i64 = 60;
/// What the header may call a token; Kinde does not document it, RFC 9068 wants the second.
const KINDS: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefusal {
    /// It is no signed access token, or its signature is wrong.
    #[error("it is no access token that the identity provider signed")]
    Forged,
    /// The provider publishes no key of this name.
    #[error("it was signed with a key that is not published")]
    UnknownKey,
    /// Another provider made it.
    #[error("another issuer made it")]
    Issuer,
    /// It is for somebody else's interface.
    #[error("it is not for this service")]
    Audience,
    /// Another application got it.
    #[error("another application got it")]
    Client,
    /// It is over.
    #[error("it has expired")]
    Expired,
    /// It does not hold yet.
    #[error("it does not hold yet")]
    Early,
    /// No person signed in for it.
    #[error("no person signed in for it")]
    NoPerson,
}

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    /// The applications that may present it.
    pub(super) clients: [&'a str; 2],
}

/// What is of use in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) subject: String,
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    aud: Words,
    azp: Option<String>,
    /// What RFC 9068 calls `azp`.
    client_id: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    #[serde(default)]
    scp: Words,
    #[serde(default)]
    scope: Words,
    email: Option<String>,
}

/// One word or several, as providers see fit.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Words {
    fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
        .iter()
        .flat_map(|text| text.split(' '))
        .filter(|word| !word.is_empty())
    }
}

/// The name of the key that a token was signed with.
pub(super) fn key_name(token: &str) -> Result<String, TokenRefusal> {
    let header = decode_header(token).map_err(|_| TokenRefusal::Forged)?;
    let is_access_token = header
        .typ
        .is_none_or(|kind| KINDS.contains(&kind.to_ascii_lowercase().as_str()));
    if header.alg != Algorithm::RS256 || !is_access_token {
        return Err(TokenRefusal::Forged);
    }
    header.kid.ok_or(TokenRefusal::Forged)
}

/// Checks a token against the key that it names.
pub(super) fn check(
    token: &str,
    key: &DecodingKey,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Said, TokenRefusal> {
    let mut signature_alone = Validation::new(Algorithm::RS256);
    // What a token says is checked below, against the clock that is passed in and with a reason for each refusal.
    signature_alone.required_spec_claims.clear();
    signature_alone.validate_exp = false;
    signature_alone.validate_aud = false;
    let claims = match decode::<Claims>(token, key, &signature_alone) {
        Ok(decoded) => decoded.claims,
        Err(error) => {
            if !matches!(error.kind(), ErrorKind::InvalidSignature) {
                tracing::debug!(%error, "an access token cannot be read");
            }
            return Err(TokenRefusal::Forged);
        }
    };
    let now = now.as_second();
    let client = claims.azp.as_deref().or(claims.client_id.as_deref());
    let is_machine = {
        let mut scopes = claims.scp.iter().chain(claims.scope.iter()).peekable();
        scopes.peek().is_some() && !scopes.any(|scope| scope == "openid")
    };
    if claims.iss.trim_end_matches('/') != expected.issuer {
        Err(TokenRefusal::Issuer)
    } else if !claims.aud.iter().any(|name| name == expected.audience) {
        Err(TokenRefusal::Audience)
    } else if !client.is_some_and(|client| expected.clients.contains(&client)) {
        Err(TokenRefusal::Client)
    } else if claims.exp.saturating_add(LEEWAY) <= now {
        Err(TokenRefusal::Expired)
    } else if claims
        .nbf
        .is_some_and(|from| from.saturating_sub(LEEWAY) > now)
    {
        Err(TokenRefusal::Early)
    } else if claims.sub.is_empty() || is_machine {
        Err(TokenRefusal::NoPerson)
    } else {
        Ok(Said {
            subject: claims.sub,
            email: claims.email.filter(|email| !email.is_empty()),
        })
    }
}
