//! Keeping the wallets: months are turned, orphaned holds freed, totals reported, and everything is added up once a day.

use jiff::{SignedDuration, Timestamp};

use crate::billing::{Billing, BillingError, UsageTotal};
use crate::service::Service;
use crate::store::{Bearer, StoreError, Subscription, Unreported, Wallet};
use crate::wallet::{self, Month};

/// A total is reported at most this often.
const REPORT_EVERY: SignedDuration = SignedDuration::from_mins(3);
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

    /// Tells the billing provider the totals that it does not know yet, each at most every few minutes. What cannot be told is
    /// logged and is due again.
    ///
    /// # Errors
    /// [`StoreError`] of the database; what the provider refuses is logged.
    pub async fn report_usage(&self, billing: &dyn Billing) -> Result<(), StoreError> {
        let now = self.now();
        let Ok(until) = now.checked_add(REPORT_EVERY) else {
            return Ok(());
        };
        for total in self.store().unreported(None, now).await? {
            if !self.store().claim_report(&total, now, until).await? {
                continue;
            }
            if let Err(error) = self.report(billing, &total).await? {
                tracing::warn!(%error, feature = total.feature, "a total could not be reported");
            }
        }
        Ok(())
    }

    /// Tells the billing provider an account's totals at once: before its agreement is replaced.
    ///
    /// # Errors
    /// [`StoreError`] of the database; within it, what the provider refuses first.
    pub async fn report_usage_of(
        &self,
        billing: &dyn Billing,
        account: &str,
    ) -> Result<Result<(), BillingError>, StoreError> {
        for total in self.store().unreported(Some(account), self.now()).await? {
            if let Err(error) = self.report(billing, &total).await? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    async fn report(
        &self,
        billing: &dyn Billing,
        total: &Unreported,
    ) -> Result<Result<(), BillingError>, StoreError> {
        let period_start = Timestamp::from_millisecond(total.period_start)
            .map_err(|_| StoreError::Unreadable("a period"))?;
        let report = UsageTotal {
            agreement_id: total.agreement.clone(),
            feature: total.feature.clone(),
            period_start,
            total: total.total,
        };
        if let Err(error) = billing.report_usage(&report).await {
            return Ok(Err(error));
        }
        self.store().reported(total).await?;
        Ok(Ok(()))
    }
}
