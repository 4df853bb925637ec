//! One signed token: PASETO v4.public, with the key's id in the footer and the purpose in the assertion.
//!
//! The purpose is signed and not carried: a key set can never be taken for a licence, nor a licence of another version for one
//! of this. Times are not looked at here, because what an expired licence means is decided by [`crate::Licence`].

use pasetors::Public;
use pasetors::token::UntrustedToken;
use pasetors::version4::{PublicToken, V4};
use serde::{Deserialize, Serialize};

use crate::key::{PublicKey, SigningKey};

/// Longer tokens are not ours; a licence has about 900 bytes, a key set a few thousand.
const LONGEST: usize = 32 * 1024;

/// Why a token is not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of this kind at all.
    #[error("not a token of this kind")]
    Malformed,
    /// It names a key that is not known (any more).
    #[error("signed with a key that is not known")]
    UnknownKey,
    /// The signature is not that key's, or it was made for another purpose.
    #[error("the signature does not match")]
    Forged,
    /// The key was revoked, or was not in use when the token was made.
    #[error("signed with a key that was not valid")]
    InvalidKey,
    /// Made for another audience.
    #[error("made for another audience")]
    Audience,
    /// Made for another device.
    #[error("made for another device")]
    Device,
    /// From a later version of the format.
    #[error("from a later version of the format")]
    Version,
    /// Older than what is known.
    #[error("older than what is known")]
    Stale,
}

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Licence,
    KeySet,
}

impl Purpose {
    const fn assertion(self) -> &'static [u8] {
        match self {
            Self::Licence => b"brasskey/licence/v1",
            Self::KeySet => b"brasskey/keyset/v1",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Footer {
    kid: String,
}

pub(crate) fn sign(
    key: &SigningKey,
    purpose: Purpose,
    payload: &impl Serialize,
) -> Result<String, TokenError> {
    let payload = serde_json::to_vec(payload).map_err(|_| TokenError::Malformed)?;
    let footer = Footer {
        kid: key.public().kid().to_owned(),
    };
    let footer = serde_json::to_vec(&footer).map_err(|_| TokenError::Malformed)?;
    PublicToken::sign(
        key.secret(),
        &payload,
        Some(&footer),
        Some(purpose.assertion()),
    )
    .map_err(|_| TokenError::Malformed)
}

/// The payload of a token whose signature holds under the key that it names, as `known` finds it.
pub(crate) fn open<'a, T: for<'de> Deserialize<'de>>(
    token: &str,
    purpose: Purpose,
    known: impl FnOnce(&str) -> Option<&'a PublicKey>,
) -> Result<T, TokenError> {
    if token.len() > LONGEST {
        return Err(TokenError::Malformed);
    }
    let untrusted =
        UntrustedToken::<Public, V4>::try_from(token).map_err(|_| TokenError::Malformed)?;
    let footer: Footer =
        serde_json::from_slice(untrusted.untrusted_footer()).map_err(|_| TokenError::Malformed)?;
    let key = known(&footer.kid).ok_or(TokenError::UnknownKey)?;
    let trusted = PublicToken::verify(
        key.key(),
        &untrusted,
        Some(untrusted.untrusted_footer()),
        Some(purpose.assertion()),
    )
    .map_err(|_| TokenError::Forged)?;
    serde_json::from_str(trusted.payload()).map_err(|_| TokenError::Malformed)
}
