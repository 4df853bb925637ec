//! The entries of keys, in the credential store, in memory or in the passphrase vault: written, read, deleted. An intent is
//! written before the place is touched, so that a crash leaves nothing that start-up cannot mend.

use brasskey_ledger::{KeyEntry, Place, StoreAction};
use brasskey_providers::{Credential, Endpoint, Origin, Payer};
use brasskey_vault::{EntryId, Patience, StoreState, StoredKey, VaultError};

use super::pending::Slot;
use super::record::Key;
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode, StoreStateView};

/// A secret that was written and read back.
pub(crate) struct Put {
    pub(crate) entry: KeyEntry,
    pub(crate) place: Place,
}

impl App {
    /// Puts a slot's secret where keys are kept, for its endpoint. `None` for a keyless endpoint.
    ///
    /// # Errors
    /// `stopped` when the slot is wiped meanwhile: then the store is no longer waited for, a prompt is taken off the screen,
    /// and nothing stays in the store. The store's states.
    pub(crate) async fn put_secret(
        &self,
        pending: &str,
        slot: &Slot,
        endpoint: &Endpoint,
    ) -> Result<Option<Put>, Error> {
        let Some(secret) = &slot.secret else {
            return Ok(None);
        };
        // Asked before: the user may change the place while the store is waited for.
        let place = self.place_now();
        let entry = self.pending.entry(pending, place)?;
        let stored = StoredKey {
            secret: secret.clone(),
            origin: endpoint.base_url.origin().to_string(),
        };
        let id = entry.as_str().to_owned();
        self.ledger
            .key_intents()
            .intend(&id, StoreAction::Put, place, self.clock.now_ms())
            .await?;
        let put = tokio::select! {
            biased;
            () = slot.wiped.cancelled() => Err(Error::Stopped),
            put = self.vault.put(&entry, &stored, Patience::User) => put.map_err(Error::from),
        };
        self.announce(Changed::Store);
        if let Err(error) = put {
            // What may have been written before it failed is taken out again, now or when the store answers.
            self.delete_entry(&id, place).await;
            return Err(error);
        }
        let last4 = brasskey_providers::last_four(secret);
        Ok(Some(Put {
            entry: KeyEntry { id, last4 },
            place,
        }))
    }

    /// Deletes an entry and settles its intent. When its place refuses, the intent stays until it answers; so it does for an
    /// entry of the system's store while keys are kept elsewhere, because then that store is not asked, and for one of the
    /// passphrase vault while that is locked. Tells whether the entry is gone.
    pub(crate) async fn delete_entry(&self, id: &str, place: Place) -> bool {
        let Ok(entry) = EntryId::new(id) else {
            tracing::warn!("an entry id in the database is malformed");
            return false;
        };
        match place {
            Place::Session => self.vault.delete_session_key(&entry),
            Place::System if self.place_now() != Place::System => return false,
            Place::System => {
                if let Err(error) = self.vault.delete(&entry, Patience::Background).await {
                    tracing::warn!(%error, "a credential store entry could not be deleted yet");
                    return false;
                }
            }
            Place::Passphrase => {
                if self.place_now() == place {
                    self.vault.forget(&entry);
                }
                if let Err(error) = self.passphrase.delete(&entry).await {
                    tracing::info!(%error, "an entry of the passphrase vault could not be deleted yet");
                    return false;
                }
            }
        }
        self.wire.hang_up();
        if let Err(error) = self.ledger.key_intents().clear(id).await {
            tracing::warn!(%error, "an intent could not be cleared");
        }
        true
    }

    /// Where keys are kept now: the user may have chosen memory for this run, or the passphrase vault.
    pub(crate) fn place_now(&self) -> Place {
        match self.vault.state() {
            StoreState::Session => Place::Session,
            StoreState::VaultOpen
            | StoreState::VaultLocked
            | StoreState::VaultMissing
            | StoreState::VaultDamaged
            | StoreState::VaultUnwritable => Place::Passphrase,
            StoreState::Unchecked
            | StoreState::Ready
            | StoreState::Absent
            | StoreState::NoCollection
            | StoreState::Locked
            | StoreState::PromptDismissed
            | StoreState::Denied
            | StoreState::Unresponsive
            | StoreState::Broken => Place::System,
        }
    }

    /// Why something kept at `place` cannot be used, when that is not where keys are kept now.
    pub(crate) fn require_in_use(&self, place: Place) -> Result<(), Error> {
        match place {
            _ if place == self.place_now() => Ok(()),
            Place::System => Err(Error::Store(StoreStateView::SetAside)),
            Place::Passphrase => Err(Error::Store(StoreStateView::VaultAside)),
            // What is in memory can be used whatever else is in use.
            Place::Session => Ok(()),
        }
    }

    /// Who pays for a call through this key, with the key itself when it has one. The store is read at most once a session.
    pub(crate) async fn payer(&self, key: &Key) -> Result<Payer, Error> {
        let Some(stored) = self.stored(key, Patience::Background).await? else {
            return Ok(Payer::Nobody);
        };
        // The entry itself says which origin its key is for; a record that says otherwise is not followed.
        let origin: Origin = stored.origin.parse().map_err(|_| Error::OriginChanged)?;
        if origin != *key.endpoint.base_url.origin() {
            return Err(Error::OriginChanged);
        }
        Ok(Payer::UserKey {
            key_id: key.id.as_str().to_owned(),
            credential: Credential::new(stored.secret, origin).reached_by(key.access.clone()),
        })
    }

    /// A key's secret from where it is kept. `None` for a keyless endpoint.
    ///
    /// # Errors
    /// `other_mode` in vendor-billed mode, in which no key is read. The credential store's states, among them the key's own: missing, set aside, gone with the session that kept it.
    pub(crate) async fn stored(
        &self,
        key: &Key,
        patience: Patience,
    ) -> Result<Option<StoredKey>, Error> {
        let Some(secret) = &key.secret else {
            return Ok(None);
        };
        if !self.reads_keys().await? {
            return Err(Error::Refused(ErrorCode::OtherMode));
        }
        if secret.place == Place::Session {
            let stored = self.vault.session_key(&secret.entry);
            return match stored {
                Some(stored) => Ok(Some(stored)),
                None => Err(Error::Store(StoreStateView::SessionEnded)),
            };
        }
        self.require_in_use(secret.place)?;
        match self.vault.get(&secret.entry, patience).await {
            Ok(stored) => {
                self.key_notes.with(|notes| notes.missing.remove(&key.id));
                Ok(Some(stored))
            }
            Err(error) => {
                if matches!(error, VaultError::Missing) {
                    self.key_notes
                        .with(|notes| notes.missing.insert(key.id.clone()));
                    self.announce(Changed::Keys);
                }
                self.announce(Changed::Store);
                Err(error.into())
            }
        }
    }
}
