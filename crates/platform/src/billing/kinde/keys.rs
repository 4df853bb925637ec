//! The keys that Kinde signs webhooks with, fetched from the issuer that is configured and from nowhere else: what a token says
//! about where its key is, is not looked at.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, KeyAlgorithm};
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::configuration::below;
use crate::clock::Clock;
use crate::outbound::{Outbound, OutboundError};

/// How often keys are fetched at most, whatever ids of keys are presented.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// The keys.
pub(super) struct Keys {
    out: Outbound,
    issuer: Url,
    clock: Clock,
    known: RwLock<HashMap<String, DecodingKey>>,
    fetched: Mutex<Option<Fetched>>,
}

/// The last fetch.
struct Fetched {
    at: Timestamp,
    has_failed: bool,
}

/// What is known of a key.
pub(super) enum Found {
    Key(DecodingKey),
    /// The issuer has no such key.
    None,
    /// The issuer could not be asked.
    Unsure,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

impl Keys {
    pub(super) fn new(out: Outbound, issuer: Url, clock: Clock) -> Self {
        Self {
            out,
            issuer,
            clock,
            known: RwLock::default(),
            fetched: Mutex::default(),
        }
    }

    /// Fetches the keys, unless they were fetched before.
    pub(super) async fn warm(&self) {
        let mut fetched = self.fetched.lock().await;
        if fetched.is_none() {
            *fetched = Some(self.renew().await);
        }
    }

    /// The key of an id. One that is not known makes the keys be fetched, once a minute at most.
    pub(super) async fn find(&self, kid: &str) -> Found {
        if let Some(key) = self.known(kid) {
            return Found::Key(key);
        }
        // One fetch at a time: whoever else has an unknown key waits for it here, and all others do not.
        let mut fetched = self.fetched.lock().await;
        if self.known(kid).is_none()
            && fetched
                .as_ref()
                .is_none_or(|last| self.clock.now().duration_since(last.at) >= PAUSE)
        {
            *fetched = Some(self.renew().await);
        }
        match self.known(kid) {
            Some(key) => Found::Key(key),
            // An issuer that could not be asked may have it.
            None if fetched.as_ref().is_some_and(|last| last.has_failed) => Found::Unsure,
            None => Found::None,
        }
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(kid).cloned()
    }

    async fn renew(&self) -> Fetched {
        let at = self.clock.now();
        let has_failed = match self.fetch().await {
            Ok(keys) => {
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = keys;
                false
            }
            Err(error) => {
                tracing::warn!(%error, "Kinde's signing keys could not be fetched");
                true
            }
        };
        Fetched { at, has_failed }
    }

    async fn fetch(&self) -> Result<HashMap<String, DecodingKey>, OutboundError> {
        let url = self.jwks_url().await?;
        let request = self.out.request(Method::GET, &url)?;
        let set: JwkSet = self.out.send(request).await?.json()?;
        let mut keys = HashMap::new();
        for jwk in &set.keys {
            let is_rs256 = matches!(jwk.algorithm, AlgorithmParameters::RSA(_))
                && matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::RS256));
            if let (true, Some(kid), Ok(key)) =
                (is_rs256, &jwk.common.key_id, DecodingKey::from_jwk(jwk))
            {
                keys.insert(kid.clone(), key);
            }
        }
        Ok(keys)
    }

    /// Where the issuer says that its keys are; the usual place where it says nothing.
    async fn jwks_url(&self) -> Result<Url, OutboundError> {
        let place = below(&self.issuer, "/.well-known/openid-configuration");
        let request = self.out.request(Method::GET, &place)?;
        let reply = self.out.send(request).await?;
        let usual = below(&self.issuer, "/.well-known/jwks");
        let Ok(discovery) = reply.json::<Discovery>() else {
            return Ok(usual);
        };
        let same = |text: &str| text.trim_end_matches('/').to_owned();
        if !reply.status.is_success() || same(&discovery.issuer) != same(self.issuer.as_str()) {
            return Ok(usual);
        }
        Ok(discovery.jwks_uri)
    }
}
