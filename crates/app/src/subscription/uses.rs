//! Telling the platform what was used of metered features. It is noted here with what was done and told in its own time; the
//! limits of a plan are shown, and never in the way of what is on this computer.

use brasskey_client::views::{UsageCounted, UsageEvent};
use jiff::Timestamp;

use crate::App;
use crate::account::NOBODYS;
use crate::error::Error;

/// The most that the platform takes at once.
const AT_ONCE: u32 = 500;

impl App {
    /// Tells the platform what it has not counted yet. What it does not hear now, it hears with the next renewal.
    pub(crate) async fn tell_uses(&self) {
        if let Err(error) = self.count_uses().await {
            let code = error.code().as_str();
            tracing::info!(code, "what was used is not counted yet");
        }
    }

    /// Tells what is not counted yet, and hears what was used in the period.
    ///
    /// # Errors
    /// `sign_in_needed`, `platform_unreachable`, the credential store's states.
    pub(crate) async fn count_uses(&self) -> Result<UsageCounted, Error> {
        let _one = self.account.telling.lock().await;
        loop {
            let profile = self.account.profile();
            let uses = self.ledger.metered_uses();
            let uses = uses.oldest(&profile, AT_ONCE).await?;
            let events: Vec<UsageEvent> = uses
                .iter()
                .map(|each| {
                    Ok(UsageEvent {
                        id: each.id.clone(),
                        feature: each.feature.clone(),
                        quantity: 1,
                        at: Timestamp::from_millisecond(each.at)
                            .map_err(|_| Error::InvalidInput("a use at no time"))?,
                    })
                })
                .collect::<Result<_, Error>>()?;
            let credential = self.device_credential().await?;
            if self.account.profile() != profile {
                // Somebody else has signed in meanwhile: these uses are not theirs.
                continue;
            }
            let device = self.account.platform().await?.as_device(&credential);
            let counted = device.count_usage(&events).await?;
            self.ledger.metered_uses().forget(&uses).await?;
            if uses.len() < AT_ONCE as usize {
                return Ok(counted);
            }
        }
    }

    /// What was used before there was an account is the first person's who signs in.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) async fn adopt_uses(&self) -> Result<(), Error> {
        let profile = self.account.profile();
        Ok(self.ledger.metered_uses().adopt(NOBODYS, &profile).await?)
    }
}
