//! The macOS login keychain. macOS itself asks the person to unlock it, or to allow this program; a background call
//! switches that off, so that it fails instead of prompting.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;
use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};

use super::Platform;
use crate::call::Call;
use crate::fault::Fault;
use crate::state::{Patience, StoreState};

pub(crate) const STORE_NAME: &str = "macOS Keychain";

#[derive(Default)]
pub(crate) struct Keychain {
    no_prompts: Option<KeychainUserInteractionLock>,
}

impl Platform for Keychain {
    fn open(&mut self) -> keyring::Result<Arc<CredentialStore>> {
        let store = apple_native_keyring_store::keychain::Store::new()?;
        Ok(store)
    }

    fn admit(&mut self, _service: &str, _user: &str, call: &Call) -> Result<(), Fault> {
        match call.patience() {
            Patience::User => self.no_prompts = None,
            Patience::Background if self.no_prompts.is_none() => {
                let switched_off = SecKeychain::disable_user_interaction();
                self.no_prompts = Some(switched_off.map_err(|e| judge_code(e.code()))?);
            }
            Patience::Background => {}
        }
        Ok(())
    }

    fn judge(&self, source: &(dyn Error + Send + Sync + 'static)) -> Option<Fault> {
        source
            .downcast_ref::<security_framework::base::Error>()
            .map(|error| judge_code(error.code()))
    }
}

/// Result codes of Security.framework (SecBase.h).
fn judge_code(code: i32) -> Fault {
    match code {
        -128 => Fault::store(StoreState::PromptDismissed, "user_canceled"),
        -25308 => Fault::store(StoreState::Locked, "interaction_not_allowed"),
        -25293 => Fault::store(StoreState::Denied, "auth_failed"),
        -25244 => Fault::store(StoreState::Denied, "invalid_owner_edit"),
        -25292 => Fault::store(StoreState::Denied, "read_only"),
        -34018 => Fault::store(StoreState::Denied, "missing_entitlement"),
        -61 => Fault::store(StoreState::Denied, "write_permission"),
        -25291 => Fault::store(StoreState::Absent, "not_available"),
        -25294 => Fault::store(StoreState::NoCollection, "no_such_keychain"),
        -25307 => Fault::store(StoreState::NoCollection, "no_default_keychain"),
        -25295 => Fault::store(StoreState::Broken, "invalid_keychain"),
        _ => Fault::stale("keychain_error"),
    }
}
