//! The Windows Credential Manager. It never prompts; an entry holds at most 2560 bytes.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

use super::Platform;
use crate::fault::Fault;
use crate::state::StoreState;

pub(crate) const STORE_NAME: &str = "Windows Credential Manager";

#[derive(Default)]
pub(crate) struct CredentialManager;

impl Platform for CredentialManager {
    fn open(&mut self) -> keyring::Result<Arc<CredentialStore>> {
        let store = windows_native_keyring_store::Store::new()?;
        Ok(store)
    }

    fn modifiers(&self) -> &'static [(&'static str, &'static str)] {
        // The store's own default, Enterprise, would let the key roam with a domain profile.
        &[("persistence", "Local")]
    }

    fn judge(&self, source: &(dyn Error + Send + Sync + 'static)) -> Option<Fault> {
        // The store keeps its error type private, and its text for this one code is fixed: ERROR_NO_SUCH_LOGON_SESSION,
        // met in ssh and network logons, where there is no credential set at all.
        let no_session = source.to_string() == "Windows ERROR_NO_SUCH_LOGON_SESSION";
        if no_session {
            return Some(Fault::store(StoreState::Absent, "no_logon_session"));
        }
        // ERROR_ACCESS_DENIED
        (source.to_string() == "Windows error code 5")
            .then(|| Fault::store(StoreState::Denied, "access_denied"))
    }
}
