//! A credential store of a test's own: it outlives Brasskey, and can be locked, in whole or for one entry, or keep a write
//! waiting as while a person is asked.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use brasskey_vault::EntryId;
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};

#[derive(Default)]
pub(crate) struct Drawer {
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
    held: bool,
    waiting: usize,
}

impl Drawer {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn store(self: &Arc<Self>) -> Arc<CredentialStore> {
        Arc::new(Store(self.clone()))
    }

    /// Refuses everything, or serves again.
    pub(crate) fn lock(&self, locked: bool) {
        self.inner.lock().unwrap().locked = locked;
    }

    /// Refuses what concerns one entry, as if it lay in a locked collection of its own.
    pub(crate) fn lock_entry(&self, entry: &EntryId) {
        let mut inner = self.inner.lock().unwrap();
        inner.locked_entries.insert(entry.as_str().to_owned());
    }

    /// Locks itself once something is written.
    pub(crate) fn lock_after_a_write(&self) {
        self.inner.lock().unwrap().locks_after_a_write = true;
    }

    /// Keeps writes waiting, or lets them go on.
    pub(crate) fn hold(&self, held: bool) {
        self.inner.lock().unwrap().held = held;
        self.released.notify_all();
    }

    /// Waits until a write is kept waiting.
    pub(crate) async fn until_held(&self) {
        while self.inner.lock().unwrap().waiting == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        let inner = self.inner.lock().unwrap();
        let keys = inner.entries.keys();
        keys.filter(|name| is_a_key(name)).count()
    }

    /// Whether a key was read since this was last asked.
    pub(crate) fn was_read(&self) -> bool {
        let read = std::mem::take(&mut self.inner.lock().unwrap().read);
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
        let mut inner = self.drawer.inner.lock().unwrap();
        if inner.locked || inner.locked_entries.contains(&self.user) {
            return Err(Error::NoStorageAccess("locked".into()));
        }
        act(&mut inner)
    }
}

impl CredentialApi for Handle {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let mut inner = self.drawer.inner.lock().unwrap();
        inner.waiting += 1;
        while inner.held {
            inner = self.drawer.released.wait(inner).unwrap();
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
