//! The device's credential: kept in the credential store like a key, replaced with each renewal.
//!
//! What replaces it is written under the other of two names, read back and compared by the vault, and only then named in the
//! database. Whatever a crash leaves, the credential that the database names is one that the platform still takes: the one before
//! is good until its successor was shown.

use brasskey_client::Issued;
use brasskey_ledger::Place;
use brasskey_licence::{KeySet, Licence, Marks, TokenError};
use brasskey_vault::{EntryId, Patience, StoredKey};
use secrecy::SecretString;

use super::kept::{CredentialAt, Holder, Kept, Slot};
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode, StoreStateView};

impl App {
    /// The device's credential.
    ///
    /// # Errors
    /// `sign_in_needed` when there is none, or when it ended with the run that kept it in memory; the credential store's states.
    pub(crate) async fn device_credential(&self) -> Result<SecretString, Error> {
        const NONE: Error = Error::Refused(ErrorCode::SignInNeeded);
        let kept = self.account.kept();
        let at = kept.credential.as_ref().ok_or(NONE)?;
        let entry = kept.entry(at.slot)?;
        self.require_in_use(at.place)?;
        let stored = match at.place {
            Place::Session => self.vault.session_key(&entry).ok_or(NONE)?,
            Place::System | Place::Passphrase => {
                self.vault.get(&entry, Patience::Background).await?
            }
        };
        // An entry that was made for another platform is not sent to this one.
        if stored.origin != self.account.url.to_string() {
            return Err(NONE);
        }
        Ok(stored.secret)
    }

    /// Takes what the platform issued: verified, stored, read back, and only then in force. Called with `exchanging` held.
    pub(super) async fn take(&self, issued: Issued, holder: Option<Holder>) -> Result<(), Error> {
        let (signed_keys, keys, licence) = self.verify(&issued.licence).await?;
        let mut kept = self.account.kept();
        let before = kept.credential;
        let slot = before.map_or(Slot::A, |at| at.slot.other());
        let place = self.place_now();
        let stored = StoredKey {
            secret: issued.device_token,
            origin: self.account.url.to_string(),
        };
        let patience = if holder.is_some() {
            Patience::User
        } else {
            Patience::Background
        };
        self.vault
            .put(&kept.entry(slot)?, &stored, patience)
            .await?;

        let marks = Marks::renewed(licence.claims().iat);
        if let Some(holder) = holder {
            kept.holder = Some(holder);
        }
        kept.credential = Some(CredentialAt { slot, place });
        kept.licence = Some(issued.licence);
        kept.keyset = Some(signed_keys);
        kept.marks = Some(marks);
        kept.taken_at = Some(self.clock.now());
        self.write_account(&kept).await?;
        let old = before
            .map(|at| Ok::<_, Error>((kept.entry(at.slot)?, at.place)))
            .transpose()?;
        self.account.with(|held| {
            held.kept = kept;
            held.keys = Some(keys);
            held.licence = Some(licence);
            held.check_failed = None;
        });
        // Of no use any more once its successor is shown; the next renewal would write over it.
        if let Some((entry, place)) = old {
            self.delete_credential(&entry, place).await;
        }
        self.account_changed();
        Ok(())
    }

    /// Deletes what is of no use any more. What its place refuses to delete is told to the log alone.
    async fn delete_credential(&self, entry: &EntryId, place: Place) {
        let deleted = match place {
            Place::Session => {
                self.vault.delete_session_key(entry);
                Ok(())
            }
            Place::Passphrase => {
                self.vault.forget(entry);
                self.passphrase.delete(entry).await
            }
            // The system's store is not asked while keys are kept elsewhere.
            Place::System if self.place_now() != Place::System => Ok(()),
            Place::System => self.vault.delete(entry, Patience::Background).await,
        };
        if let Err(error) = deleted {
            tracing::info!(%error, "a credential of the device that is not used is still stored");
        }
    }

    /// The device's credential with the entry that it gets at another place, and where that is: what moves along with the keys.
    /// `None` when there is none to move. Called with `exchanging` held.
    ///
    /// # Errors
    /// The states of the place where it is.
    pub(crate) async fn credential_to_move(
        &self,
        to: Place,
    ) -> Result<Option<(EntryId, StoredKey, CredentialAt)>, Error> {
        let kept = self.account.kept();
        let Some(at) = kept.credential.filter(|at| at.place != to) else {
            return Ok(None);
        };
        let secret = match self.device_credential().await {
            Ok(secret) => secret,
            // It is gone, or where nobody looks now: signing in again makes another.
            Err(
                Error::Refused(ErrorCode::SignInNeeded)
                | Error::Store(
                    StoreStateView::Missing | StoreStateView::SetAside | StoreStateView::VaultAside,
                ),
            ) => return Ok(None),
            // A system's store that does not work is what the passphrase vault is for.
            Err(Error::Store(_)) if at.place == Place::System => return Ok(None),
            Err(error) => return Err(error),
        };
        let stored = StoredKey {
            secret,
            origin: self.account.url.to_string(),
        };
        let moved = CredentialAt {
            slot: at.slot.other(),
            place: to,
        };
        Ok(Some((kept.entry(moved.slot)?, stored, moved)))
    }

    /// The credential has been written where `moved` says. Called with `exchanging` held.
    pub(crate) async fn credential_moved(&self, moved: CredentialAt) -> Result<(), Error> {
        let mut kept = self.account.kept();
        let before = kept.credential.replace(moved);
        self.write_account(&kept).await?;
        let old = before
            .map(|at| Ok::<_, Error>((kept.entry(at.slot)?, at.place)))
            .transpose()?;
        self.account.with(|held| held.kept = kept);
        if let Some((entry, place)) = old {
            self.delete_credential(&entry, place).await;
        }
        Ok(())
    }

    /// Verifies a licence with the newest key set, in which a key that leaked is revoked; where none is to be had, with the one
    /// that is known.
    async fn verify(&self, signed: &str) -> Result<(String, KeySet, Licence), Error> {
        let (kept, known, before) = self
            .account
            .with(|held| (held.kept.clone(), held.keys.clone(), held.licence.clone()));
        let (signed_keys, keys) = match self.newest_keys(known.as_ref()).await {
            Ok(newest) => newest,
            Err(error) => {
                let known = kept.keyset.clone().zip(known).ok_or(error)?;
                tracing::info!("the key set that is known judges");
                known
            }
        };
        let licence = Licence::read(signed, &keys, &kept.device)
            .and_then(|licence| match &before {
                // Another account's licences have an order of their own.
                Some(before) if before.claims().sub == licence.claims().sub => {
                    before.followed_by(licence)
                }
                _ => Ok(licence),
            })
            .map_err(untrusted)?;
        Ok((signed_keys, keys, licence))
    }

    async fn newest_keys(&self, known: Option<&KeySet>) -> Result<(String, KeySet), Error> {
        let signed = self.account.platform().await?.keyset().await?;
        let keys = KeySet::read(&signed, &self.account.roots)
            .and_then(|keys| match known {
                Some(known) => known.followed_by(keys),
                None => Ok(keys),
            })
            .map_err(untrusted)?;
        Ok((signed, keys))
    }

    /// Takes what a revocation states. Called with `exchanging` held.
    pub(super) async fn take_revocation(&self, signed: &str) -> Result<(), Error> {
        let (signed_keys, keys, licence) = self.verify(signed).await?;
        let mut kept = self.account.kept();
        kept.licence = Some(signed.to_owned());
        kept.keyset = Some(signed_keys);
        self.write_account(&kept).await?;
        self.account.with(|held| {
            held.kept = kept;
            held.keys = Some(keys);
            held.licence = Some(licence);
        });
        Ok(())
    }

    /// Takes another id: the one before belongs to an account that was left without the platform hearing of it. Called with
    /// `exchanging` held.
    pub(super) async fn become_another_device(&self) -> Result<(), Error> {
        let kept = Kept::new();
        self.write_account(&kept).await?;
        self.account.with(|held| {
            held.kept = kept;
            held.licence = None;
        });
        Ok(())
    }

    /// Forgets the account on this computer: its licence, its credential. Called with `exchanging` held.
    pub(super) async fn forget_account(&self) -> Result<(), Error> {
        let before = self.account.kept();
        let mut kept = before.clone();
        kept.holder = None;
        kept.credential = None;
        kept.licence = None;
        kept.marks = None;
        kept.taken_at = None;
        self.write_account(&kept).await?;
        for slot in [Slot::A, Slot::B] {
            let entry = before.entry(slot)?;
            for place in [Place::Session, Place::Passphrase, Place::System] {
                self.delete_credential(&entry, place).await;
            }
        }
        self.account.with(|held| {
            held.kept = kept;
            held.licence = None;
            held.check_failed = None;
        });
        self.account_changed();
        self.announce(Changed::Keys);
        Ok(())
    }
}

fn untrusted(error: TokenError) -> Error {
    tracing::warn!(%error, "the platform sent keys or a licence that are not good");
    Error::PlatformUnreachable
}
