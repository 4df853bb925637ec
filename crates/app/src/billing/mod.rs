//! Billing mode, plans and terms. Exactly one mode is in force; nothing here or elsewhere falls back from one to the other.

pub(crate) mod offer;
pub mod route;
mod terms;
pub mod view;

use crate::App;
use crate::changed::Changed;
use crate::error::Error;
use view::{BillingMode, BillingView};

const MODE: &str = "billing_mode";
const SET_UP: &str = "set_up";

impl App {
    /// Mode, plans and terms, as they are known: nobody is asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn billing(&self) -> Result<BillingView, Error> {
        Ok(BillingView {
            mode: self.billing_mode().await?,
            plans: self.offers.now().plans(self.clock.now()),
            terms: self.terms_views().await?,
            scheduled: self.scheduled_switch().await?,
            switching: self.open_switch().await?,
            set_up: self.is_set_up().await?,
        })
    }

    async fn is_set_up(&self) -> Result<bool, Error> {
        Ok(self.ledger.settings().get(SET_UP).await?.unwrap_or(false))
    }

    /// The first run is over: from now on Brasskey opens where work goes on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_first_run(&self) -> Result<BillingView, Error> {
        self.ledger.settings().set(SET_UP, &true).await?;
        self.announce(Changed::Billing);
        self.billing().await
    }

    /// The mode in force; none before the first choice.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn billing_mode(&self) -> Result<Option<BillingMode>, Error> {
        Ok(self.ledger.settings().get(MODE).await?)
    }

    /// Puts a mode in force. A running answer ends under the payer it began with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn choose_billing(&self, mode: BillingMode) -> Result<BillingView, Error> {
        self.put_in_force(mode).await?;
        self.billing().await
    }

    pub(crate) async fn put_in_force(&self, mode: BillingMode) -> Result<(), Error> {
        if self.billing_mode().await? != Some(mode) {
            let keys = self.keys_in_use().await?;
            self.ledger.settings().set(MODE, &mode).await?;
            match mode {
                BillingMode::Byok => self.look_again(),
                BillingMode::VendorBilled => {
                    for secret in keys.iter().filter_map(|key| key.secret.as_ref()) {
                        self.vault.forget(&secret.entry);
                    }
                    self.wire.hang_up();
                }
            }
            self.announce(Changed::Billing);
            self.announce(Changed::Keys);
            // What the plan's gateway offers may never have been asked.
            self.catch_up();
        }
        Ok(())
    }
}
