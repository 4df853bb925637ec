//! What the identity provider publishes: its addresses and its keys. Read once, kept, and read again when a token names a key
//! that is not among them, at most once a minute, by one request for all that wait.
//!
//! While the provider cannot be reached, what was read stays in force.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::outbound::{Outbound, OutboundError, Reply};

/// Between two questions that a token with an unknown key raises.
const PAUSE: Duration = Duration::from_secs(60);
/// Between two tries while nothing has ever been read.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// After this time it is read again anyhow, so that a key that was withdrawn is forgotten.
const STALE: Duration = Duration::from_secs(60 * 60);

/// Why the provider's publications cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    /// It does not answer.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// It answers with a failure.
    #[error("it answered {status}")]
    Status {
        /// HTTP's.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// Its document is of another issuer, so that none of it can be trusted.
    #[error("its discovery document names another issuer")]
    Issuer,
    /// It was asked a moment ago.
    #[error("it was asked a moment ago")]
    TooSoon,
}

impl DirectoryError {
    pub(super) fn of(failure: &Reply) -> Self {
        Self::Status {
            status: failure.status.as_u16(),
            retry_after: failure.retry_after(),
        }
    }
}

/// The parts of the discovery document that are of use (OpenID Connect Discovery 1.0, RFC 8414).
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Document {
    issuer: String,
    jwks_uri: Url,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) device_authorization_endpoint: Option<Url>,
    pub(crate) userinfo_endpoint: Option<Url>,
}

/// What was read.
pub(crate) struct Known {
    pub(crate) document: Document,
    keys: HashMap<String, DecodingKey>,
    read_at: Instant,
}

impl Known {
    pub(super) fn key(&self, name: &str) -> Option<&DecodingKey> {
        self.keys.get(name)
    }

    fn is_stale(&self) -> bool {
        self.read_at.elapsed() > STALE
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// A key for signatures; one of another kind does not parse or is left out.
#[derive(Deserialize)]
struct RsaKey {
    kid: String,
    kty: String,
    r#use: Option<String>,
    alg: Option<String>,
    n: String,
    e: String,
}

/// The publications of one issuer.
pub(super) struct Directory {
    outbound: Outbound,
    issuer: String,
    known: RwLock<Option<Arc<Known>>>,
    /// When it was last asked without having to be; held while asking, so that there is one question at a time.
    asked: Mutex<Option<Instant>>,
}

impl Directory {
    pub(super) fn new(issuer: String, outbound: Outbound) -> Self {
        Self {
            outbound,
            issuer,
            known: RwLock::new(None),
            asked: Mutex::new(None),
        }
    }

    /// What is known; asked for where nothing is.
    pub(super) async fn known(&self) -> Result<Arc<Known>, DirectoryError> {
        match self.current() {
            Some(known) => Ok(known),
            None => self.ask(None).await,
        }
    }

    /// What is known, as new as it has to be to hold a key of this name.
    pub(super) async fn with_key(&self, name: &str) -> Result<Arc<Known>, DirectoryError> {
        let known = self.known().await?;
        if known.key(name).is_some() && !known.is_stale() {
            return Ok(known);
        }
        match self.ask(Some(&known)).await {
            Ok(newer) => Ok(newer),
            Err(error) => {
                tracing::debug!(%error, "the identity provider's keys stay as they were read");
                Ok(known)
            }
        }
    }

    fn current(&self) -> Option<Arc<Known>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks, unless somebody did so while this one waited for its turn, or a moment ago.
    async fn ask(&self, before: Option<&Arc<Known>>) -> Result<Arc<Known>, DirectoryError> {
        let mut asked = self.asked.lock().await;
        if let Some(known) = self.current()
            && before.is_none_or(|before| !Arc::ptr_eq(before, &known))
        {
            return Ok(known);
        }
        let pause = if before.is_some() { PAUSE } else { FIRST_PAUSE };
        if asked.is_some_and(|at| at.elapsed() < pause) {
            return Err(DirectoryError::TooSoon);
        }
        *asked = Some(Instant::now());
        let known = Arc::new(self.read().await.inspect_err(|error| {
            tracing::warn!(%error, "the identity provider cannot be asked");
        })?);
        if before.is_none() {
            // The first key that is not among these may be asked for at once.
            *asked = None;
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    async fn read(&self) -> Result<Known, DirectoryError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        let address = Url::parse(&address).map_err(|_| DirectoryError::Issuer)?;
        let document: Document = self.get(&address).await?;
        if document.issuer.trim_end_matches('/') != self.issuer {
            return Err(DirectoryError::Issuer);
        }
        let set: KeySet = self.get(&document.jwks_uri).await?;
        let keys = set.keys.into_iter().filter_map(signing_key).collect();
        Ok(Known {
            document,
            keys,
            read_at: Instant::now(),
        })
    }

    async fn get<T: DeserializeOwned>(&self, address: &Url) -> Result<T, DirectoryError> {
        let request = self.outbound.request(Method::GET, address)?;
        let reply = self.outbound.send(request).await?;
        if !reply.status.is_success() {
            return Err(DirectoryError::of(&reply));
        }
        Ok(reply.json()?)
    }
}

fn signing_key(value: Value) -> Option<(String, DecodingKey)> {
    let key: RsaKey = serde_json::from_value(value).ok()?;
    let is_for_signing = key.kty == "RSA"
        && key.r#use.is_none_or(|purpose| purpose == "sig")
        && key.alg.is_none_or(|algorithm| algorithm == "RS256");
    let decoding = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
    is_for_signing.then_some((key.kid, decoding))
}
