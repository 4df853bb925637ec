//! Uses of metered features that the platform has not counted yet: noted in the transaction of what was done, so that no crash
//! loses one, and forgotten when they are counted.
//!
//! A use has its name from here, and the platform counts each name once: told twice, it is counted once.

use sqlx::{FromRow, QueryBuilder, SqliteConnection};

use crate::{Ledger, LedgerError};

/// A use that was not counted yet.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MeteredUse {
    /// Its name, which nothing else has.
    pub id: String,
    /// The feature's code.
    pub feature: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Uses in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct MeteredUses<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl MeteredUses<'_> {
    /// The oldest uses of a profile, at most `most`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn oldest(&self, profile: &str, most: u32) -> Result<Vec<MeteredUse>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT id, feature, at FROM metered_use WHERE profile = ?1 ORDER BY at, id LIMIT ?2",
        )
        .bind(profile)
        .bind(most)
        .fetch_all(&mut *read)
        .await?)
    }

    /// Forgets uses that the platform has counted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget(&self, counted: &[MeteredUse]) -> Result<(), LedgerError> {
        if counted.is_empty() {
            return Ok(());
        }
        let mut statement = QueryBuilder::new("DELETE FROM metered_use WHERE id IN (");
        let mut ids = statement.separated(", ");
        for each in counted {
            ids.push_bind(&each.id);
        }
        statement.push(")");
        let mut write = self.ledger.write().await?;
        statement.build().execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Gives the uses of one profile to another.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn adopt(&self, from: &str, to: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query("UPDATE metered_use SET profile = ?2 WHERE profile = ?1")
            .bind(from)
            .bind(to)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }
}

/// Notes a use in the transaction of what was done.
pub(crate) async fn note(
    write: &mut SqliteConnection,
    id: &str,
    profile: &str,
    feature: &str,
    at: i64,
) -> Result<(), LedgerError> {
    sqlx::query("INSERT INTO metered_use (id, profile, feature, at) VALUES (?1, ?2, ?3, ?4)")
        .bind(id)
        .bind(profile)
        .bind(feature)
        .bind(at)
        .execute(write)
        .await?;
    Ok(())
}
