//! Intents: what is about to be done to the credential store, written before it is done.
//!
//! The store and this database cannot commit together. An intent that is still here at start tells which entry may be
//! orphaned (a `put` without a record) or left over (a `delete`), and is settled then.

use sqlx::{FromRow, SqliteConnection};

use crate::{Ledger, LedgerError, Place};

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum StoreAction {
    /// Write an entry.
    Put,
    /// Delete an entry.
    Delete,
}

/// An intent that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyIntent {
    /// The entry of the credential store.
    pub entry_id: String,
    /// What was about to be done to it.
    pub what: StoreAction,
    /// Where the entry is kept.
    pub place: Place,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Intents in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct KeyIntents<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl KeyIntents<'_> {
    /// Writes down what is about to be done to an entry, in place of an earlier intent for it.
    ///
    /// # Errors
    /// Those of the database; then the store must not be touched.
    pub async fn intend(
        &self,
        entry_id: &str,
        what: StoreAction,
        place: Place,
        at: i64,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        intend(&mut write, entry_id, what, place, at).await?;
        Ok(write.commit().await?)
    }

    /// The intents that are not settled, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self) -> Result<Vec<KeyIntent>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(
            sqlx::query_as(
                "SELECT entry_id, what, place, at FROM key_intent ORDER BY at, entry_id",
            )
            .fetch_all(&mut *read)
            .await?,
        )
    }

    /// Settles an intent: the store was touched and read back, or was found to need nothing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clear(&self, entry_id: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        clear(&mut write, entry_id).await?;
        Ok(write.commit().await?)
    }
}

pub(crate) async fn intend(
    write: &mut SqliteConnection,
    entry_id: &str,
    what: StoreAction,
    place: Place,
    at: i64,
) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO key_intent (entry_id, what, at, place) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (entry_id) DO UPDATE SET what = excluded.what, at = excluded.at, place = excluded.place",
    )
    .bind(entry_id)
    .bind(what)
    .bind(at)
    .bind(place)
    .execute(write)
    .await?;
    Ok(())
}

pub(crate) async fn clear(write: &mut SqliteConnection, entry_id: &str) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM key_intent WHERE entry_id = ?1")
        .bind(entry_id)
        .execute(write)
        .await?;
    Ok(())
}
