//! Start-up's repair: what a crash left between the database and the credential store is finished or taken back, and told.

use std::collections::HashSet;

use brasskey_ledger::{Place, StoreAction};
use brasskey_vault::{Patience, VaultError};

use super::view::ReconciledView;
use crate::App;
use crate::changed::Changed;
use crate::error::Error;

impl App {
    /// Finishes or takes back what the last run left half done. The credential store is touched only when something was.
    ///
    /// # Errors
    /// When the database cannot be read. A store that does not answer leaves its intents until it does.
    pub async fn reconcile_keys(&self) -> Result<(), Error> {
        // The time for undoing ended with the run that offered it.
        self.purge_removed(self.clock.now_ms()).await?;
        self.settle_intents().await
    }

    /// Finishes or takes back what was left half done because the store did not answer, or the program ended.
    ///
    /// # Errors
    /// When the database cannot be read. A store that does not answer leaves its intents for the next time.
    pub(crate) async fn settle_intents(&self) -> Result<(), Error> {
        // A save under way has written its intent, too, and must not be taken for one that a crash cut.
        let _saving = self.pending.saving.lock().await;
        let intents = self.ledger.key_intents().list().await?;
        // Looked at after they were read: an intent of another process that is alive is being settled by that one.
        if intents.is_empty() || !self.ledger.is_alone()? {
            return Ok(());
        }
        // An entry that a record still names has moved: what is left of it elsewhere goes without a word.
        let records = self.ledger.keys().all().await?;
        let in_use: HashSet<String> = records
            .into_iter()
            .filter_map(|record| record.entry_id)
            .collect();
        for intent in intents {
            if !self.delete_entry(&intent.entry_id, intent.place).await
                || in_use.contains(&intent.entry_id)
            {
                continue;
            }
            let told = match intent.what {
                StoreAction::Put => ReconciledView::HalfSavedRemoved { at: intent.at },
                StoreAction::Delete => ReconciledView::RemovalFinished { at: intent.at },
            };
            self.key_notes.with(|notes| {
                // Of this run's own, the user was told when it was refused.
                if notes.left_behind.remove(&intent.entry_id) {
                    notes.reconciled.push(told);
                }
            });
        }
        self.announce(Changed::Keys);
        Ok(())
    }

    /// Looks whether every key that should be where keys are kept is there, without ever raising a prompt, and tells which are
    /// not. What is read stays in the vault's memory, so that the first message does not wait for the store. Keys of a session
    /// need no look, and a place that is not in use is not asked; nor is any in vendor-billed mode, in which no key is read.
    ///
    /// # Errors
    /// When the database cannot be read. A store that does not answer ends the look.
    pub async fn look_for_keys(&self) -> Result<(), Error> {
        let mut changed = false;
        for key in self.keys_in_use().await? {
            if self.place_now() == Place::Session || !self.reads_keys().await? {
                break;
            }
            let Some(secret) = &key.secret else {
                continue;
            };
            if secret.place != self.place_now() {
                continue;
            }
            match self.vault.get(&secret.entry, Patience::Background).await {
                Ok(_) => changed |= self.key_notes.with(|notes| notes.missing.remove(&key.id)),
                Err(VaultError::Missing) => {
                    changed |= self
                        .key_notes
                        .with(|notes| notes.missing.insert(key.id.clone()));
                }
                Err(error) => {
                    tracing::info!(%error, "the credential store could not be looked through");
                    break;
                }
            }
        }
        self.announce(Changed::Store);
        if changed {
            self.announce(Changed::Keys);
        }
        Ok(())
    }

    /// Forgets what was told.
    pub fn dismiss_reconciled(&self) {
        self.key_notes.with(|notes| notes.reconciled.clear());
        self.announce(Changed::Keys);
    }
}
