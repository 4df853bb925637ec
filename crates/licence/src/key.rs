//! Ed25519 keys in PASERK form. A secret key is never shown, copied into a string by accident, or serialised.

use std::fmt;

use pasetors::keys::{AsymmetricKeyPair, AsymmetricPublicKey, AsymmetricSecretKey, Generate};
use pasetors::paserk::{FormatAsPaserk, Id};
use pasetors::version4::V4;
use secrecy::{ExposeSecret, SecretString};

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a `k4.public.…` or `k4.secret.…`.
    #[error("not a PASERK key of version 4")]
    Malformed,
    /// The system's random numbers failed.
    #[error("no key could be made")]
    Random,
}

/// What the holder of a secret key signs with.
pub struct SigningKey {
    secret: AsymmetricSecretKey<V4>,
    public: PublicKey,
}

impl SigningKey {
    /// A new key from the system's random numbers.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let pair = AsymmetricKeyPair::<V4>::generate().map_err(|_| KeyError::Random)?;
        Self::of(pair.secret, pair.public)
    }

    /// Reads `k4.secret.…`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn read(paserk: &SecretString) -> Result<Self, KeyError> {
        let secret = AsymmetricSecretKey::<V4>::try_from(paserk.expose_secret())
            .map_err(|_| KeyError::Malformed)?;
        let public =
            AsymmetricPublicKey::<V4>::try_from(&secret).map_err(|_| KeyError::Malformed)?;
        Self::of(secret, public)
    }

    fn of(
        secret: AsymmetricSecretKey<V4>,
        public: AsymmetricPublicKey<V4>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            secret,
            public: PublicKey::of(public)?,
        })
    }

    /// `k4.secret.…`, for the one place that keeps it.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when it cannot be written, which does not happen to a key that was read.
    pub fn write(&self) -> Result<SecretString, KeyError> {
        let mut text = String::new();
        self.secret
            .fmt(&mut text)
            .map_err(|_| KeyError::Malformed)?;
        Ok(SecretString::from(text))
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn secret(&self) -> &AsymmetricSecretKey<V4> {
        &self.secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.public.kid)
            .finish_non_exhaustive()
    }
}

/// What verifies a key's signatures.
#[derive(Clone)]
pub struct PublicKey {
    key: AsymmetricPublicKey<V4>,
    kid: String,
    paserk: String,
}

impl PublicKey {
    /// Reads `k4.public.…`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn read(paserk: &str) -> Result<Self, KeyError> {
        Self::of(AsymmetricPublicKey::<V4>::try_from(paserk).map_err(|_| KeyError::Malformed)?)
    }

    fn of(key: AsymmetricPublicKey<V4>) -> Result<Self, KeyError> {
        let (mut kid, mut paserk) = (String::new(), String::new());
        Id::from(&key)
            .fmt(&mut kid)
            .map_err(|_| KeyError::Malformed)?;
        key.fmt(&mut paserk).map_err(|_| KeyError::Malformed)?;
        Ok(Self { key, kid, paserk })
    }

    /// Its id, `k4.pid.…`: a hash of the key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key, `k4.public.…`.
    #[must_use]
    pub fn paserk(&self) -> &str {
        &self.paserk
    }

    pub(crate) fn key(&self) -> &AsymmetricPublicKey<V4> {
        &self.key
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kid)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.paserk == other.paserk
    }
}

impl Eq for PublicKey {}
