//! A credential store of a test's own: it outlives Brasskey, and can be locked, in whole or for one entry, or keep a write
//! waiting as while a person is asked.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};

/// The store. Whoever holds it can look into it, too.
#[derive(Default)]
pub struct Drawer {
    inner: Mutex<Inner>,
    released: Condvar,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<String, Vec<u8>>,
    read: HashSet<String>,
    locked: bool,
    locked_entries: HashSet<String>,
    locks_after_a_write: bool,
    locks_after: Option<usize>,
    held: bool,
    waiting: usize,
}

impl Drawer {
    /// An empty one.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As the vault opens it.
    #[must_use]
    pub fn store(self: &Arc<Self>) -> Arc<CredentialStore> {
        Arc::new(Store(self.clone()))
    }

    /// Refuses everything, or serves again.
    pub fn lock(&self, locked: bool) {
        let mut inner = self.inner();
        (inner.locked, inner.locks_after) = (locked, None);
    }

    /// Whether it refuses everything.
    pub fn is_locked(&self) -> bool {
        self.inner().locked
    }

    /// Locks itself once it has been used so often.
    pub fn lock_after(&self, uses: usize) {
        self.inner().locks_after = Some(uses);
    }

    /// Refuses what concerns one entry, as if it lay in a locked collection of its own.
    pub fn lock_entry(&self, entry: &str) {
        self.inner().locked_entries.insert(entry.to_owned());
    }

    /// Locks itself once something is written.
    pub fn lock_after_a_write(&self) {
        self.inner().locks_after_a_write = true;
    }

    /// Keeps writes waiting, or lets them go on.
    pub fn hold(&self, held: bool) {
        self.inner().held = held;
        self.released.notify_all();
    }

    /// Waits until a write is kept waiting.
    pub async fn until_held(&self) {
        while self.inner().waiting == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        let inner = self.inner();
        let keys = inner.entries.keys();
        keys.filter(|name| is_a_key(name)).count()
    }

    /// How many credentials of this computer there are.
    pub fn credentials(&self) -> usize {
        let inner = self.inner();
        let names = inner.entries.keys();
        names.filter(|name| name.contains("device-")).count()
    }

    /// Whether a key was read since this was last asked.
    pub fn was_read(&self) -> bool {
        let read = std::mem::take(&mut self.inner().read);
        read.iter().any(|name| is_a_key(name))
    }
}

/// The device's credential lies beside the keys, and the probe passes by.
fn is_a_key(name: &str) -> bool {
    !name.contains("device-") && !name.contains("probe")
}

struct Store(Arc<Drawer>);

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        "test".to_owned()
    }

    fn id(&self) -> String {
        "test".to_owned()
    }

    fn build(&self, _: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(Handle {
            drawer: self.0.clone(),
            user: user.to_owned(),
        })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

struct Handle {
    drawer: Arc<Drawer>,
    user: String,
}

impl Handle {
    fn act<T>(&self, act: impl FnOnce(&mut Inner) -> Result<T>) -> Result<T> {
        let mut inner = self.drawer.inner();
        if let Some(uses) = inner.locks_after.take() {
            inner.locked |= uses == 0;
            inner.locks_after = uses.checked_sub(1);
        }
        if inner.locked || inner.locked_entries.contains(&self.user) {
            return Err(Error::NoStorageAccess("locked".into()));
        }
        act(&mut inner)
    }
}

impl CredentialApi for Handle {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let mut inner = self.drawer.inner();
        inner.waiting += 1;
        while inner.held {
            inner = (self.drawer.released.wait(inner)).unwrap_or_else(PoisonError::into_inner);
        }
        inner.waiting -= 1;
        drop(inner);
        self.act(|inner| {
            inner.entries.insert(self.user.clone(), secret.to_vec());
            inner.locked = std::mem::take(&mut inner.locks_after_a_write);
            Ok(())
        })
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.act(|inner| {
            inner.read.insert(self.user.clone());
            inner.entries.get(&self.user).cloned().ok_or(Error::NoEntry)
        })
    }

    fn delete_credential(&self) -> Result<()> {
        self.act(|inner| {
            let gone = inner.entries.remove(&self.user);
            gone.map(drop).ok_or(Error::NoEntry)
        })
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}
