//! A failed call inside the vault: the error that the caller gets, a fixed code for support, and whether a fresh store
//! object may mend it. A store's own error ends here: two kinds of it carry the raw secret.

use zeroize::Zeroizing;

use crate::platform::Platform;
use crate::state::{StoreState, VaultError};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) error: VaultError,
    pub(crate) detail: &'static str,
    /// The store object may have outlived the service behind it: worth one more try with a fresh one.
    pub(crate) stale: bool,
}

impl Fault {
    pub(crate) const fn new(error: VaultError, detail: &'static str) -> Self {
        Self {
            error,
            detail,
            stale: false,
        }
    }

    pub(crate) const fn store(state: StoreState, detail: &'static str) -> Self {
        Self::new(VaultError::Store(state), detail)
    }

    /// A failure that a fresh store object may mend.
    pub(crate) const fn stale(detail: &'static str) -> Self {
        Self {
            error: VaultError::Store(StoreState::Broken),
            detail,
            stale: true,
        }
    }

    pub(crate) const fn given_up() -> Self {
        Self::new(VaultError::Cancelled, "given_up")
    }

    /// Takes a store's error apart, wipes what it may hold of the secret, and keeps only its meaning.
    pub(crate) fn from_keyring(error: keyring::Error, platform: &dyn Platform) -> Self {
        use keyring::Error;
        match error {
            Error::NoEntry => Self::new(VaultError::Missing, "no_entry"),
            Error::NoStorageAccess(source) => platform
                .judge(source.as_ref())
                .unwrap_or(Self::store(StoreState::Locked, "no_storage_access")),
            Error::PlatformFailure(source) => platform
                .judge(source.as_ref())
                .unwrap_or(Self::stale("platform_failure")),
            Error::BadEncoding(secret) | Error::BadDataFormat(secret, _) => {
                drop(Zeroizing::new(secret));
                Self::new(VaultError::Corrupt, "bad_format")
            }
            Error::TooLong(_, limit) => Self::new(VaultError::TooLong { limit }, "too_long"),
            Error::NoDefaultStore => Self::store(StoreState::Absent, "no_store"),
            Error::BadStoreFormat(_) => Self::store(StoreState::Broken, "store_format"),
            Error::Invalid(..) => Self::store(StoreState::Broken, "invalid"),
            Error::NotSupportedByStore(_) => Self::store(StoreState::Broken, "not_supported"),
            Error::Ambiguous(_) => Self::store(StoreState::Broken, "ambiguous"),
            // The enum may grow. An unknown failure must not read as "no such key".
            _ => Self::stale("unknown"),
        }
    }
}
