//! The keys that licences are signed with, as the offline root key vouches for them.
//!
//! The application is built with the root's public key alone. A set is signed by the root, is replaced only by a later one, and
//! names each key's state, so that a compromised key is taken out of use by publishing one document.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::claims::VERSION;
use crate::key::{PublicKey, SigningKey};
use crate::token::{self, Purpose, TokenError};

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published and not in use yet.
    Next,
    /// Signs now.
    Active,
    /// Signs no more; what it signed holds until the last grace has passed.
    Retired,
    /// Compromised: nothing that it signed holds.
    Revoked,
    /// A state of a later service: not trusted.
    #[serde(other)]
    Unknown,
}

/// A key with the time of its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: PublicKey,
    /// Signs from then on.
    pub not_before: Timestamp,
    /// Signs until then.
    pub not_after: Timestamp,
    /// How it stands.
    pub state: KeyState,
}

/// A set of keys, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    issued_at: Timestamp,
    keys: Vec<ListedKey>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    iat: Timestamp,
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    kid: String,
    key: String,
    #[serde(rename = "use")]
    used_for: String,
    nbf: Timestamp,
    naf: Timestamp,
    state: KeyState,
}

const LICENCE: &str = "licence";

impl KeySet {
    /// A set to be signed.
    #[must_use]
    pub fn new(issued_at: Timestamp, keys: Vec<ListedKey>) -> Self {
        Self { issued_at, keys }
    }

    /// Signs the set with the root key.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] when it cannot be written.
    pub fn sign(&self, root: &SigningKey) -> Result<String, TokenError> {
        let keys = self.keys.iter().map(|listed| Entry {
            kid: listed.key.kid().to_owned(),
            key: listed.key.paserk().to_owned(),
            used_for: LICENCE.to_owned(),
            nbf: listed.not_before,
            naf: listed.not_after,
            state: listed.state,
        });
        let document = Document {
            v: VERSION,
            iat: self.issued_at,
            keys: keys.collect(),
        };
        token::sign(root, Purpose::KeySet, &document)
    }

    /// Reads a set that one of the roots signed. Keys for other uses are left out.
    ///
    /// # Errors
    /// A [`TokenError`]; the caller keeps the set that it has.
    pub fn read(signed: &str, roots: &[PublicKey]) -> Result<Self, TokenError> {
        let root = |kid: &str| roots.iter().find(|root| root.kid() == kid);
        let document: Document = token::open(signed, Purpose::KeySet, root)?;
        if document.v > VERSION {
            return Err(TokenError::Version);
        }
        let mut keys = Vec::new();
        for entry in document.keys {
            if entry.used_for != LICENCE {
                continue;
            }
            let key = PublicKey::read(&entry.key).map_err(|_| TokenError::Malformed)?;
            // An id is a hash of its key: one that is not would hide which key is meant.
            if key.kid() != entry.kid {
                return Err(TokenError::Malformed);
            }
            keys.push(ListedKey {
                key,
                not_before: entry.nbf,
                not_after: entry.naf,
                state: entry.state,
            });
        }
        Ok(Self {
            issued_at: document.iat,
            keys,
        })
    }

    /// The later of two sets: a set never goes back.
    ///
    /// # Errors
    /// [`TokenError::Stale`] when the other one is older than this.
    pub fn followed_by(&self, other: Self) -> Result<Self, TokenError> {
        if other.issued_at < self.issued_at {
            return Err(TokenError::Stale);
        }
        Ok(other)
    }

    /// When the root signed it.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[ListedKey] {
        &self.keys
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&ListedKey> {
        self.keys.iter().find(|listed| listed.key.kid() == kid)
    }
}

impl ListedKey {
    /// Whether what it signed at `at` holds.
    pub(crate) fn vouches_for(&self, at: Timestamp) -> bool {
        matches!(self.state, KeyState::Active | KeyState::Retired)
            && self.not_before <= at
            && at <= self.not_after
    }
}
