//! One stored key and its form in the store: `{"v":1,"key":…,"origin":…}`, text only (KWallet keeps nothing else), small
//! enough for Windows. The key is exposed here and nowhere else in the crate.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::state::VaultError;

/// Names one entry: letters, digits and `-`, 1 to 128 of them. It is visible to other programs, so it must be random and
/// say nothing. No dots, because Windows joins it to the service name with one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(String);

/// The text cannot name an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry id is 1 to 128 letters, digits and hyphens")]
pub struct InvalidEntryId;

impl EntryId {
    /// Checks and takes an id.
    ///
    /// # Errors
    /// [`InvalidEntryId`] when it is empty, too long or has other characters.
    pub fn new(id: &str) -> Result<Self, InvalidEntryId> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if id.is_empty() || id.len() > 128 || !id.chars().all(allowed) {
            return Err(InvalidEntryId);
        }
        Ok(Self(id.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider key and the one origin that it may be sent to. Wiped from memory when dropped; neither cloned, serialised nor
/// displayed.
pub struct StoredKey {
    /// The key.
    pub secret: SecretString,
    /// Scheme, host and port that the key was entered for, such as `https://api.openai.com`.
    pub origin: String,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("secret", &"[REDACTED]")
            .field("origin", &self.origin)
            .finish()
    }
}

const VERSION: u8 = 1;

#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    key: &'a str,
    origin: &'a str,
}

#[derive(Deserialize)]
struct Read<'a> {
    v: u8,
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    origin: Cow<'a, str>,
}

impl StoredKey {
    /// A second copy for a caller, as secret as the first. Not `Clone`: only this crate may decide to copy a key.
    pub(crate) fn copy(&self) -> Self {
        Self {
            secret: SecretString::from(self.secret.expose_secret().to_owned()),
            origin: self.origin.clone(),
        }
    }

    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let key = self.secret.expose_secret();
        // Escaping makes a character up to six bytes long; a buffer that had to grow would leave copies behind.
        let room = 6 * (key.len() + self.origin.len()) + 64;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        let written = Written {
            v: VERSION,
            key,
            origin: &self.origin,
        };
        serde_json::to_writer(&mut *bytes, &written)
            .map_err(|_| Fault::new(VaultError::Corrupt, "encode"))?;
        Ok(bytes)
    }

    /// Reads an entry. The parser's error is dropped, because it quotes what it met.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let read: Read<'_> = serde_json::from_slice(bytes)
            .map_err(|_| Fault::new(VaultError::Corrupt, "not_our_format"))?;
        let key = Self {
            secret: SecretString::from(read.key.into_owned()),
            origin: read.origin.into_owned(),
        };
        if read.v != VERSION {
            return Err(Fault::new(VaultError::Corrupt, "unknown_version"));
        }
        Ok(key)
    }
}
