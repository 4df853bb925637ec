//! Why the passphrase vault did not do what it was asked: for the form that asked, and for who only wants a key.

use std::io;

use crate::state::{StoreState, VaultError};

/// Why the passphrase vault could not be made, opened or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// The passphrase has fewer than [`super::SHORTEST_PASSPHRASE`] characters.
    #[error("the passphrase is too short")]
    TooShort,
    /// There is a vault already; making another would lose its keys.
    #[error("there is a passphrase vault already")]
    Exists,
    /// There is no vault.
    #[error("there is no passphrase vault")]
    Missing,
    /// The passphrase is not the vault's.
    #[error("the passphrase is not the vault's")]
    Wrong,
    /// The file is not a vault, was changed, or was made by a later version.
    #[error("the passphrase vault cannot be read")]
    Damaged,
    /// The file could not be read or written.
    #[error("the passphrase vault's file cannot be used: {0:?}")]
    Disk(io::ErrorKind),
}

impl From<io::Error> for PassphraseError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Disk(kind),
        }
    }
}

impl From<PassphraseError> for VaultError {
    fn from(error: PassphraseError) -> Self {
        Self::Store(match error {
            PassphraseError::Missing => StoreState::VaultMissing,
            PassphraseError::Damaged => StoreState::VaultDamaged,
            PassphraseError::Disk(_) | PassphraseError::Exists => StoreState::VaultUnwritable,
            // Another passphrase was set by another process: this one has to be asked for the new one.
            PassphraseError::Wrong | PassphraseError::TooShort => StoreState::VaultLocked,
        })
    }
}
