//! Keys that were handed to other programs: which, to whom, when. Never the key.

use sqlx::FromRow;

use crate::{KeyId, Ledger, LedgerError};

/// A key was handed to a program.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyHandover {
    /// The program's name as it was called, without its arguments.
    pub program: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Handovers in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct KeyHandovers<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl KeyHandovers<'_> {
    /// Notes that a key is about to be handed over.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn note(&self, key: &KeyId, handover: &KeyHandover) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query("INSERT INTO key_handover (key_id, program, at) VALUES (?1, ?2, ?3)")
            .bind(key)
            .bind(&handover.program)
            .bind(handover.at)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// To whom a key was handed, the last first, at most `most`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(&self, key: &KeyId, most: u32) -> Result<Vec<KeyHandover>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT program, at FROM key_handover WHERE key_id = ?1 ORDER BY at DESC LIMIT ?2",
        )
        .bind(key)
        .bind(most)
        .fetch_all(&mut *read)
        .await?)
    }
}
