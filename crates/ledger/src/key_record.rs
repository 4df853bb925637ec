//! Key records: what may be shown of a key, and which entry of the credential store holds it.
//!
//! Never a key. The last four characters are the most that is kept. Each write that follows a change of the credential
//! store settles its intent ([`crate::KeyIntents`]) in the same transaction, so that a crash leaves no entry unaccounted for.

use sqlx::SqliteConnection;

use crate::key_intent::{self, StoreAction};
use crate::{KeyId, Ledger, LedgerError};

mod row;

pub use row::{KeyEntry, KeyRecord, NewKeyRecord, Place};

/// Key records in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct KeyRecords<'a> {
    pub(crate) ledger: &'a Ledger,
}

macro_rules! columns {
    () => {
        "SELECT id, profile, provider, protocol, label, base_url, origin, last4, entry_id, place, is_default, health_json,
                models_json, access_json, added_at, last_checked_at, removed_at,
                (SELECT MAX(receipt.at) FROM receipt WHERE receipt.key_id = key_record.id) AS last_used_at
         FROM key_record "
    };
}

impl KeyRecords<'_> {
    /// Stores the record of a key whose entry is in the credential store, and settles that entry's intent. The first key of
    /// a provider becomes its default.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the id or the entry is taken.
    pub async fn insert(&self, new: &NewKeyRecord, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "INSERT INTO key_record (id, profile, provider, protocol, label, base_url, origin, last4, entry_id, place,
                                     is_default, health_json, models_json, added_at, last_checked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                     NOT EXISTS (SELECT 1 FROM key_record
                                 WHERE profile = ?2 AND provider = ?3 AND is_default = 1 AND removed_at IS NULL),
                     ?11, ?12, ?13, ?14)",
        )
        .bind(&new.id)
        .bind(&new.profile)
        .bind(&new.provider)
        .bind(&new.protocol)
        .bind(&new.label)
        .bind(&new.base_url)
        .bind(&new.origin)
        .bind(new.entry.as_ref().map(|entry| &entry.last4))
        .bind(new.entry.as_ref().map(|entry| &entry.id))
        .bind(new.place)
        .bind(&new.health_json)
        .bind(&new.models_json)
        .bind(at)
        .bind(new.checked_at)
        .execute(&mut *write)
        .await?;
        if let Some(entry) = &new.entry {
            key_intent::clear(&mut write, &entry.id).await?;
        }
        Ok(write.commit().await?)
    }

    /// A profile's keys that are not removed, in the order they were added, and the endpoints without a key, which are
    /// everybody's on this computer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self, profile: &str) -> Result<Vec<KeyRecord>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(concat!(
            columns!(),
            "WHERE (profile = ?1 OR entry_id IS NULL) AND removed_at IS NULL ORDER BY key_record.rowid"
        ))
        .bind(profile)
        .fetch_all(&mut *read)
        .await?)
    }

    /// Every record of every profile, removed ones too: what the credential store is compared with at start.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn all(&self) -> Result<Vec<KeyRecord>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(
            sqlx::query_as(concat!(columns!(), "ORDER BY key_record.rowid"))
                .fetch_all(&mut *read)
                .await?,
        )
    }

    /// One key, a removed one too.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such record.
    pub async fn get(&self, id: &KeyId) -> Result<KeyRecord, LedgerError> {
        let mut read = self.ledger.read().await?;
        get(&mut read, id).await
    }

    /// Gives the keys of one profile to another, which keeps its own defaults. Endpoints without a key stay where they are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn adopt(&self, from: &str, to: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        sqlx::query(
            "UPDATE key_record SET is_default = 0
             WHERE profile = ?1 AND entry_id IS NOT NULL AND EXISTS
                 (SELECT 1 FROM key_record AS other WHERE other.profile = ?2 AND other.provider = key_record.provider
                  AND other.is_default = 1 AND other.removed_at IS NULL)",
        )
        .bind(from)
        .bind(to)
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "UPDATE key_record SET profile = ?2 WHERE profile = ?1 AND entry_id IS NOT NULL",
        )
        .bind(from)
        .bind(to)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Notes how the endpoint of a key is reached; none: as usual.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn set_access(
        &self,
        id: &KeyId,
        access_json: Option<&str>,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE key_record SET access_json = ?2 WHERE id = ?1 AND removed_at IS NULL",
        )
        .bind(id)
        .bind(access_json)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Gives a key another label.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn set_label(&self, id: &KeyId, label: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed =
            sqlx::query("UPDATE key_record SET label = ?2 WHERE id = ?1 AND removed_at IS NULL")
                .bind(id)
                .bind(label)
                .execute(&mut *write)
                .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Makes a key its provider's default, in place of the one before.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn set_default(&self, id: &KeyId) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let record = get(&mut write, id).await?;
        if record.removed_at.is_some() {
            return Err(NOT_FOUND);
        }
        make_default(&mut write, &record).await?;
        Ok(write.commit().await?)
    }

    /// Stores the result of a check. `models_json` of `None` keeps the models known before: a failed check tells nothing
    /// about them.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn set_health(
        &self,
        id: &KeyId,
        health_json: &str,
        models_json: Option<&str>,
        checked_at: i64,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE key_record SET health_json = ?2, models_json = COALESCE(?3, models_json), last_checked_at = ?4
             WHERE id = ?1 AND removed_at IS NULL",
        )
        .bind(id)
        .bind(health_json)
        .bind(models_json)
        .bind(checked_at)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Stores a key's models. Its health stays: nothing was checked.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn set_models(&self, id: &KeyId, models_json: &str) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE key_record SET models_json = ?2 WHERE id = ?1 AND removed_at IS NULL",
        )
        .bind(id)
        .bind(models_json)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Records that entries have moved to `place`, all of them or none, each under its own name. What is left of them where
    /// they were is intended to be deleted; memory needs no intent. Keys that were removed and can still be restored move, too.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when no key has one of the entries.
    pub async fn relocate(
        &self,
        entries: &[String],
        place: Place,
        at: i64,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        for entry in entries {
            let old: Option<Place> =
                sqlx::query_scalar("SELECT place FROM key_record WHERE entry_id = ?1")
                    .bind(entry)
                    .fetch_optional(&mut *write)
                    .await?;
            let old = old.ok_or(NOT_FOUND)?;
            sqlx::query("UPDATE key_record SET place = ?2 WHERE entry_id = ?1")
                .bind(entry)
                .bind(place)
                .execute(&mut *write)
                .await?;
            if old == Place::Session || old == place {
                key_intent::clear(&mut write, entry).await?;
            } else {
                key_intent::intend(&mut write, entry, StoreAction::Delete, old, at).await?;
            }
        }
        Ok(write.commit().await?)
    }

    /// Switches a key to another entry in one transaction: settles the new entry's intent and intends the deletion of the
    /// old one. Returns the old entry and where it is, to be deleted there.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key, [`LedgerError::Conflict`] when another key has the entry.
    pub async fn replace_entry(
        &self,
        id: &KeyId,
        entry: &KeyEntry,
        place: Place,
        at: i64,
    ) -> Result<Option<(String, Place)>, LedgerError> {
        let mut write = self.ledger.write().await?;
        let record = get(&mut write, id).await?;
        if record.removed_at.is_some() {
            return Err(NOT_FOUND);
        }
        // What a check found of the old key says nothing of the new one.
        sqlx::query(
            "UPDATE key_record SET entry_id = ?2, last4 = ?3, place = ?4, added_at = ?5, health_json = NULL, last_checked_at = NULL
             WHERE id = ?1",
        )
            .bind(id)
            .bind(&entry.id)
            .bind(&entry.last4)
            .bind(place)
            .bind(at)
            .execute(&mut *write)
            .await?;
        key_intent::clear(&mut write, &entry.id).await?;
        let old = record.entry_id.filter(|old| *old != entry.id);
        if let Some(old) = &old {
            key_intent::intend(&mut write, old, StoreAction::Delete, record.place, at).await?;
        }
        write.commit().await?;
        Ok(old.map(|old| (old, record.place)))
    }

    /// Takes a key out of use; its entry stays until [`KeyRecords::purge`], so that it can be restored. When it was the
    /// default, the provider's oldest other key becomes it.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such key.
    pub async fn mark_removed(&self, id: &KeyId, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let record = get(&mut write, id).await?;
        let changed = sqlx::query(
            "UPDATE key_record SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL",
        )
        .bind(id)
        .bind(at)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        if record.is_default {
            sqlx::query(
                "UPDATE key_record SET is_default = 1 WHERE rowid =
                     (SELECT MIN(rowid) FROM key_record WHERE profile = ?1 AND provider = ?2 AND removed_at IS NULL)",
            )
            .bind(&record.profile)
            .bind(&record.provider)
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await?)
    }

    /// Undoes a removal. A key that was the default is it again.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such removed key: it was purged.
    pub async fn restore(&self, id: &KeyId) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let record = get(&mut write, id).await?;
        if record.removed_at.is_none() {
            return Err(NOT_FOUND);
        }
        let others: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM key_record WHERE profile = ?1 AND provider = ?2 AND removed_at IS NULL)",
        )
        .bind(&record.profile)
        .bind(&record.provider)
        .fetch_one(&mut *write)
        .await?;
        let default = record.is_default || !others;
        sqlx::query("UPDATE key_record SET removed_at = NULL, is_default = 0 WHERE id = ?1")
            .bind(id)
            .execute(&mut *write)
            .await?;
        if default {
            make_default(&mut write, &record).await?;
        }
        Ok(write.commit().await?)
    }

    /// Forgets the keys removed before `before` and intends the deletion of their entries. Returns those entries and where each
    /// is, to be deleted there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn purge(&self, before: i64, at: i64) -> Result<Vec<(String, Place)>, LedgerError> {
        let mut write = self.ledger.write().await?;
        let purged: Vec<(Option<String>, Place)> = sqlx::query_as(
            "DELETE FROM key_record WHERE removed_at < ?1 RETURNING entry_id, place",
        )
        .bind(before)
        .fetch_all(&mut *write)
        .await?;
        let entries: Vec<(String, Place)> = purged
            .into_iter()
            .filter_map(|(entry, place)| Some((entry?, place)))
            .collect();
        for (entry, place) in &entries {
            key_intent::intend(&mut write, entry, StoreAction::Delete, *place, at).await?;
        }
        write.commit().await?;
        Ok(entries)
    }
}

const NOT_FOUND: LedgerError = LedgerError::NotFound { what: "the key" };

fn found(rows: u64) -> Result<(), LedgerError> {
    if rows == 0 { Err(NOT_FOUND) } else { Ok(()) }
}

async fn get(read: &mut SqliteConnection, id: &KeyId) -> Result<KeyRecord, LedgerError> {
    sqlx::query_as(concat!(columns!(), "WHERE id = ?1"))
        .bind(id)
        .fetch_optional(read)
        .await?
        .ok_or(NOT_FOUND)
}

async fn make_default(write: &mut SqliteConnection, record: &KeyRecord) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE key_record SET is_default = 0
         WHERE profile = ?1 AND provider = ?2 AND is_default = 1 AND removed_at IS NULL",
    )
    .bind(&record.profile)
    .bind(&record.provider)
    .execute(&mut *write)
    .await?;
    sqlx::query("UPDATE key_record SET is_default = 1 WHERE id = ?1")
        .bind(&record.id)
        .execute(write)
        .await?;
    Ok(())
}
