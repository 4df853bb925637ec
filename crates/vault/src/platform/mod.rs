//! What differs between the operating systems: opening the store, looking whether a call may go ahead without a prompt,
//! and what the store's errors mean.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

use crate::call::Call;
use crate::fault::Fault;

pub(crate) mod given;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "windows")]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{STORE_NAME, SecretService as System};
#[cfg(target_os = "macos")]
pub(crate) use macos::{Keychain as System, STORE_NAME};
#[cfg(target_os = "windows")]
pub(crate) use windows::{CredentialManager as System, STORE_NAME};

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
compile_error!("Brasskey knows the credential stores of Linux, macOS and Windows only");

/// One operating system's store, as the vault's thread sees it. Lives on that thread alone.
pub(crate) trait Platform {
    /// Opens a fresh store object.
    fn open(&mut self) -> keyring::Result<Arc<CredentialStore>>;

    /// Called before each use of the store. Refuses when the store cannot serve the call, and sees to it that the use
    /// itself raises no prompt: a call of [`crate::Patience::User`] may unlock the store here, a background call never.
    fn admit(&mut self, _service: &str, _user: &str, _call: &Call) -> Result<(), Fault> {
        Ok(())
    }

    /// What an error of the platform's means; `None` if it is not one that the platform knows.
    fn judge(&self, _source: &(dyn Error + Send + Sync + 'static)) -> Option<Fault> {
        None
    }

    /// Extras that a new entry is made with.
    fn modifiers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// When an entry of several with one name was last written, in seconds since 1970; 0 if unknown.
    fn modified_at(&mut self, _entry: &keyring_core::Entry) -> u64 {
        0
    }

    /// Forgets connections, which may have outlived the service behind them.
    fn reset(&mut self) {}
}
