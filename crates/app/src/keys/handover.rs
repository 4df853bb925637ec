//! Handing a key to another program: the one deliberate way out, which only the command offers.
//!
//! It must never happen unseen: it is on record before the key is out.

use brasskey_ledger::KeyHandover;
use brasskey_vault::Patience;
use secrecy::SecretString;

use crate::App;
use crate::changed::Changed;
use crate::error::Error;

/// The longest program name kept, in characters.
const LONGEST_NAME: usize = 200;

impl App {
    /// Takes a key out for a program, by its name without arguments, and notes that.
    ///
    /// # Errors
    /// `not_found`; `other_mode` in vendor-billed mode; the credential store's states; `invalid_input` for an endpoint without a
    /// key; `storage` when it cannot be noted: then nothing is handed over.
    pub async fn hand_over_key(&self, id: &str, program: &str) -> Result<SecretString, Error> {
        let key = self.key(id).await?;
        self.require_own_keys().await?;
        let stored = self.stored(&key, Patience::User).await?;
        let stored = stored.ok_or(Error::InvalidInput("this endpoint has no key"))?;
        let handover = KeyHandover {
            program: program.chars().take(LONGEST_NAME).collect(),
            at: self.clock.now_ms(),
        };
        self.ledger.key_handovers().note(&key.id, &handover).await?;
        self.announce(Changed::Keys);
        Ok(stored.secret)
    }
}
