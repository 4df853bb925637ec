//! The passphrase vault, for a computer without a credential store: made, unlocked, locked, given another passphrase, begun
//! anew. The user chooses it; the choice outlives the run.

use brasskey_ledger::{Ledger, Place};
use brasskey_vault::{PassphraseError, PassphraseVault, Patience, Vault, VaultError};
use secrecy::SecretString;

use super::view::StoreView;
use crate::App;
use crate::changed::Changed;
use crate::error::{Error, ErrorCode};

/// The setting that says that keys are kept in the passphrase vault.
const IN_VAULT: &str = "keys_in_passphrase_vault";

/// Takes the passphrase vault into use, locked, if the user has chosen it.
pub(crate) async fn resume(
    ledger: &Ledger,
    vault: &Vault,
    passphrase: &PassphraseVault,
) -> Result<(), Error> {
    passphrase.look().await;
    if ledger.settings().get(IN_VAULT).await?.unwrap_or(false) {
        vault.use_passphrase(passphrase);
    }
    Ok(())
}

impl App {
    /// Makes a passphrase vault, keeps keys in it from now on, and takes those of memory along.
    ///
    /// # Errors
    /// `passphrase_too_short`, `vault_exists`, `storage`.
    pub async fn create_vault(&self, passphrase: SecretString) -> Result<StoreView, Error> {
        self.passphrase.create(passphrase).await?;
        self.enter_vault().await
    }

    /// Opens the passphrase vault, keeps keys in it from now on, and takes those of memory along.
    ///
    /// # Errors
    /// `passphrase_wrong`; the vault's states.
    pub async fn unlock_vault(&self, passphrase: SecretString) -> Result<StoreView, Error> {
        let unlocked = self.passphrase.unlock(passphrase).await;
        self.announce(Changed::Store);
        unlocked?;
        self.enter_vault().await
    }

    /// Locks the passphrase vault. Answers that run go on.
    pub fn lock_vault(&self) -> StoreView {
        self.vault.lock();
        self.announce(Changed::Store);
        self.store_view()
    }

    /// Gives the passphrase vault another passphrase.
    ///
    /// # Errors
    /// `passphrase_wrong` for the old one, `passphrase_too_short` for the new one; the vault's states. Then the old one is still
    /// good.
    pub async fn change_passphrase(
        &self,
        old: SecretString,
        new: SecretString,
    ) -> Result<StoreView, Error> {
        self.passphrase.change(old, new).await?;
        self.enter_vault().await
    }

    /// Puts a passphrase vault aside that cannot be opened, so that another can be made. Its file stays, under another name; the
    /// keys in it have to be entered again.
    ///
    /// # Errors
    /// `storage`.
    pub async fn begin_vault_anew(&self) -> Result<StoreView, Error> {
        match self.passphrase.set_aside().await {
            // What is gone need not be put aside.
            Ok(_) | Err(PassphraseError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
        self.passphrase.look().await;
        self.announce(Changed::Store);
        self.announce(Changed::Keys);
        Ok(self.store_view())
    }

    /// Keeps in mind where the user chose to keep keys.
    pub(super) async fn keep_place(&self, place: Place) -> Result<(), Error> {
        let in_vault = place == Place::Passphrase;
        Ok(self.ledger.settings().set(IN_VAULT, &in_vault).await?)
    }

    async fn enter_vault(&self) -> Result<StoreView, Error> {
        let _saving = self.pending.saving.lock().await;
        let _exchanging = self.account.exchanging().await;
        self.keep_place(Place::Passphrase).await?;
        // Read before: the place of the credential may be memory, which is used whatever else is.
        let credential = self.credential_to_move(Place::Passphrase).await?;
        self.vault.use_passphrase(&self.passphrase);
        self.bring_from_memory().await?;
        if let Some((entry, stored, moved)) = credential {
            self.vault.put(&entry, &stored, Patience::User).await?;
            self.credential_moved(moved).await?;
        }
        let app = self.clone();
        self.jobs.spawn(async move {
            tokio::select! {
                () = app.vault.lock_when_idle() => app.announce(Changed::Store),
                () = app.closing.cancelled() => {}
            }
        });
        self.announce(Changed::Store);
        self.look_again();
        self.make_up_for_renewal();
        Ok(self.store_view())
    }
}

impl From<PassphraseError> for Error {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::TooShort => Self::Refused(ErrorCode::PassphraseTooShort),
            PassphraseError::Wrong => Self::Refused(ErrorCode::PassphraseWrong),
            PassphraseError::Exists => Self::Refused(ErrorCode::VaultExists),
            PassphraseError::Disk(kind) => Self::Disk(kind.into()),
            PassphraseError::Missing | PassphraseError::Damaged => VaultError::from(error).into(),
        }
    }
}
