//! Closing the account: the person proves once more who they are, and is forgotten at the platform.

use brasskey_client::Code;
use brasskey_ledger::KeyId;

use super::view::{AccountView, SignInWay};
use crate::App;
use crate::error::{Error, ErrorCode};

impl App {
    /// Closes the account. `remove_keys` also removes its keys from this computer; otherwise they stay in the credential store, of
    /// use to nobody until they are removed there.
    ///
    /// # Errors
    /// `sign_in_failed` also when somebody else signs in; as [`App::sign_in`]. In all of them nothing has changed. After `storage`
    /// the account may be closed and this computer not know it yet: the next renewal says so.
    pub async fn close_account<F>(
        &self,
        way: SignInWay,
        remove_keys: bool,
        open: impl Fn(String) -> F + Send,
    ) -> Result<AccountView, Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let Some(account) = self.account.kept().person() else {
            return Err(Error::Refused(ErrorCode::SignInNeeded));
        };
        let proof = self.prove(way, open).await?;
        let _one = self.account.exchanging().await;
        let person = self.account.platform().await?.as_person(&proof);
        // Whoever signs in as somebody else would close that account.
        match person.account().await {
            Ok(theirs) if theirs.account.id == account => {}
            Err(error) if error.code() != Some(Code::NotFound) => return Err(error.into()),
            Ok(_) | Err(_) => return Err(Error::Refused(ErrorCode::SignInFailed)),
        }
        person.close_account().await?;
        if remove_keys {
            self.remove_all_keys().await?;
        }
        self.forget_account().await?;
        Ok(self.account())
    }

    async fn remove_all_keys(&self) -> Result<(), Error> {
        let at = self.clock.now_ms();
        for key in self.keys_in_use().await? {
            if key.secret.is_some() {
                let id = KeyId::new(key.id.as_str());
                self.ledger.keys().mark_removed(&id, at).await?;
            }
        }
        self.purge_removed(at).await.map(drop)
    }
}
