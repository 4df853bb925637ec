//! Opening the database file: lock, permissions, version, integrity, migrations, connections.
//!
//! A file that fails to open is left exactly as it is: never renamed, deleted or started afresh.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};

use crate::file;
use crate::lock::{APART, Lock, TRIES, guests};
use crate::{
    Conversations, Drafts, Imports, KeyHandovers, KeyIntents, KeyRecords, LedgerError, Messages,
    MeteredUses, Projects, Receipts, Searches, Settings, TermsAcceptances, Turns,
};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

const READERS: u32 = 4;
/// Up to this size a database is checked before it opens, at 10 to 30 ms a megabyte (measured). A larger one
/// would keep the user waiting for seconds; see [`Ledger::verify`].
const CHECKED_AT_OPEN: u64 = 16 * 1024 * 1024;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A handle on the open database. Clones share the connections; the file is released with the last one.
#[derive(Debug, Clone)]
pub struct Ledger {
    connections: Arc<Connections>,
}

#[derive(Debug)]
struct Connections {
    /// One connection, `synchronous=FULL`: what it committed is on the disk.
    synced: SqlitePool,
    /// One connection, `synchronous=NORMAL`: a commit survives a crash of the program, not always one of the machine.
    streamed: SqlitePool,
    readers: SqlitePool,
    path: PathBuf,
    is_guest: bool,
    /// Last, so that it is dropped after the connections.
    _lock: Lock,
}

impl Ledger {
    /// Opens the database at `path`, and makes it (file 0600, folder 0700) when there is none.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] when another process has it open, [`LedgerError::TooNew`] when a newer version wrote it,
    /// [`LedgerError::Corrupt`] when it is damaged or something else. The file is then as it was.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        file::make_folder(path)?;
        let lock = Lock::of_the_window(path).await?;
        let synced = Self::make(path).await?;
        Self::connect(path, synced, lock, false).await
    }

    /// Opens the database beside the window, if there is one: for a command, which lives shortly.
    ///
    /// # Errors
    /// As [`Ledger::open`]; [`LedgerError::InUse`] when the window that has it open is of an older version.
    pub async fn open_as_guest(path: &Path) -> Result<Self, LedgerError> {
        file::make_folder(path)?;
        let lock = Lock::of_a_guest(path)?;
        let synced = Self::make_or_join(path).await?;
        Self::connect(path, synced, lock, true).await
    }

    /// Whether nobody else has it open now who could be in the middle of something: what looks left behind is then really that. A
    /// guest never is alone; a window is while it has no guests.
    ///
    /// # Errors
    /// When the files beside the database cannot be opened.
    pub fn is_alone(&self) -> Result<bool, LedgerError> {
        Ok(!self.connections.is_guest && !guests(&self.connections.path)?)
    }

    /// For a guest: makes the file or brings it up to date where nobody else is there who could; else joins who has it open, and
    /// waits a moment for another guest that is just making it.
    async fn make_or_join(path: &Path) -> Result<SqlitePool, LedgerError> {
        let mut tries = 1;
        loop {
            match Lock::try_exclusive(path) {
                Ok(_while_made) => return Self::make(path).await,
                Err(LedgerError::InUse) => {}
                Err(error) => return Err(error),
            }
            match Self::join(path).await {
                Err(_) if tries < TRIES => tokio::time::sleep(APART).await,
                joined => return joined,
            }
            tries += 1;
        }
    }

    async fn join(path: &Path) -> Result<SqlitePool, LedgerError> {
        let synced = pool(1).connect_with(synced(options(path))).await?;
        check_version(&synced).await?;
        require_current(&synced).await?;
        Ok(synced)
    }

    /// Makes the file where there is none, and brings it up to date.
    async fn make(path: &Path) -> Result<SqlitePool, LedgerError> {
        if !file::exists(path)? {
            create(path).await?;
        }
        file::keep_private(path)?;
        let options = options(path).journal_mode(SqliteJournalMode::Wal);
        let synced = pool(1).connect_with(synced(options)).await?;
        check_version(&synced).await?;
        if file::size(path)? <= CHECKED_AT_OPEN {
            quick_check(&mut *synced.acquire().await?).await?;
        }
        MIGRATIONS.run(&synced).await?;
        Ok(synced)
    }

    async fn connect(
        path: &Path,
        synced: SqlitePool,
        lock: Lock,
        is_guest: bool,
    ) -> Result<Self, LedgerError> {
        let options = options(path).journal_mode(SqliteJournalMode::Wal);
        let streamed = pool(1)
            .connect_with(options.clone().synchronous(SqliteSynchronous::Normal))
            .await?;
        let readers = pool(READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        Ok(Self {
            connections: Arc::new(Connections {
                synced,
                streamed,
                readers,
                path: path.to_owned(),
                is_guest,
                _lock: lock,
            }),
        })
    }

    /// Looks through the whole database for damage, without keeping others from reading and writing. [`Ledger::open`] does
    /// so itself for a database of up to 16 MiB; for a larger one, call this once after the start.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when it is damaged.
    pub async fn verify(&self) -> Result<(), LedgerError> {
        // On a connection of its own: one that has searched before takes the index as it was then for the index as it is, and
        // calls it damaged (SQLite 3.54, FTS5's part of the check does not look whether it has changed).
        let options = self.connections.readers.connect_options();
        let mut connection = options.connect().await?;
        let verdict = quick_check(&mut connection).await;
        connection.close().await?;
        verdict
    }

    /// Waits for running statements, folds the write-ahead log into the file and closes it, for every clone.
    pub async fn close(&self) {
        self.connections.readers.close().await;
        self.connections.streamed.close().await;
        self.connections.synced.close().await;
    }

    /// Projects.
    #[must_use]
    pub fn projects(&self) -> Projects<'_> {
        Projects { ledger: self }
    }

    /// Conversations.
    #[must_use]
    pub fn conversations(&self) -> Conversations<'_> {
        Conversations { ledger: self }
    }

    /// Messages, for reading. They are written through [`Ledger::turns`].
    #[must_use]
    pub fn messages(&self) -> Messages<'_> {
        Messages { ledger: self }
    }

    /// Questions with their answers, from the sending to the receipt.
    #[must_use]
    pub fn turns(&self) -> Turns<'_> {
        Turns { ledger: self }
    }

    /// Receipts and their totals.
    #[must_use]
    pub fn receipts(&self) -> Receipts<'_> {
        Receipts { ledger: self }
    }

    /// Keys that were handed to other programs.
    #[must_use]
    pub fn key_handovers(&self) -> KeyHandovers<'_> {
        KeyHandovers { ledger: self }
    }

    /// What is brought in from a file.
    #[must_use]
    pub fn imports(&self) -> Imports<'_> {
        Imports { ledger: self }
    }

    /// Full-text search.
    #[must_use]
    pub fn search(&self) -> Searches<'_> {
        Searches { ledger: self }
    }

    /// Drafts.
    #[must_use]
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts { ledger: self }
    }

    /// What may be shown of each key.
    #[must_use]
    pub fn keys(&self) -> KeyRecords<'_> {
        KeyRecords { ledger: self }
    }

    /// What is about to be done to the credential store.
    #[must_use]
    pub fn key_intents(&self) -> KeyIntents<'_> {
        KeyIntents { ledger: self }
    }

    /// Settings that the window and the command share.
    #[must_use]
    pub fn settings(&self) -> Settings<'_> {
        Settings { ledger: self }
    }

    /// Uses of metered features that are not counted yet.
    #[must_use]
    pub fn metered_uses(&self) -> MeteredUses<'_> {
        MeteredUses { ledger: self }
    }

    /// Accepted terms.
    #[must_use]
    pub fn terms(&self) -> TermsAcceptances<'_> {
        TermsAcceptances { ledger: self }
    }

    /// A transaction that is on the disk once committed. It takes the write lock at once, so it never fails half-way
    /// because another connection wrote in between.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        Ok(self
            .connections
            .synced
            .begin_with("BEGIN IMMEDIATE")
            .await?)
    }

    /// A snapshot to read from.
    pub(crate) async fn read(&self) -> Result<Transaction<'static, Sqlite>, LedgerError> {
        Ok(self.connections.readers.begin().await?)
    }

    /// The connection for what streams in.
    pub(crate) fn streamed(&self) -> &SqlitePool {
        &self.connections.streamed
    }

    /// Folds the write-ahead log into the file and empties it, so that what was deleted is in neither.
    pub(crate) async fn forget_deleted(&self) -> Result<(), LedgerError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.connections.synced)
            .await?;
        Ok(())
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    // The connections live as long as the ledger: no health query before each use, no renewal.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY_TIMEOUT * 2)
        .after_release(|connection, _| Box::pin(is_clean(connection)))
}

/// Whether a connection can be used again. On a full disk SQLite rolls a transaction back by itself; sqlx then fails to do
/// so and believes for ever that it is in one. Such a connection is closed, and the next use opens another.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Waits for a rollback that a dropped transaction left in the queue.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        // Used on macOS alone, where a plain fsync does not reach the disk.
        .pragma("checkpoint_fullfsync", "ON")
        .disable_statement_logging()
}

fn synced(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON")
}

/// Makes a complete, empty database under another name and then gives it its own.
async fn create(path: &Path) -> Result<(), LedgerError> {
    let unfinished = file::begin(path)?;
    let mut connection = options(&unfinished)
        .journal_mode(SqliteJournalMode::Memory)
        .connect()
        .await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    file::finish(&unfinished, path)
}

/// Looks through every page for damage.
async fn quick_check(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(LedgerError::Corrupt)
    }
}

/// Refuses a database that is not ours or is newer than we are.
async fn check_version(synced: &SqlitePool) -> Result<(), LedgerError> {
    let ours: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')",
    )
    .fetch_one(synced)
    .await?;
    if !ours {
        return Err(LedgerError::Corrupt);
    }
    let (found, known) = (version(synced).await?, known_version());
    if found > known {
        return Err(LedgerError::TooNew { found, known });
    }
    Ok(())
}

/// Refuses a database that has to be upgraded, which only who has it alone may do.
async fn require_current(synced: &SqlitePool) -> Result<(), LedgerError> {
    if version(synced).await? < known_version() {
        return Err(LedgerError::InUse);
    }
    Ok(())
}

async fn version(synced: &SqlitePool) -> Result<i64, LedgerError> {
    let sql = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations";
    Ok(sqlx::query_scalar(sql).fetch_one(synced).await?)
}

fn known_version() -> i64 {
    let versions = MIGRATIONS.iter().map(|migration| migration.version);
    versions.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn pragmas(pool: &SqlitePool) -> Vec<i64> {
        let mut values = Vec::new();
        for pragma in [
            "PRAGMA synchronous",
            "PRAGMA foreign_keys",
            "PRAGMA secure_delete",
            "PRAGMA temp_store",
            "PRAGMA trusted_schema",
            "PRAGMA busy_timeout",
            "PRAGMA query_only",
        ] {
            values.push(sqlx::query_scalar(pragma).fetch_one(pool).await.unwrap());
        }
        values
    }

    #[tokio::test]
    async fn each_connection_is_set_up_for_its_duty() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("brasskey.db"))
            .await
            .unwrap();
        let Connections {
            synced,
            streamed,
            readers,
            ..
        } = &*ledger.connections;
        // 2 is FULL, 1 is NORMAL; 2 is memory for temporary tables.
        assert_eq!(pragmas(synced).await, [2, 1, 1, 2, 0, 5000, 0]);
        assert_eq!(pragmas(streamed).await, [1, 1, 1, 2, 0, 5000, 0]);
        assert_eq!(pragmas(readers).await[1..], [1, 1, 2, 0, 5000, 1]);
        for pool in [synced, streamed, readers] {
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(pool)
                .await
                .unwrap();
            assert_eq!(mode, "wal");
        }
    }

    #[tokio::test]
    async fn sqlite_is_newer_than_the_bug_that_corrupts_with_two_writers() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("brasskey.db"))
            .await
            .unwrap();
        let version: String = sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(&ledger.connections.readers)
            .await
            .unwrap();
        let version: Vec<u32> = version
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect();
        // The WAL-reset bug: 3.7.0 to 3.51.2, https://www.sqlite.org/wal.html#walresetbug
        assert!(version >= vec![3, 51, 3], "{version:?}");
    }

    #[tokio::test]
    async fn extensions_cannot_be_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("brasskey.db"))
            .await
            .unwrap();
        let loaded = sqlx::query("SELECT load_extension('x')")
            .execute(&ledger.connections.synced)
            .await;
        let error = loaded.unwrap_err().to_string();
        assert!(
            error.contains("not authorized") || error.contains("no such function"),
            "{error}"
        );
    }
}
