//! Counts of metered features: events that are counted once, running totals, and what the billing provider knows of them.

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Row};

use super::{Store, StoreError};

/// Something that was used.
#[derive(Clone, Debug)]
pub(crate) struct UsageEvent {
    /// The client's name for it.
    pub(crate) id: String,
    pub(crate) feature: String,
    pub(crate) quantity: i64,
    pub(crate) at: Timestamp,
}

/// The period that is counted in.
#[derive(Clone, Debug)]
pub(crate) struct Counting<'a> {
    pub(crate) account_id: &'a str,
    /// '' for none.
    pub(crate) agreement: &'a str,
    /// Milliseconds since 1970; zero for none.
    pub(crate) period_start: i64,
}

/// A total that the billing provider does not know yet.
#[derive(Clone, Debug)]
pub(crate) struct Unreported {
    pub(crate) account_id: String,
    pub(crate) agreement: String,
    pub(crate) feature: String,
    pub(crate) period_start: i64,
    /// In whole units.
    pub(crate) total: i64,
}

impl Store {
    /// Counts events that were not counted before. Tells how many those were, and the totals of the period.
    pub(crate) async fn count_usage(
        &self,
        counting: &Counting<'_>,
        events: &[UsageEvent],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        let at = now.as_millisecond();
        let rows: Vec<String> = (0..events.len())
            .map(|row| {
                let first = 3 + row * 4;
                format!(
                    "($1, ${first}, ${}, ${}, ${}, $2)",
                    first + 1,
                    first + 2,
                    first + 3
                )
            })
            .collect();
        let statement = format!(
            "INSERT INTO usage_event (account_id, event_id, feature, quantity, at, received_at) VALUES {}
             ON CONFLICT (account_id, event_id) DO NOTHING RETURNING feature, quantity",
            rows.join(", ")
        );
        let mut write = self.write().await?;
        // Made of numbers of parameters alone.
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .bind(counting.account_id)
            .bind(at);
        for event in events {
            query = query
                .bind(&event.id)
                .bind(&event.feature)
                .bind(event.quantity)
                .bind(event.at.as_millisecond());
        }
        let counted = query.fetch_all(&mut *write).await?;
        let mut sums = std::collections::BTreeMap::<String, i64>::new();
        for row in &counted {
            let sum = sums.entry(row.try_get("feature")?).or_default();
            *sum = sum.saturating_add(row.try_get("quantity")?);
        }
        for (feature, sum) in &sums {
            sqlx::query(
                "INSERT INTO usage_total (account_id, agreement_id, feature, period_start, total, parts, reported, report_at,
                   updated_at)
                 VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $6)
                 ON CONFLICT (account_id, agreement_id, feature, period_start)
                 DO UPDATE SET total = usage_total.total + excluded.total, updated_at = excluded.updated_at",
            )
            .bind(counting.account_id)
            .bind(counting.agreement)
            .bind(feature)
            .bind(counting.period_start)
            .bind(sum)
            .bind(at)
            .execute(&mut *write)
            .await?;
        }
        write.commit().await?;
        u64::try_from(counted.len()).map_err(|_| StoreError::Unreadable("a count"))
    }

    /// The totals of a period by feature, in whole units.
    pub(crate) async fn usage_totals(
        &self,
        counting: &Counting<'_>,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT feature, total / parts AS units FROM usage_total
             WHERE account_id = $1 AND agreement_id = $2 AND period_start = $3 ORDER BY feature",
        )
        .bind(counting.account_id)
        .bind(counting.agreement)
        .bind(counting.period_start)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("feature")?, row.try_get("units")?)))
            .collect()
    }

    /// Totals that the billing provider does not know yet and that are due; of one account, or of all.
    pub(crate) async fn unreported(
        &self,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Unreported>, StoreError> {
        let rows = sqlx::query(
            "SELECT account_id, agreement_id, feature, period_start, total / parts AS units FROM usage_total
             WHERE report_at <= $1 AND agreement_id <> '' AND total / parts > reported
               AND (account_id = $2 OR $2 = '') ORDER BY report_at LIMIT 200",
        )
        .bind(if account.is_some() { i64::MAX } else { now.as_millisecond() })
        .bind(account.unwrap_or_default())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Unreported {
                    account_id: row.try_get("account_id")?,
                    agreement: row.try_get("agreement_id")?,
                    feature: row.try_get("feature")?,
                    period_start: row.try_get("period_start")?,
                    total: row.try_get("units")?,
                })
            })
            .collect()
    }

    /// Claims the reporting of a total, so that others leave it alone until a time. Tells whether it was free.
    pub(crate) async fn claim_report(
        &self,
        total: &Unreported,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query(
            "UPDATE usage_total SET report_at = $5 WHERE account_id = $1 AND agreement_id = $2 AND feature = $3
             AND period_start = $4 AND report_at <= $6",
        )
        .bind(&total.account_id)
        .bind(&total.agreement)
        .bind(&total.feature)
        .bind(total.period_start)
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// The billing provider has taken note of a total.
    pub(crate) async fn reported(&self, total: &Unreported) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE usage_total SET reported = $5 WHERE account_id = $1 AND agreement_id = $2 AND feature = $3
             AND period_start = $4 AND reported < $5",
        )
        .bind(&total.account_id)
        .bind(&total.agreement)
        .bind(&total.feature)
        .bind(total.period_start)
        .bind(total.total)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets events that can come no more.
    pub(crate) async fn forget_usage_events(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM usage_event WHERE received_at < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Claims what one of all replicas does now and then. Tells whether it is this one's to do; it is due again at a time.
    pub(crate) async fn claim_chore(
        &self,
        name: &str,
        now: Timestamp,
        again: Timestamp,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query(
            "INSERT INTO chore (name, due_at) VALUES ($1, $2) ON CONFLICT (name)
             DO UPDATE SET due_at = excluded.due_at WHERE chore.due_at <= $3",
        )
        .bind(name)
        .bind(again.as_millisecond())
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }
}
