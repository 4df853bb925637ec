//! What was accepted, and when. Only added to.

use jiff::Timestamp;
use sqlx::Row;

use super::{Store, StoreError};

/// Somebody accepted a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) device_id: String,
    /// Hashed.
    pub(crate) request_key: String,
    pub(crate) doc: String,
    pub(crate) version: String,
    pub(crate) lang: String,
    pub(crate) sha256: String,
    /// By the device's clock.
    pub(crate) client_time: Timestamp,
    pub(crate) surface: String,
}

impl Store {
    /// Keeps an acceptance. The same request again changes nothing. Tells the id under which it is kept; none where the
    /// request key was used for another one.
    pub(crate) async fn accept_terms(
        &self,
        acceptance: &Acceptance,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO terms_acceptance (id, account_id, device_id, request_key, doc, version, lang, sha256,
             accepted_at, client_time, app_version, surface)
             SELECT $1, $2, id, $4, $5, $6, $7, $8, CAST($9 AS BIGINT), CAST($10 AS BIGINT), app_version, $11
             FROM device WHERE id = $3
             ON CONFLICT (account_id, request_key) DO NOTHING",
        )
        .bind(&acceptance.id)
        .bind(&acceptance.account_id)
        .bind(&acceptance.device_id)
        .bind(&acceptance.request_key)
        .bind(&acceptance.doc)
        .bind(&acceptance.version)
        .bind(&acceptance.lang)
        .bind(&acceptance.sha256)
        .bind(now.as_millisecond())
        .bind(acceptance.client_time.as_millisecond())
        .bind(&acceptance.surface)
        .execute(&mut *write)
        .await?;
        let kept = sqlx::query(
            "SELECT id FROM terms_acceptance
             WHERE account_id = $1 AND request_key = $2 AND doc = $3 AND sha256 = $4",
        )
        .bind(&acceptance.account_id)
        .bind(&acceptance.request_key)
        .bind(&acceptance.doc)
        .bind(&acceptance.sha256)
        .fetch_optional(&mut *write)
        .await?;
        write.commit().await?;
        Ok(kept.map(|row| row.try_get("id")).transpose()?)
    }

    /// The documents and versions that an account accepted, also while it was a trial that was merged into it.
    pub(crate) async fn accepted_terms(
        &self,
        account: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT doc, version FROM terms_acceptance
             WHERE account_id IN (SELECT id FROM account WHERE id = $1 OR adopted_by = $1)",
        )
        .bind(account)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("doc")?, row.try_get("version")?)))
            .collect()
    }
}
