//! The subscription as a copy of what the billing provider says: read, compared, written.

use jiff::Timestamp;
use sqlx::Row;

use super::{Store, StoreError, Subscription, standing_word, time};
use crate::billing::Customer;

/// What is known of a subscription when its provider is about to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) subscription: Subscription,
    /// Since when the provider names no agreement.
    pub(crate) missing_since: Option<Timestamp>,
    /// When it was to be asked; another time after the answer means that somebody wants it asked again.
    pub(crate) due_at: Option<i64>,
    /// The plan that an open change leads to.
    pub(crate) coming_plan: Option<String>,
}

#[cfg(test)]
impl Copy {
    /// One about which nothing more is known.
    pub(crate) fn of(subscription: Subscription) -> Self {
        Self {
            subscription,
            missing_since: None,
            due_at: None,
            coming_plan: None,
        }
    }
}

/// What the provider's answer makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Projection {
    pub(crate) subscription: Subscription,
    pub(crate) missing_since: Option<Timestamp>,
    /// When it is asked next.
    pub(crate) next: Option<Timestamp>,
}

impl Store {
    /// An account as its billing provider knows it; `None` without a person.
    pub(crate) async fn customer(&self, account: &str) -> Result<Option<Customer>, StoreError> {
        let row = sqlx::query(
            "SELECT identity, COALESCE(email, '') AS email, customer_id FROM account
             WHERE id = $1 AND identity IS NOT NULL AND closed_at IS NULL",
        )
        .bind(account)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Customer {
                account_id: account.to_owned(),
                identity: row.try_get("identity")?,
                email: row.try_get("email")?,
                customer_id: row.try_get("customer_id")?,
            })
        })
        .transpose()
    }

    /// Says whose an account is. Tells whether there is such an account without a person.
    ///
    /// # Errors
    /// [`StoreError::Database`], also when the person has another account.
    pub async fn give_person(
        &self,
        account: &str,
        identity: &str,
        email: &str,
    ) -> Result<bool, StoreError> {
        let given = sqlx::query(
            "UPDATE account SET identity = $2, email = $3 WHERE id = $1 AND identity IS NULL",
        )
        .bind(account)
        .bind(identity)
        .bind(email)
        .execute(&self.pool)
        .await?;
        Ok(given.rows_affected() == 1)
    }

    /// Keeps who an account is at the billing provider.
    pub(crate) async fn keep_customer_id(
        &self,
        account: &str,
        customer_id: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE account SET customer_id = $2 WHERE id = $1")
            .bind(account)
            .bind(customer_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The copy, before the provider is asked.
    pub(crate) async fn copy(&self, account: &str) -> Result<Option<Copy>, StoreError> {
        let Some(subscription) = self.subscription(account).await? else {
            return Ok(None);
        };
        let row = sqlx::query(
            "SELECT missing_since, sync_due_at,
                    (SELECT to_plan FROM plan_change WHERE account_id = $1 AND state IN ('scheduled', 'pending')) AS coming
             FROM subscription WHERE account_id = $1",
        )
        .bind(account)
        .fetch_one(&self.pool)
        .await?;
        Ok(Some(Copy {
            subscription,
            missing_since: time(row.try_get("missing_since")?)?,
            due_at: row.try_get("sync_due_at")?,
            coming_plan: row.try_get("coming")?,
        }))
    }

    /// Writes what the provider said, unless somebody who asked it later has written already. The revision grows only with a
    /// change. Tells whether it was written.
    pub(crate) async fn project(
        &self,
        account: &str,
        before: &Copy,
        after: &Projection,
        asked_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let new = &after.subscription;
        let has_changed = *new != before.subscription;
        let written = sqlx::query(
            "UPDATE subscription SET plan_code = $3, standing = $4, ends_at = $5, past_due_since = $6, period_start = $7,
                    period_end = $8, agreement_id = $9, missing_since = $10, rev = rev + $11,
                    updated_at = CASE WHEN $11 > 0 THEN $2 ELSE updated_at END, synced_at = $2,
                    sync_due_at = CASE WHEN COALESCE(sync_due_at, -1) = $12 THEN $13 ELSE sync_due_at END
             WHERE account_id = $1 AND COALESCE(synced_at, 0) <= $2 AND rev = $14",
        )
        .bind(account)
        .bind(asked_at.as_millisecond())
        .bind(&new.plan_code)
        .bind(standing_word(new.standing)?)
        .bind(new.ends_at.map(Timestamp::as_millisecond))
        .bind(new.past_due_since.map(Timestamp::as_millisecond))
        .bind(new.period_start.map(Timestamp::as_millisecond))
        .bind(new.period_end.map(Timestamp::as_millisecond))
        .bind(&new.agreement_id)
        .bind(after.missing_since.map(Timestamp::as_millisecond))
        .bind(i64::from(has_changed))
        .bind(before.due_at.unwrap_or(-1))
        .bind(after.next.map(Timestamp::as_millisecond))
        .bind(before.subscription.rev)
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected() == 1)
    }

    /// Wants the provider asked about an account, soon.
    #[allow(dead_code, reason = "the webhooks of a hosted provider call it")]
    pub(crate) async fn want_sync(&self, account: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE subscription SET sync_due_at = $2 WHERE account_id = $1")
            .bind(account)
            .bind(at.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes the accounts about which the provider is to be asked now; they are due again at `again` unless an answer is written.
    pub(crate) async fn take_sync_due(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT account_id, sync_due_at FROM subscription WHERE sync_due_at <= $1 ORDER BY sync_due_at LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let mut taken = Vec::new();
        for row in rows {
            let account: String = row.try_get("account_id")?;
            let claimed = sqlx::query(
                "UPDATE subscription SET sync_due_at = $3 WHERE account_id = $1 AND sync_due_at = $2",
            )
            .bind(&account)
            .bind(row.try_get::<i64, _>("sync_due_at")?)
            .bind(again.as_millisecond())
            .execute(&self.pool)
            .await?;
            if claimed.rows_affected() == 1 {
                taken.push(account);
            }
        }
        Ok(taken)
    }

    /// Takes in that a payment failed at a time, unless there is newer word. Tells whether something changed.
    pub(crate) async fn payment_failed(
        &self,
        account: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE subscription SET past_due_since = COALESCE(past_due_since, $2), standing = 'past_due',
                    payment_event_at = $2, rev = rev + 1, updated_at = $2
             WHERE account_id = $1 AND agreement_id IS NOT NULL AND standing IN ('active', 'ending', 'past_due')
                   AND COALESCE(payment_event_at, 0) < $2",
        )
        .bind(account)
        .bind(at.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Takes in that a payment succeeded at a time, unless there is newer word. Tells whether something changed.
    pub(crate) async fn payment_succeeded(
        &self,
        account: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE subscription SET past_due_since = NULL,
                    standing = CASE WHEN standing <> 'past_due' THEN standing WHEN ends_at IS NULL THEN 'active' ELSE 'ending' END,
                    payment_event_at = $2, rev = rev + 1, updated_at = $2
             WHERE account_id = $1 AND agreement_id IS NOT NULL AND COALESCE(payment_event_at, 0) < $2",
        )
        .bind(account)
        .bind(at.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use brasskey_licence::Standing;

    async fn paid() -> (tempfile::TempDir, Store) {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("p.db").display());
        let store = Store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        for statement in [
            "INSERT INTO account (id, identity, device_limit, created_at) VALUES ('acc_1', 'kp_1', 5, 1)",
            "INSERT INTO subscription (account_id, plan_code, standing, agreement_id, rev, updated_at, synced_at)
             VALUES ('acc_1', 'byok_monthly', 'active', 'agr_1', 1, 1, 1)",
        ] {
            sqlx::query(statement).execute(&store.pool).await.unwrap();
        }
        (folder, store)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[tokio::test]
    async fn payments_count_in_the_order_in_which_they_happened() {
        // Each order of hearing ends the same: failed on day 1, failed on day 3, paid on day 5.
        for order in [
            [1, 3, 5],
            [1, 5, 3],
            [3, 1, 5],
            [3, 5, 1],
            [5, 1, 3],
            [5, 3, 1],
        ] {
            let (_folder, store) = paid().await;
            for day in order {
                let event = at(day * 86_400);
                if day == 5 {
                    store.payment_succeeded("acc_1", event).await.unwrap();
                } else {
                    store.payment_failed("acc_1", event).await.unwrap();
                }
            }
            let end = store.subscription("acc_1").await.unwrap().unwrap();
            assert_eq!(
                (end.standing, end.past_due_since),
                (Standing::Active, None),
                "{order:?}"
            );
        }
        let (_folder, store) = paid().await;
        assert!(store.payment_failed("acc_1", at(1)).await.unwrap());
        assert!(
            !store.payment_failed("acc_1", at(1)).await.unwrap(),
            "told twice"
        );
        assert!(store.payment_failed("acc_1", at(9)).await.unwrap());
        let due = store.subscription("acc_1").await.unwrap().unwrap();
        assert_eq!(due.past_due_since, Some(at(1)), "since the first failure");
    }

    #[tokio::test]
    async fn an_older_answer_never_covers_a_newer_one_and_the_same_answer_makes_no_revision() {
        let (_folder, store) = paid().await;
        let before = store.copy("acc_1").await.unwrap().unwrap();
        let with = |plan: &str| Projection {
            subscription: Subscription {
                plan_code: plan.to_owned(),
                ..before.subscription.clone()
            },
            missing_since: None,
            next: Some(at(900)),
        };
        let same = with("byok_monthly");
        assert!(
            store
                .project("acc_1", &before, &same, at(20))
                .await
                .unwrap()
        );
        assert_eq!(store.subscription("acc_1").await.unwrap().unwrap().rev, 1);
        let late = with("byok_annual");
        assert!(
            !store
                .project("acc_1", &before, &late, at(10))
                .await
                .unwrap()
        );
        // Somebody wants it asked again while the provider is being asked: that wish stays.
        let before = store.copy("acc_1").await.unwrap().unwrap();
        store.want_sync("acc_1", at(30)).await.unwrap();
        let newer = with("standard_monthly");
        assert!(
            store
                .project("acc_1", &before, &newer, at(40))
                .await
                .unwrap()
        );
        let end = store.copy("acc_1").await.unwrap().unwrap();
        assert_eq!((end.subscription.rev, end.due_at), (2, Some(30_000)));
        let taken = store.take_sync_due(at(50), at(60), 10).await.unwrap();
        assert_eq!(taken, ["acc_1"]);
        assert!(
            store
                .take_sync_due(at(50), at(60), 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
