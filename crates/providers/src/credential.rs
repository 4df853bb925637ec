//! A provider key together with the origin that it was entered for.
//!
//! It must never be cloned, shown, serialised or sent to another origin; the only reader of the secret outside of this
//! file is the request builder in `payer`.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::access::Access;
use crate::endpoint::Origin;

/// A secret bound to the origin that it was entered for.
pub struct Credential {
    secret: SecretString,
    origin: Origin,
    access: Arc<Access>,
}

impl Credential {
    /// Binds a secret to an origin.
    pub fn new(secret: SecretString, origin: Origin) -> Self {
        Self {
            secret,
            origin,
            access: Arc::default(),
        }
    }

    /// With the way in which its owner reaches that origin.
    #[must_use]
    pub fn reached_by(mut self, access: Access) -> Self {
        self.access = Arc::new(access);
        self
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The only origin that the secret may be sent to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// The last four characters of a key, by which its owner recognises it. A text too short to be a key shows nothing.
pub fn last_four(secret: &SecretString) -> String {
    const SHORTEST: usize = 8;
    let text = secret.expose_secret();
    let length = text.chars().count();
    if length < SHORTEST {
        return String::new();
    }
    text.chars().skip(length - 4).collect()
}

static_assertions::assert_not_impl_any!(
    Credential: Clone, Copy, fmt::Display, serde::Serialize, ToString
);
