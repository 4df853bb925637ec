//! The billing provider's own pages: the card, the invoices, name and address.

use std::time::Duration;

use brasskey_client::Return;
use brasskey_client::views;

use super::view::PortalArea;
use crate::App;
use crate::account::page;
use crate::error::Error;

/// How long the way back stays open.
const WAIT: Duration = Duration::from_secs(60 * 60);
/// Between two looks whether the platform has heard what was done there.
const LOOK: Duration = Duration::from_secs(1);
/// Looks; then nothing was done there, or it is found out in its own time.
const LOOKS: u32 = 15;

impl App {
    /// Opens one of the pages. When the person comes back, the licence is renewed: what was done there may have changed it.
    ///
    /// # Errors
    /// `sign_in_needed`, `platform_unreachable`, `plan_denied` where the billing provider has no such page; what `open` says.
    pub async fn open_portal<F>(
        &self,
        area: PortalArea,
        open: impl FnOnce(String) -> F + Send,
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let back = Return::open()
            .await
            .map_err(|_| Error::InvalidInput("this computer has no port to give"))?;
        let area = match area {
            PortalArea::Plan => views::PortalArea::Plan,
            PortalArea::Payment => views::PortalArea::Payment,
            PortalArea::Profile => views::PortalArea::Profile,
        };
        let link = self
            .as_device(async |device| device.portal(area, &back.url()).await)
            .await?;
        let before = self.subscription_rev().await;
        open(link).await?;
        let app = self.clone();
        self.jobs.spawn(async move {
            let page = page();
            tokio::select! {
                () = app.closing.cancelled() => return,
                () = tokio::time::sleep(WAIT) => return,
                _ = back.wait(&page) => {}
            }
            tokio::select! {
                () = app.closing.cancelled() => return,
                () = app.heard_after(before) => {}
            }
            if let Err(error) = app.renew().await {
                tracing::info!(code = error.code().as_str(), "the licence follows later");
            }
        });
        Ok(())
    }

    /// Waits until the platform knows of another state of the subscription: it hears of what is done on the billing provider's
    /// pages a moment after the person is back.
    async fn heard_after(&self, before: Option<i64>) {
        for _ in 0..LOOKS {
            if self.subscription_rev().await != before {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The number of the subscription's state, where the platform says it.
    async fn subscription_rev(&self) -> Option<i64> {
        let subscription = self.as_device(async |device| device.subscription().await);
        Some(subscription.await.ok()?.rev)
    }
}
