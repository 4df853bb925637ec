//! Keeping the wallets: months are turned, orphaned holds freed, and everything is added up once a day.

use jiff::{SignedDuration, Timestamp};

use crate::service::Service;
use crate::store::{Bearer, StoreError, Subscription, Wallet};
use crate::wallet::{self, Month};

/// How often everything is added up.
const AUDIT_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How long counted events are remembered: longer than a computer can be offline under its licence.
pub(crate) const REMEMBER_EVENTS: SignedDuration = SignedDuration::from_hours(24 * 100);

impl Service {
    /// The wallet of an account in the month that runs, turned to it where that is due.
    pub(crate) async fn current_wallet(
        &self,
        account: &str,
        subscription: &Subscription,
        wallet: Option<Wallet>,
        now: Timestamp,
    ) -> Result<Wallet, StoreError> {
        let month = wallet::month(self.catalogue(), subscription, now);
        match wallet {
            Some(wallet) if !wallet::is_due(&wallet, &month) => Ok(wallet),
            _ => self.store().turn_wallet(account, &month, now).await,
        }
    }

    /// The wallet of an account, read afresh, with the month that runs.
    pub(crate) async fn wallet_of(
        &self,
        account: &str,
        now: Timestamp,
    ) -> Result<(Wallet, Month), StoreError> {
        let subscription = self.store().subscription(account).await?;
        let subscription =
            subscription.ok_or(StoreError::Unreadable("an account without a subscription"))?;
        let kept = self.store().wallet(account).await?;
        let wallet = self
            .current_wallet(account, &subscription, kept, now)
            .await?;
        Ok((wallet, wallet::month(self.catalogue(), &subscription, now)))
    }

    /// The wallet of who bears a credential.
    pub(crate) async fn wallet_of_bearer(
        &self,
        bearer: &Bearer,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Wallet, StoreError> {
        let kept = bearer.wallet.clone();
        self.current_wallet(&bearer.account_id, subscription, kept, now)
            .await
    }

    /// Frees what calls hold that nobody can settle any more.
    pub(crate) async fn free_orphans(&self) -> Result<(), StoreError> {
        let found = self.store().expire_holds(self.now()).await?;
        if found > 0 {
            tracing::warn!(
                found,
                "calls whose outcome is unknown were freed, for review"
            );
        }
        Ok(())
    }

    /// Turns the wallets whose month is over.
    pub(crate) async fn turn_due_wallets(&self) -> Result<(), StoreError> {
        let now = self.now();
        for account in self.store().wallets_to_look_at(now).await? {
            let subscription = self.store().subscription(&account).await?;
            let subscription =
                subscription.ok_or(StoreError::Unreadable("a wallet without a subscription"))?;
            let month = wallet::month(self.catalogue(), &subscription, now);
            self.store().turn_wallet(&account, &month, now).await?;
        }
        Ok(())
    }

    /// Adds everything up once a day, and forgets events that can come no more.
    pub(crate) async fn audit_when_due(&self) -> Result<(), StoreError> {
        let now = self.now();
        let Ok(again) = now.checked_add(AUDIT_EVERY) else {
            return Ok(());
        };
        if !self.store().claim_chore("audit", now, again).await? {
            return Ok(());
        }
        for difference in self.store().audit_wallets().await? {
            tracing::error!(
                alarm = true,
                ?difference,
                "a balance is not the sum of its lines"
            );
        }
        if let Ok(before) = now.checked_sub(REMEMBER_EVENTS) {
            self.store().forget_usage_events(before).await?;
        }
        Ok(())
    }
}
