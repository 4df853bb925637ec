//! One process at a time: an advisory lock on a file beside the database, held for life.
//!
//! The operating system drops it when the process ends, however it ends, so it is never left behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::LedgerError;
use crate::file::beside;

/// The held lock. Dropping it lets the next process in.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock for the database at `path`, without waiting.
    pub(crate) fn acquire(path: &Path) -> Result<Self, LedgerError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path, ".lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
