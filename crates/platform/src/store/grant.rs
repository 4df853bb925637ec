//! Subscriptions that are set from outside: by hand, or as a copy of an agreement.

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::billing::Agreement;

impl Store {
    /// Gives an account a plan by hand, until a time or for good. It has no agreement at the billing provider. Tells whether there
    /// is such an account.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn grant(
        &self,
        account: &str,
        plan: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // One that ends says so, and is over when it has ended.
        let standing = if until.is_some() { "ending" } else { "active" };
        self.set_subscription(account, plan, standing, until, None, now)
            .await
    }

    /// Copies what a customer has agreed to at the billing provider. Tells whether there is such an account.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn copy_agreement(
        &self,
        account: &str,
        agreement: &Agreement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let standing = if agreement.past_due_since.is_some() {
            "past_due"
        } else if agreement.ends_at.is_some() {
            "ending"
        } else {
            "active"
        };
        self.set_subscription(
            account,
            &agreement.plan,
            standing,
            agreement.ends_at,
            Some(agreement),
            now,
        )
        .await
    }

    async fn set_subscription(
        &self,
        account: &str,
        plan: &str,
        standing: &str,
        ends_at: Option<Timestamp>,
        agreement: Option<&Agreement>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = |time: Option<Timestamp>| time.map(Timestamp::as_millisecond);
        let set = sqlx::query(
            "INSERT INTO subscription (account_id, plan_code, standing, ends_at, past_due_since, agreement_id, period_start,
               period_end, rev, updated_at)
             SELECT id, $2, $3, $4, $5, $6, $7, $8, 1, $9 FROM account WHERE id = $1 AND closed_at IS NULL
             ON CONFLICT (account_id) DO UPDATE SET plan_code = excluded.plan_code, standing = excluded.standing,
               ends_at = excluded.ends_at, past_due_since = excluded.past_due_since, agreement_id = excluded.agreement_id,
               period_start = excluded.period_start, period_end = excluded.period_end, rev = subscription.rev + 1,
               updated_at = excluded.updated_at",
        )
        .bind(account)
        .bind(plan)
        .bind(standing)
        .bind(at(ends_at))
        .bind(at(agreement.and_then(|agreement| agreement.past_due_since)))
        .bind(agreement.map(|agreement| &agreement.id))
        .bind(at(agreement.and_then(|agreement| agreement.period_start)))
        .bind(at(agreement.and_then(|agreement| agreement.period_end)))
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(set.rows_affected() == 1)
    }
}
