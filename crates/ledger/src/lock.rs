//! Who may have the database open: one window, and beside it any number of commands, its guests. Advisory locks on files beside the
//! database, held for life.
//!
//! The operating system drops them when a process ends, however it ends, so none is ever left behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::LedgerError;
use crate::file::beside;

/// How often, and how long apart, it is tried: a guest holds the window's lock while it makes or upgrades the file, and no longer.
pub(crate) const TRIES: u32 = 20;
pub(crate) const APART: Duration = Duration::from_millis(100);

/// A held lock. Dropping it lets the next process in.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// The window's, of the database at `path`.
    pub(crate) async fn of_the_window(path: &Path) -> Result<Self, LedgerError> {
        for _ in 1..TRIES {
            match Self::try_exclusive(path) {
                Err(LedgerError::InUse) if guests(path)? => tokio::time::sleep(APART).await,
                other => return other,
            }
        }
        Self::try_exclusive(path)
    }

    /// The window's, for as long as a guest makes or upgrades the file; [`LedgerError::InUse`] when there is a window.
    pub(crate) fn try_exclusive(path: &Path) -> Result<Self, LedgerError> {
        let file = open(path, ".lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// A guest's.
    pub(crate) fn of_a_guest(path: &Path) -> Result<Self, LedgerError> {
        let file = open(path, GUESTS)?;
        // Waits for a window that is just looking.
        file.lock_shared()?;
        Ok(Self { _file: file })
    }
}

const GUESTS: &str = ".guests";

/// Whether there are guests now.
pub(crate) fn guests(path: &Path) -> Result<bool, LedgerError> {
    match open(path, GUESTS)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn open(path: &Path, suffix: &str) -> Result<File, LedgerError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(beside(path, suffix))?)
}
