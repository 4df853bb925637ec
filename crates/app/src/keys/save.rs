//! Saving, replacing, renaming and removing keys. The order of steps is such that a crash between any two leaves either the
//! old state or one that start-up can mend: an intent is written before the credential store is touched.

use std::collections::HashSet;
use std::time::Duration;

use brasskey_ledger::KeyId;
use brasskey_providers::{Access, Endpoint, Provider};

use super::health::Finding;
use super::record::{Key, new_record};
use super::view::{HealthView, KeyView, RemovalView};
use crate::App;
use crate::account::NOBODYS;
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::Error;

/// How long a removal can be undone.
pub(crate) const UNDO: Duration = Duration::from_secs(8);

/// Labels are one line of the list.
const MAX_LABEL: usize = 80;

impl App {
    /// Writes a pending key into the credential store, reads it back, compares, records it, and only then returns it.
    ///
    /// # Errors
    /// `pending_expired`; `base_url_invalid` while the address as entered cannot be used; the cause of the last check's failure
    /// when the key will never work; `platform_unreachable` in vendor-billed mode; `terms_due`; the credential store's states
    /// (the pending key is kept, so that saving can be tried again); `stopped` when it was cancelled meanwhile; `storage`.
    pub async fn save_key(&self, pending: &str, label: &str) -> Result<KeyView, Error> {
        let _saving = self.pending.saving.lock().await;
        let slot = self.pending.get(pending)?;
        let endpoint = slot.endpoint()?;
        slot.require_savable()?;
        if slot.secret.is_some() {
            self.require_own_keys().await?;
        }
        let found = slot
            .finding()
            .map(|checked| Finding::of(checked, &[]))
            .transpose()?;
        let label = self.label(label, &endpoint).await?;
        let id = KeyId::new(new_id());
        // The store is touched last: what can be refused was refused before.
        let put = self.put_secret(pending, &slot, &endpoint).await?;
        // Endpoints without a key are everybody's on this computer.
        let profile = match &put {
            Some(_) => self.account.profile(),
            None => NOBODYS.to_owned(),
        };
        let record = new_record(id.clone(), profile, label, &endpoint, put.as_ref(), found);
        if let Err(error) = self
            .ledger
            .keys()
            .insert(&record, self.clock.now_ms())
            .await
        {
            if let Some(put) = put {
                self.delete_entry(&put.entry.id, put.place).await;
            }
            return Err(error.into());
        }
        self.pending.wipe(pending);
        let key = self.key(id.as_str()).await?;
        if let (None, HealthView::Working { model_count }) = (&key.secret, &key.health) {
            self.answers(&id, *model_count);
        }
        self.announce(Changed::Keys);
        self.key_view(&key).await
    }

    /// Puts a pending key in the place of a saved one: new entry, read back, switch in one transaction, old entry deleted.
    /// Answers that are running end on the old key.
    ///
    /// # Errors
    /// As [`App::save_key`]; `origin_changed` when the pending key was entered for another host; `invalid_input` for a
    /// keyless endpoint.
    pub async fn replace_key(&self, id: &str, pending: &str) -> Result<KeyView, Error> {
        let _saving = self.pending.saving.lock().await;
        let key = self.key(id).await?;
        let slot = self.pending.get(pending)?;
        let endpoint = slot.endpoint()?;
        slot.require_savable()?;
        if endpoint.base_url.origin() != key.endpoint.base_url.origin() {
            return Err(Error::OriginChanged);
        }
        self.require_own_keys().await?;
        let Some(put) = self.put_secret(pending, &slot, &endpoint).await? else {
            return Err(Error::InvalidInput("a key is needed"));
        };
        let switched = self
            .ledger
            .keys()
            .replace_entry(&key.id, &put.entry, put.place, self.clock.now_ms())
            .await;
        match switched {
            Ok(old) => {
                if let Some((old, place)) = old {
                    self.delete_entry(&old, place).await;
                }
            }
            Err(error) => {
                self.delete_entry(&put.entry.id, put.place).await;
                return Err(error.into());
            }
        }
        self.pending.wipe(pending);
        self.key_notes.with(|notes| notes.missing.remove(&key.id));
        // It is replaced, whatever becomes of the result of its check.
        if let Some(checked) = slot.finding()
            && let Err(error) = self.keep_health(&key, checked).await
        {
            tracing::warn!(code = error.code().as_str(), "a key's health was not kept");
        }
        self.announce(Changed::Keys);
        self.key_view(&self.key(id).await?).await
    }

    /// Renames a key.
    ///
    /// # Errors
    /// `invalid_input` for an empty or overlong label; `not_found`.
    pub async fn rename_key(&self, id: &str, label: &str) -> Result<KeyView, Error> {
        let key = self.key(id).await?;
        let label = label.trim();
        if label.is_empty() || label.chars().count() > MAX_LABEL {
            return Err(Error::InvalidInput("a label has 1 to 80 characters"));
        }
        self.ledger.keys().set_label(&key.id, label).await?;
        self.announce(Changed::Keys);
        self.key_view(&self.key(id).await?).await
    }

    /// Makes a key its provider's default.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn set_default_key(&self, id: &str) -> Result<(), Error> {
        let key = self.key(id).await?;
        self.ledger.keys().set_default(&key.id).await?;
        self.announce(Changed::Keys);
        Ok(())
    }

    /// Takes a key out of use at once; its entry is deleted when the time for undoing is over.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_key(&self, id: &str) -> Result<RemovalView, Error> {
        let key = self.key(id).await?;
        let at = self.clock.now_ms();
        self.ledger.keys().mark_removed(&key.id, at).await?;
        self.announce(Changed::Keys);
        let app = self.clone();
        self.jobs.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(UNDO) => {}
                // Start-up finishes what a quit leaves.
                () = app.closing.cancelled() => return,
            }
            if let Err(error) = app.purge_removed(app.clock.now_ms() - undo_ms()).await {
                tracing::warn!(
                    code = error.code().as_str(),
                    "a removed key could not be purged"
                );
            }
        });
        Ok(RemovalView {
            id: id.to_owned(),
            undo_until: at + undo_ms(),
        })
    }

    /// Sets how a key's endpoint is reached, from the next call on.
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a way that cannot be, and for an endpoint without a key; `storage`.
    pub async fn set_key_access(&self, id: &str, access: Access) -> Result<KeyView, Error> {
        let key = self.key(id).await?;
        if key.secret.is_none() {
            return Err(Error::InvalidInput(
                "an endpoint of this computer is reached as usual",
            ));
        }
        let access = access
            .checked()
            .map_err(|_| Error::InvalidInput("it cannot be reached in this way"))?;
        let json = serde_json::to_string(&access)
            .map_err(|_| Error::InvalidInput("it cannot be reached in this way"))?;
        let kept = Some(json.as_str()).filter(|_| access != Access::default());
        self.ledger.keys().set_access(&key.id, kept).await?;
        self.announce(Changed::Keys);
        self.key_view(&self.key(id).await?).await
    }

    /// Takes a key out of use and deletes its entry at once, for good.
    ///
    /// # Errors
    /// `not_found`; `storage`. Where its place does not answer, the entry is deleted as soon as it does.
    pub async fn remove_key_for_good(&self, id: &str) -> Result<(), Error> {
        let key = self.key(id).await?;
        let at = self.clock.now_ms();
        self.ledger.keys().mark_removed(&key.id, at).await?;
        self.purge_removed(at).await?;
        Ok(())
    }

    /// Undoes a removal.
    ///
    /// # Errors
    /// `not_found` when it was too late.
    pub async fn restore_key(&self, id: &str) -> Result<KeyView, Error> {
        self.ledger.keys().restore(&KeyId::new(id)).await?;
        self.announce(Changed::Keys);
        self.key_view(&self.key(id).await?).await
    }

    /// Forgets the keys removed before `before` and deletes their entries.
    pub(crate) async fn purge_removed(&self, before: i64) -> Result<usize, Error> {
        let entries = self
            .ledger
            .keys()
            .purge(before + 1, self.clock.now_ms())
            .await?;
        for (entry, place) in &entries {
            self.delete_entry(entry, *place).await;
        }
        if !entries.is_empty() {
            self.announce(Changed::Keys);
        }
        Ok(entries.len())
    }

    /// The label as typed, or one that tells the key from its provider's others.
    async fn label(&self, typed: &str, endpoint: &Endpoint) -> Result<String, Error> {
        let typed = typed.trim();
        if typed.chars().count() > MAX_LABEL {
            return Err(Error::InvalidInput("a label has 1 to 80 characters"));
        }
        if !typed.is_empty() {
            return Ok(typed.to_owned());
        }
        if crate::sandbox::is_at(&endpoint.base_url) {
            return Ok("Sandbox".to_owned());
        }
        Ok(free_label(endpoint.provider, &self.keys_in_use().await?))
    }
}

/// The provider's name, with the first number that no other of its keys has.
pub(crate) fn free_label(provider: Provider, keys: &[Key]) -> String {
    let taken: HashSet<&str> = keys
        .iter()
        .filter(|key| key.endpoint.provider == provider)
        .map(|key| &*key.label)
        .collect();
    let name = provider.name();
    let mut label = name.to_owned();
    let mut number = 2_usize;
    while taken.contains(&*label) {
        label = format!("{name} {number}");
        number += 1;
    }
    label
}

fn undo_ms() -> i64 {
    i64::try_from(UNDO.as_millis()).unwrap_or(i64::MAX)
}
