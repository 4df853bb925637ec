//! Settings that the window and the command share (mode, endpoints, defaults). The window's own preferences are not here.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Ledger, LedgerError};

/// Settings in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Settings<'_> {
    /// The value of a setting; none when it was never set.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] when the stored value is not of this type.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let value: Option<String> =
            sqlx::query_scalar("SELECT value_json FROM setting WHERE key = ?1")
                .bind(key)
                .fetch_optional(&mut *read)
                .await?;
        value
            .map(|json| serde_json::from_str(&json).map_err(|_| UNREADABLE))
            .transpose()
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] when the value cannot be written as JSON.
    pub async fn set<T: Serialize + Sync + ?Sized>(
        &self,
        key: &str,
        value: &T,
    ) -> Result<(), LedgerError> {
        let json = serde_json::to_string(value).map_err(|_| UNREADABLE)?;
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "INSERT INTO setting (key, value_json) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json",
        )
        .bind(key)
        .bind(json)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Forgets a setting, so that its default holds again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clear(&self, key: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query("DELETE FROM setting WHERE key = ?1")
            .bind(key)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }
}

const UNREADABLE: LedgerError = LedgerError::Unreadable {
    what: "the setting",
};
