//! One call of the vault, as both the waiting caller and the vault's thread see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::fault::Fault;
use crate::key::EntryId;
use crate::state::Patience;

/// What a call does to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Finds out whether the store can be used.
    Probe,
    /// Reads an entry.
    Read(EntryId),
    /// Writes or removes an entry.
    Change(EntryId),
}

impl Purpose {
    /// Whether the two must not run at the same time: one changes the entry that the other is about.
    fn conflicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Change(one), Self::Change(two) | Self::Read(two))
            | (Self::Read(one), Self::Change(two)) => one == two,
            _ => false,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Call {
    patience: Patience,
    purpose: Purpose,
    given_up: CancellationToken,
    progress: Arc<Progress>,
}

#[derive(Default)]
struct Progress {
    started: AtomicBool,
    prompted: AtomicBool,
}

impl Call {
    pub(crate) fn new(patience: Patience, purpose: Purpose, given_up: CancellationToken) -> Self {
        Self {
            patience,
            purpose,
            given_up,
            progress: Arc::default(),
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    pub(crate) fn conflicts(&self, other: &Self) -> bool {
        self.purpose.conflicts(&other.purpose)
    }

    /// Gives the call up when dropped.
    pub(crate) fn give_up_on_drop(&self) -> DropGuard {
        self.given_up.clone().drop_guard()
    }

    /// Completes when nobody waits for the answer any more.
    pub(crate) async fn given_up(&self) {
        self.given_up.cancelled().await;
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.is_cancelled()
    }

    /// Fails when nobody waits for the answer any more: then nothing more is done to the store.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.is_given_up() {
            Err(Fault::given_up())
        } else {
            Ok(())
        }
    }

    /// Records that the vault's thread has begun.
    pub(crate) fn start(&self) {
        self.progress.started.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_started(&self) -> bool {
        self.progress.started.load(Ordering::Relaxed)
    }

    /// Records that a person is being asked to unlock the store.
    #[cfg(target_os = "linux")]
    pub(crate) fn prompt(&self) {
        self.progress.prompted.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_prompted(&self) -> bool {
        self.progress.prompted.load(Ordering::Relaxed)
    }
}
