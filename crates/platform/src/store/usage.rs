//! Counts of metered features: events that are counted once, and running totals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::group::Write;
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
pub(crate) struct Counting {
    pub(crate) account_id: String,
    /// '' for none.
    pub(crate) agreement: String,
    /// Milliseconds since 1970; zero for none.
    pub(crate) period_start: i64,
}

impl Store {
    /// Counts events that were not counted before. Tells how many those were.
    pub(crate) async fn count_usage(
        &self,
        counting: Counting,
        events: Vec<UsageEvent>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        let at = now.as_millisecond();
        let used = Used {
            counting,
            events,
            at,
        };
        self.group.write(used).await
    }

    /// The totals of a period by feature, in whole units.
    pub(crate) async fn usage_totals(
        &self,
        counting: &Counting,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT feature, total / parts AS units FROM usage_total
             WHERE account_id = $1 AND agreement_id = $2 AND period_start = $3 ORDER BY feature",
        )
        .bind(&counting.account_id)
        .bind(&counting.agreement)
        .bind(counting.period_start)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("feature")?, row.try_get("units")?)))
            .collect()
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

/// Events to be counted at a time.
struct Used {
    counting: Counting,
    events: Vec<UsageEvent>,
    at: i64,
}

impl Write for Used {
    type Output = u64;

    fn key(&self) -> &str {
        &self.counting.account_id
    }

    async fn write(&self, into: &mut Transaction<'static, Any>) -> Result<u64, StoreError> {
        let Self {
            counting,
            events,
            at,
        } = self;
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
        // Made of numbers of parameters alone.
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .bind(&counting.account_id)
            .bind(at);
        for event in events {
            query = query
                .bind(&event.id)
                .bind(&event.feature)
                .bind(event.quantity)
                .bind(event.at.as_millisecond());
        }
        let counted = query.fetch_all(&mut **into).await?;
        let mut sums = BTreeMap::<String, i64>::new();
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
            .bind(&counting.account_id)
            .bind(&counting.agreement)
            .bind(feature)
            .bind(counting.period_start)
            .bind(sum)
            .bind(at)
            .execute(&mut **into)
            .await?;
        }
        u64::try_from(counted.len()).map_err(|_| StoreError::Unreadable("a count"))
    }
}

/// Hands what a trial counted to the account that adopts it. Events keep their names, so that one which is sent again is not
/// counted again; totals belong to no agreement there either, so that a trial's use is never billed.
pub(super) async fn merge_usage(
    write: &mut Transaction<'static, Any>,
    from: &str,
    into: &str,
) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO usage_event (account_id, event_id, feature, quantity, at, received_at)
         SELECT $2, event_id, feature, quantity, at, received_at FROM usage_event WHERE account_id = $1
         ON CONFLICT (account_id, event_id) DO NOTHING",
        "INSERT INTO usage_total (account_id, agreement_id, feature, period_start, total, parts, reported, report_at, updated_at)
         SELECT $2, '', feature, period_start, total, parts, 0, report_at, updated_at FROM usage_total
         WHERE account_id = $1 AND agreement_id = ''
         ON CONFLICT (account_id, agreement_id, feature, period_start)
         DO UPDATE SET total = usage_total.total + excluded.total, updated_at = excluded.updated_at",
    ] {
        sqlx::query(statement)
            .bind(from)
            .bind(into)
            .execute(&mut **write)
            .await?;
    }
    for statement in [
        "DELETE FROM usage_event WHERE account_id = $1",
        "DELETE FROM usage_total WHERE account_id = $1",
    ] {
        sqlx::query(statement)
            .bind(from)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}
