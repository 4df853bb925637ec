//! What can go wrong with the database, as a fixed list.
//!
//! Never carries a message's text, a path, SQL or a value: an error may be logged and shown.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// Why the ledger could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is no such row (any more).
    #[error("{what} is not there")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The change contradicts what is stored: an id given twice, or a change to something append-only.
    #[error("the change contradicts what is stored")]
    Conflict,
    /// The answer was closed before; its receipt is already written.
    #[error("the answer is already closed")]
    AlreadyClosed,
    /// Another process has the database open.
    #[error("the database is in use by another process")]
    InUse,
    /// A newer version of Brasskey wrote this database. Nothing was changed.
    #[error("the database has schema {found}, this version knows {known}")]
    TooNew {
        /// The schema version in the file.
        found: i64,
        /// The newest schema version this program knows.
        known: i64,
    },
    /// The disk is full. Nothing of the change was stored; what was stored before is intact.
    #[error("the disk is full")]
    Full,
    /// The file is damaged or is not a Brasskey database. It was left as it is.
    #[error("the database is damaged")]
    Corrupt,
    /// The database was locked for longer than the time limit.
    #[error("the database is busy")]
    Busy,
    /// The ledger was closed, or its thread has ended.
    #[error("the database is closed")]
    Closed,
    /// A sum of money is beyond about 9.2 million dollars.
    #[error("the sum is out of range")]
    Overflow,
    /// A stored value has a form that this version does not know.
    #[error("{what} cannot be read")]
    Unreadable {
        /// What was read.
        what: &'static str,
    },
    /// Any other failure of the file system or of SQLite.
    #[error("the database could not be read or written (code {code:?})")]
    Io {
        /// SQLite's extended result code, or the operating system's error number.
        code: Option<i32>,
    },
}

/// SQLite's result codes: <https://www.sqlite.org/rescode.html>.
mod code {
    pub(super) const ERROR: i32 = 1;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const NOT_A_DATABASE: i32 = 26;
    pub(super) const FOREIGN_KEY: i32 = 787;
    /// The shared-memory file could not grow: what a full disk looks like to the WAL index.
    pub(super) const SHM_SIZE: i32 = 4874;
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_database(error.as_ref()),
            sqlx::Error::Io(error) => error.into(),
            sqlx::Error::RowNotFound => Self::NotFound { what: "the row" },
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Unreadable {
                what: "a stored value",
            },
            sqlx::Error::Migrate(error) => (*error).into(),
            _ => Self::Io { code: None },
        }
    }
}

fn from_database(error: &dyn DatabaseError) -> LedgerError {
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    let Some(extended) = code else {
        return LedgerError::Io { code: None };
    };
    match (extended, extended & 0xff) {
        (code::FOREIGN_KEY, _) => LedgerError::NotFound {
            what: "what the row refers to",
        },
        (code::SHM_SIZE, _) | (_, code::FULL) => LedgerError::Full,
        (_, code::BUSY | code::LOCKED) => LedgerError::Busy,
        (_, code::CORRUPT | code::NOT_A_DATABASE) => LedgerError::Corrupt,
        (_, code::CONSTRAINT) => LedgerError::Conflict,
        // SUM() of integers fails rather than wraps, with the plain code and this text.
        (code::ERROR, _) if error.message().contains("integer overflow") => LedgerError::Overflow,
        _ => LedgerError::Io { code },
    }
}

impl From<MigrateError> for LedgerError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            // An applied migration that differs from ours, or a half-applied one: not a schema that we made.
            MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => Self::Corrupt,
            _ => Self::Io { code: None },
        }
    }
}

impl From<io::Error> for LedgerError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io {
                code: error.raw_os_error(),
            },
        }
    }
}
