//! Keys in memory: those read from the store (dropped when idle, so that a message needs no read and no prompt), and those
//! of a session without a store. Nothing here reaches a disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::key::{EntryId, StoredKey};
use crate::passphrase::PassphraseVault;

/// Where the user chose to keep keys.
#[derive(Clone, Default)]
pub(crate) enum Kept {
    #[default]
    System,
    Session,
    Passphrase(PassphraseVault),
}

pub(crate) struct Memory {
    idle: Duration,
    shelves: Mutex<Shelves>,
}

#[derive(Default)]
struct Shelves {
    cached: HashMap<EntryId, Cached>,
    session: HashMap<EntryId, StoredKey>,
    kept: Kept,
}

struct Cached {
    key: StoredKey,
    used_at: Instant,
}

impl Memory {
    pub(crate) fn new(idle: Duration) -> Self {
        Self {
            idle,
            shelves: Mutex::default(),
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn kept(&self) -> Kept {
        self.shelves().kept.clone()
    }

    /// Takes another place into use. What was read from the one before is dropped.
    pub(crate) fn keep_in(&self, kept: Kept) {
        let mut shelves = self.shelves();
        shelves.cached.clear();
        shelves.kept = kept;
    }

    pub(crate) fn put_session(&self, id: &EntryId, key: &StoredKey) {
        self.shelves().session.insert(id.clone(), key.copy());
    }

    pub(crate) fn get_session(&self, id: &EntryId) -> Option<StoredKey> {
        self.shelves().session.get(id).map(StoredKey::copy)
    }

    pub(crate) fn has_session(&self, id: &EntryId) -> bool {
        self.shelves().session.contains_key(id)
    }

    pub(crate) fn delete_session(&self, id: &EntryId) {
        self.shelves().session.remove(id);
    }

    pub(crate) fn cache(&self, id: EntryId, key: StoredKey) {
        let used_at = Instant::now();
        self.shelves().cached.insert(id, Cached { key, used_at });
    }

    pub(crate) fn cached(&self, id: &EntryId) -> Option<StoredKey> {
        self.sweep();
        let mut shelves = self.shelves();
        let cached = shelves.cached.get_mut(id)?;
        cached.used_at = Instant::now();
        Some(cached.key.copy())
    }

    pub(crate) fn forget(&self, id: &EntryId) {
        self.shelves().cached.remove(id);
    }

    /// Drops what was read from where keys are kept; a session's keys have no other home and stay.
    pub(crate) fn forget_cached(&self) {
        self.shelves().cached.clear();
    }

    pub(crate) fn wipe(&self) {
        let mut shelves = self.shelves();
        shelves.cached.clear();
        shelves.session.clear();
    }

    /// Drops the keys that nobody used for too long; returns how long until the next one is due.
    pub(crate) fn sweep(&self) -> Option<Duration> {
        let now = Instant::now();
        let mut shelves = self.shelves();
        let idle = self.idle;
        shelves
            .cached
            .retain(|_, cached| now.duration_since(cached.used_at) < idle);
        shelves
            .cached
            .values()
            .map(|cached| idle.saturating_sub(now.duration_since(cached.used_at)))
            .min()
    }
}
