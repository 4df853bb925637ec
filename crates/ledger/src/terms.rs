//! Accepted terms: which text, by its hash, and when. Append-only; the database itself refuses a change.

use sqlx::FromRow;

use crate::{Ledger, LedgerError};

/// One acceptance.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TermsAcceptance {
    /// Who accepted it, as with keys: an account on this computer, or whoever uses it without one.
    pub profile: String,
    /// The document's id.
    pub document: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its text, as 64 hexadecimal digits.
    pub sha256: String,
    /// When it was accepted, in milliseconds since 1970 UTC.
    pub accepted_at: i64,
    /// The version of Brasskey that showed it.
    pub app_version: String,
    /// Where it was shown: `first_run`, `settings`, ...
    pub surface: String,
}

/// Acceptances in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct TermsAcceptances<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl TermsAcceptances<'_> {
    /// Records an acceptance.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the hash does not have 64 digits.
    pub async fn record(&self, acceptance: &TermsAcceptance) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "INSERT INTO terms_acceptance (document, version, sha256, accepted_at, app_version, surface, profile)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(&acceptance.document)
        .bind(&acceptance.version)
        .bind(&acceptance.sha256)
        .bind(acceptance.accepted_at)
        .bind(&acceptance.app_version)
        .bind(&acceptance.surface)
        .bind(&acceptance.profile)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// All that somebody accepted, in the order of time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(&self, profile: &str) -> Result<Vec<TermsAcceptance>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT document, version, sha256, accepted_at, app_version, surface, profile FROM terms_acceptance
             WHERE profile = ?1 ORDER BY sequence",
        )
        .bind(profile)
        .fetch_all(&mut *read)
        .await?)
    }
}
