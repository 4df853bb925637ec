//! The store object and the calls on it, run on the vault's thread. A call that fails because the store object outlived
//! its service, or that panicked, is tried once more with a fresh one; entries that appear twice are made one again.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::call::Call;
use crate::fault::Fault;
use crate::key::StoredKey;
use crate::platform::Platform;
use crate::state::VaultError;

pub(crate) struct OpenStore {
    service: String,
    platform: Box<dyn Platform>,
    store: Option<Arc<CredentialStore>>,
}

impl OpenStore {
    pub(crate) fn new(service: String, platform: Box<dyn Platform>) -> Self {
        Self {
            service,
            platform,
            store: None,
        }
    }

    /// Writes an entry, reads it back from the store and compares: `Ok` means that the store holds this value.
    pub(crate) fn put(&mut self, user: &str, value: &[u8], call: &Call) -> Result<(), Fault> {
        self.run(user, call, |store| {
            store.write(user, value)?;
            call.check()?;
            store.verify(user, value)
        })
    }

    pub(crate) fn get(&mut self, user: &str, call: &Call) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.run(user, call, |store| store.read(user))
    }

    /// Removes an entry; one that is not there is removed already.
    pub(crate) fn delete(&mut self, user: &str, call: &Call) -> Result<(), Fault> {
        self.run(user, call, |store| store.remove(user))
    }

    /// Writes, reads back and removes an entry of its own. Nothing less proves a store: one without a default collection
    /// answers a read with "no such entry".
    pub(crate) fn probe(&mut self, call: &Call) -> Result<(), Fault> {
        let user = format!("probe-{}", std::process::id());
        self.run(&user, call, |store| {
            store.write(&user, b"probe")?;
            let verified = store.verify(&user, b"probe");
            store.remove(&user)?;
            verified
        })
    }

    fn run<T>(
        &mut self,
        user: &str,
        call: &Call,
        operation: impl Fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.attempt(user, call, &operation) {
            Err(fault) if fault.stale => {
                call.check()?;
                tracing::info!(detail = fault.detail, "opening the credential store anew");
                self.store = None;
                self.platform.reset();
                self.attempt(user, call, &operation)
            }
            outcome => outcome,
        }
    }

    fn attempt<T>(
        &mut self,
        user: &str,
        call: &Call,
        operation: impl Fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.platform.admit(&self.service, user, call)?;
            call.check()?;
            operation(self)
        }));
        // The payload of a panic may quote anything, so it is dropped unread.
        outcome.unwrap_or_else(|_| Err(Fault::stale("store_panicked")))
    }

    fn entry(&mut self, user: &str) -> Result<Entry, Fault> {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => {
                let opened = self.platform.open();
                let store = opened.map_err(|error| self.fault(error))?;
                self.store.insert(store).clone()
            }
        };
        let modifiers: HashMap<&str, &str> = self.platform.modifiers().iter().copied().collect();
        let modifiers = (!modifiers.is_empty()).then_some(&modifiers);
        store
            .build(&self.service, user, modifiers)
            .map_err(|error| self.fault(error))
    }

    fn fault(&self, error: keyring::Error) -> Fault {
        Fault::from_keyring(error, self.platform.as_ref())
    }

    fn read(&mut self, user: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self.entry(user)?.get_secret() {
            Ok(value) => Ok(Zeroizing::new(value)),
            Err(keyring::Error::Ambiguous(entries)) => self.read_one_of(entries),
            Err(error) => Err(self.fault(error)),
        }
    }

    fn verify(&mut self, user: &str, value: &[u8]) -> Result<(), Fault> {
        let not_verified = |detail| Err(Fault::new(VaultError::NotVerified, detail));
        match self.read(user) {
            Ok(read) if bool::from(read.ct_eq(value)) => Ok(()),
            Ok(_) => not_verified("read_back_differs"),
            Err(fault) if fault.error == VaultError::Missing => not_verified("read_back_missing"),
            Err(fault) if fault.error == VaultError::Corrupt => {
                not_verified("read_back_unreadable")
            }
            Err(fault) => Err(fault),
        }
    }

    fn write(&mut self, user: &str, value: &[u8]) -> Result<(), Fault> {
        match self.entry(user)?.set_secret(value) {
            Ok(()) => Ok(()),
            Err(keyring::Error::Ambiguous(entries)) => {
                let mut entries = self.newest_first(entries);
                let kept = entries.remove(0);
                kept.set_secret(value).map_err(|error| self.fault(error))?;
                self.discard(&entries);
                Ok(())
            }
            Err(error) => Err(self.fault(error)),
        }
    }

    fn remove(&mut self, user: &str) -> Result<(), Fault> {
        let removed = match self.entry(user)?.delete_credential() {
            Err(keyring::Error::Ambiguous(entries)) => {
                entries
                    .iter()
                    .try_for_each(|entry| match entry.delete_credential() {
                        Err(keyring::Error::NoEntry) => Ok(()),
                        outcome => outcome,
                    })
            }
            outcome => outcome,
        };
        match removed {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(self.fault(error)),
        }
    }

    /// Several entries with one name (older crates, other targets): the newest that holds a key is right, the rest goes.
    /// When none does, nothing is deleted.
    fn read_one_of(&mut self, entries: Vec<Entry>) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut entries = self.newest_first(entries);
        let mut failure = Fault::new(VaultError::Corrupt, "ambiguous");
        for kept in 0..entries.len() {
            match entries[kept].get_secret().map(Zeroizing::new) {
                Ok(value) if StoredKey::decode(&value).is_ok() => {
                    entries.remove(kept);
                    self.discard(&entries);
                    return Ok(value);
                }
                Ok(_) => {}
                Err(error) => failure = self.fault(error),
            }
        }
        Err(failure)
    }

    fn newest_first(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut dated: Vec<_> = entries
            .into_iter()
            .map(|entry| (self.platform.modified_at(&entry), entry))
            .collect();
        dated.sort_by_key(|(modified_at, _)| std::cmp::Reverse(*modified_at));
        dated.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Deletes the spare entries. One that stays is met again, and tried again, by the next call.
    fn discard(&self, spare: &[Entry]) {
        let kept = spare
            .iter()
            .filter(|entry| entry.delete_credential().is_err())
            .count();
        tracing::warn!(
            found = spare.len(),
            kept,
            "a key was in the credential store more than once"
        );
    }
}
