//! Keys on their way from one place to another, because the user chose the other.
//!
//! A key is written to its new place, read back and compared, before its record says so; only then is the old one deleted.

use brasskey_ledger::{Place, StoreAction};
use brasskey_vault::{EntryId, Patience, StoredKey, VaultError};

use crate::App;
use crate::changed::Changed;
use crate::error::Error;

/// What moves.
struct Moving {
    entry: String,
    /// None when its old place has lost it: then its record moves alone, and the new place says that it is missing.
    stored: Option<(EntryId, StoredKey)>,
}

impl App {
    /// Takes the keys of memory along to where keys are kept now. One that cannot be moved stays in memory until Brasskey
    /// quits, as its place says, and is used from there. Called with `saving` held.
    pub(super) async fn bring_from_memory(&self) -> Result<(), Error> {
        let to = self.place_now();
        for entry in self.entries_in(Place::Session).await? {
            let Ok(id) = EntryId::new(&entry) else {
                continue;
            };
            let Some(stored) = self.vault.session_key(&id) else {
                continue;
            };
            let now = self.clock.now_ms();
            let intents = self.ledger.key_intents();
            intents.intend(&entry, StoreAction::Put, to, now).await?;
            let moved = async {
                self.vault.put(&id, &stored, Patience::User).await?;
                let entries = std::slice::from_ref(&entry);
                Ok::<_, Error>(self.ledger.keys().relocate(entries, to, now).await?)
            };
            match moved.await {
                Ok(()) => self.vault.delete_session_key(&id),
                Err(error) => {
                    self.delete_entry(&entry, to).await;
                    tracing::warn!(code = error.code().as_str(), "a key stays in memory");
                }
            }
        }
        self.announce(Changed::Keys);
        Ok(())
    }

    /// Takes the keys of the open passphrase vault along into the system's store, all of them or none, and uses that store from
    /// then on. Called with `saving` held.
    ///
    /// # Errors
    /// The vault's and the store's states: then everything is as it was.
    pub(super) async fn bring_from_vault(&self) -> Result<(), Error> {
        let _exchanging = self.account.exchanging().await;
        let entries = self.entries_in(Place::Passphrase).await?;
        let mut moving = Vec::with_capacity(entries.len());
        for entry in entries {
            let stored = match EntryId::new(&entry) {
                Ok(id) => match self.vault.get(&id, Patience::Background).await {
                    Ok(stored) => Some((id, stored)),
                    Err(VaultError::Missing | VaultError::Corrupt) => None,
                    Err(error) => return Err(error.into()),
                },
                Err(_) => None,
            };
            moving.push(Moving { entry, stored });
        }
        let credential = self.credential_to_move(Place::System).await?;
        if let Err(error) = self.put_all_into_system(&moving).await {
            self.take_back_from_system(&moving).await;
            return Err(error);
        }
        if let Some((id, stored, _)) = &credential
            && let Err(error) = self.vault.put_into_system(id, stored, Patience::User).await
        {
            self.take_back_from_system(&moving).await;
            return Err(error.into());
        }
        self.leave_vault(&moving).await?;
        if let Some((_, _, moved)) = credential {
            self.credential_moved(moved).await?;
        }
        for Moving { entry, .. } in &moving {
            self.delete_entry(entry, Place::Passphrase).await;
        }
        Ok(())
    }

    /// Goes to the system's store without what was in a passphrase vault that is gone.
    pub(super) async fn leave_lost_vault(&self) -> Result<(), Error> {
        let entries = self.entries_in(Place::Passphrase).await?;
        let lost = |entry| Moving {
            entry,
            stored: None,
        };
        self.leave_vault(&entries.into_iter().map(lost).collect::<Vec<_>>())
            .await
    }

    async fn leave_vault(&self, moving: &[Moving]) -> Result<(), Error> {
        let entries: Vec<String> = moving.iter().map(|moving| moving.entry.clone()).collect();
        let now = self.clock.now_ms();
        self.ledger
            .keys()
            .relocate(&entries, Place::System, now)
            .await?;
        self.vault.use_system();
        self.keep_place(Place::System).await?;
        self.announce(Changed::Keys);
        Ok(())
    }

    async fn put_all_into_system(&self, moving: &[Moving]) -> Result<(), Error> {
        for Moving { entry, stored } in moving {
            let Some((id, stored)) = stored else {
                continue;
            };
            let now = self.clock.now_ms();
            self.ledger
                .key_intents()
                .intend(entry, StoreAction::Put, Place::System, now)
                .await?;
            self.vault
                .put_into_system(id, stored, Patience::User)
                .await?;
        }
        Ok(())
    }

    /// Deletes again what was put. What the store refuses to delete keeps its intent.
    async fn take_back_from_system(&self, moving: &[Moving]) {
        for Moving { entry, stored } in moving {
            let Some((id, _)) = stored else {
                continue;
            };
            let deleted = self
                .vault
                .delete_from_system(id, Patience::Background)
                .await;
            if let Err(error) = deleted {
                tracing::warn!(%error, "a credential store entry could not be deleted yet");
            } else if let Err(error) = self.ledger.key_intents().clear(entry).await {
                tracing::warn!(%error, "an intent could not be cleared");
            }
        }
    }

    /// The entries of every account's keys at a place, those of removed keys too, which can be restored.
    async fn entries_in(&self, place: Place) -> Result<Vec<String>, Error> {
        let records = self.ledger.keys().all().await?;
        Ok(records
            .into_iter()
            .filter(|record| record.place == place)
            .filter_map(|record| record.entry_id)
            .collect())
    }
}
