//! A store that the caller brings: any implementation of keyring-core's traits.

use std::sync::Arc;

use keyring_core::CredentialStore;

use super::Platform;

pub(crate) type Opener = Arc<dyn Fn() -> keyring::Result<Arc<CredentialStore>> + Send + Sync>;

pub(crate) struct Given(pub(crate) Opener);

impl Platform for Given {
    fn open(&mut self) -> keyring::Result<Arc<CredentialStore>> {
        (self.0)()
    }
}
