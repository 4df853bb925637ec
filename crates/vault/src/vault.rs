//! The vault as the rest of the program sees it.

use std::sync::Arc;

use keyring_core::CredentialStore;

use crate::call::Purpose;
use crate::fault::Fault;
use crate::key::{EntryId, StoredKey};
use crate::memory::{Kept, Memory};
use crate::passphrase::PassphraseVault;
use crate::platform::given::Given;
use crate::platform::{Platform, STORE_NAME, System};
use crate::state::{Deadlines, Patience, StoreReport, StoreState, VaultError};
use crate::store::OpenStore;
use crate::worker::Worker;

/// Keeps provider keys in the operating system's credential store, or, when the user chose so, in memory for the session or in
/// a passphrase vault.
///
/// Its async methods need a Tokio runtime with time enabled; none of them blocks it. Clones are one vault.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Worker,
    memory: Arc<Memory>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker.close();
        self.memory.wipe();
    }
}

impl Vault {
    /// The system's credential store, with entries under `service` (such as `com.example.app`: not empty, readable by other
    /// programs). Touches nothing before the first call.
    #[must_use]
    pub fn system(service: &str) -> Self {
        Self::system_with(service, Deadlines::default())
    }

    /// As [`Vault::system`], with other time limits.
    #[must_use]
    pub fn system_with(service: &str, deadlines: Deadlines) -> Self {
        Self::new(service, deadlines, || Box::new(System::default()))
    }

    /// A vault over any other store; `open` is called for the first call, and again after the store failed.
    pub fn with_store(
        service: &str,
        deadlines: Deadlines,
        open: impl Fn() -> keyring::Result<Arc<CredentialStore>> + Send + Sync + 'static,
    ) -> Self {
        let open = Arc::new(open);
        Self::new(service, deadlines, move || Box::new(Given(open.clone())))
    }

    fn new(
        service: &str,
        deadlines: Deadlines,
        platform: impl Fn() -> Box<dyn Platform> + Send + Sync + 'static,
    ) -> Self {
        let memory = Arc::new(Memory::new(deadlines.idle));
        let service = service.to_owned();
        let open = move || OpenStore::new(service.clone(), platform());
        let worker = Worker::new(deadlines, memory.clone(), open);
        Self {
            inner: Arc::new(Inner { worker, memory }),
        }
    }

    /// The store's name as the system's users know it.
    #[must_use]
    pub fn store_name() -> &'static str {
        STORE_NAME
    }

    /// What the last call found; asks nobody.
    #[must_use]
    pub fn state(&self) -> StoreState {
        match self.inner.memory.kept() {
            Kept::Session => StoreState::Session,
            Kept::Passphrase(sealed) => sealed.state(),
            Kept::System => self.inner.worker.state(),
        }
    }

    /// Tries the store by writing, reading back and deleting an entry. A passphrase vault is looked at; memory needs no look.
    pub async fn probe(&self, patience: Patience) -> StoreReport {
        let state = match self.inner.memory.kept() {
            Kept::System => return self.probe_system(patience).await,
            Kept::Session => StoreState::Session,
            Kept::Passphrase(sealed) => sealed.probe().await,
        };
        StoreReport {
            state,
            detail: None,
        }
    }

    /// As [`Vault::probe`], also while keys are kept elsewhere: whether going back to the system's store makes sense.
    pub async fn probe_system(&self, patience: Patience) -> StoreReport {
        let probed = self
            .inner
            .worker
            .call(patience, Purpose::Probe, move |store, call| {
                store.probe(call)
            });
        let (state, detail) = match probed.await {
            Ok(()) => (StoreState::Ready, None),
            Err(Fault {
                error: VaultError::Store(state),
                detail,
                ..
            }) => (state, Some(detail)),
            Err(fault) => (StoreState::Broken, Some(fault.detail)),
        };
        StoreReport { state, detail }
    }

    /// Stores a key: written, read back and compared before this returns `Ok`.
    ///
    /// # Errors
    /// Any [`VaultError`] but `Missing`. After one the entry may still have been written: delete the id.
    pub async fn put(
        &self,
        id: &EntryId,
        key: &StoredKey,
        patience: Patience,
    ) -> Result<(), VaultError> {
        let memory = self.inner.memory.clone();
        match memory.kept() {
            Kept::System => {}
            Kept::Session => {
                memory.put_session(id, key);
                return Ok(());
            }
            Kept::Passphrase(sealed) => {
                memory.forget(id);
                let value = key.encode().map_err(|fault| fault.error)?;
                return sealed.put(id, value).await;
            }
        }
        self.put_into_system(id, key, patience).await
    }

    /// As [`Vault::put`], into the system's store, wherever keys are kept now: for taking them back there.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub async fn put_into_system(
        &self,
        id: &EntryId,
        key: &StoredKey,
        patience: Patience,
    ) -> Result<(), VaultError> {
        let memory = self.inner.memory.clone();
        memory.forget(id);
        let value = key.encode().map_err(|fault| fault.error)?;
        let id = id.clone();
        let purpose = Purpose::Change(id.clone());
        let stored = self
            .inner
            .worker
            .call(patience, purpose, move |store, call| {
                store.put(id.as_str(), &value, call)?;
                let key = StoredKey::decode(&value)?;
                if !call.is_given_up() {
                    memory.cache(id, key);
                }
                Ok(())
            });
        stored.await.map_err(|fault| fault.error)
    }

    /// Reads a key, from memory if it was used lately, else from the store.
    ///
    /// # Errors
    /// [`VaultError::Missing`] only if the store is open and does not have it; [`VaultError::Store`] while that cannot be
    /// known.
    pub async fn get(&self, id: &EntryId, patience: Patience) -> Result<StoredKey, VaultError> {
        let memory = self.inner.memory.clone();
        match memory.kept() {
            Kept::System => {}
            Kept::Session => return memory.get_session(id).ok_or(VaultError::Missing),
            Kept::Passphrase(sealed) => return self.get_sealed(&sealed, id).await,
        }
        if let Some(key) = memory.cached(id) {
            return Ok(key);
        }
        let id = id.clone();
        let purpose = Purpose::Read(id.clone());
        let read = self
            .inner
            .worker
            .call(patience, purpose, move |store, call| {
                // Calls for one key often come in pairs; the second finds what the first has read.
                if let Some(key) = memory.cached(&id) {
                    return Ok(key);
                }
                let key = StoredKey::decode(&store.get(id.as_str(), call)?)?;
                if !call.is_given_up() {
                    memory.cache(id, key.copy());
                }
                Ok(key)
            });
        read.await.map_err(|fault| fault.error)
    }

    async fn get_sealed(
        &self,
        sealed: &PassphraseVault,
        id: &EntryId,
    ) -> Result<StoredKey, VaultError> {
        let memory = &self.inner.memory;
        // A locked vault gives no key, also none that was read while it was open.
        sealed.touch().inspect_err(|_| memory.forget_cached())?;
        if let Some(key) = memory.cached(id) {
            return Ok(key);
        }
        let key = StoredKey::decode(&sealed.get(id).await?).map_err(|fault| fault.error)?;
        memory.cache(id.clone(), key.copy());
        Ok(key)
    }

    /// Wipes the copy of a key that was read from the store; the next use reads it again. A key that is kept in memory stays.
    pub fn forget(&self, id: &EntryId) {
        self.inner.memory.forget(id);
    }

    /// A key that is kept in memory, also after going back to the system's store. Asks nobody.
    #[must_use]
    pub fn session_key(&self, id: &EntryId) -> Option<StoredKey> {
        self.inner.memory.get_session(id)
    }

    /// Whether a key is kept in memory.
    #[must_use]
    pub fn has_session_key(&self, id: &EntryId) -> bool {
        self.inner.memory.has_session(id)
    }

    /// Wipes a key that is kept in memory. One that is not there counts as wiped.
    pub fn delete_session_key(&self, id: &EntryId) {
        self.inner.memory.delete_session(id);
    }

    /// Removes a key from where keys are kept now. One that is not there counts as removed.
    ///
    /// # Errors
    /// [`VaultError::Store`], `Cancelled` or `Closed`: the store may still hold it.
    pub async fn delete(&self, id: &EntryId, patience: Patience) -> Result<(), VaultError> {
        let memory = self.inner.memory.clone();
        match memory.kept() {
            Kept::System => {}
            Kept::Session => {
                memory.delete_session(id);
                return Ok(());
            }
            Kept::Passphrase(sealed) => {
                memory.forget(id);
                return sealed.delete(id).await;
            }
        }
        self.delete_from_system(id, patience).await
    }

    /// As [`Vault::delete`], from the system's store, wherever keys are kept now.
    ///
    /// # Errors
    /// As [`Vault::delete`].
    pub async fn delete_from_system(
        &self,
        id: &EntryId,
        patience: Patience,
    ) -> Result<(), VaultError> {
        let memory = self.inner.memory.clone();
        memory.forget(id);
        let id = id.clone();
        let purpose = Purpose::Change(id.clone());
        let deleted = self
            .inner
            .worker
            .call(patience, purpose, move |store, call| {
                let deleted = store.delete(id.as_str(), call);
                // A read that was queued before this call may have cached it again.
                memory.forget(&id);
                deleted
            });
        deleted.await.map_err(|fault| fault.error)
    }

    /// From now on keys are kept in memory only, because the user chose so: those elsewhere are neither read nor changed.
    pub fn use_session(&self) {
        self.inner.memory.keep_in(Kept::Session);
    }

    /// From now on keys are kept in this passphrase vault, because the user chose so: those elsewhere are neither read nor
    /// changed. It may be locked.
    pub fn use_passphrase(&self, sealed: &PassphraseVault) {
        self.inner.memory.keep_in(Kept::Passphrase(sealed.clone()));
    }

    /// Back to the system's store. Keys of the session stay in memory ([`Vault::session_key`]) until they are deleted there or
    /// the vault is dropped.
    pub fn use_system(&self) {
        self.inner.memory.keep_in(Kept::System);
    }

    /// Locks the passphrase vault, if keys are kept in one: its key and what was read with it are wiped.
    pub fn lock(&self) {
        if let Kept::Passphrase(sealed) = self.inner.memory.kept() {
            sealed.lock();
            self.inner.memory.forget_cached();
        }
    }

    /// Locks the passphrase vault once nobody has used it for its time. Returns when it is locked, by whomever.
    pub async fn lock_when_idle(&self) {
        loop {
            let Kept::Passphrase(sealed) = self.inner.memory.kept() else {
                return;
            };
            match sealed.until_idle() {
                None => return self.inner.memory.forget_cached(),
                Some(_) if sealed.is_idle() => return self.lock(),
                Some(left) => tokio::time::sleep(left).await,
            }
        }
    }

    /// Gives up every call that a person waits for; an unlock prompt that the vault raised is taken off the screen.
    pub fn cancel(&self) {
        self.inner.worker.cancel();
    }

    /// Closes the vault without waiting for the store: later calls fail with [`VaultError::Closed`], keys in memory are
    /// wiped.
    pub fn close(&self) {
        self.inner.worker.close();
        self.lock();
        self.inner.memory.wipe();
    }
}
