//! What the billing provider knows of the totals of metered features, and what is owed to it.

use jiff::Timestamp;
use sqlx::Row;

use super::{Store, StoreError, time};

/// The agreement and the period in which a total counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) agreement: String,
    /// Milliseconds since 1970; zero where the provider does not say.
    pub(crate) start: i64,
}

/// A total that the billing provider does not know yet.
#[derive(Clone, Debug)]
pub(crate) struct Unreported {
    pub(crate) account_id: String,
    pub(crate) feature: String,
    pub(crate) period: Period,
    /// In whole units, with what was carried over from and to other periods.
    pub(crate) total: i64,
    /// What it knows.
    pub(crate) reported: i64,
    /// What the account has agreed to now, and when that period ends.
    pub(crate) running: Option<(Period, Option<Timestamp>)>,
}

impl Store {
    /// Totals that the billing provider does not know yet and that are due; of one account at any time, or of all.
    pub(crate) async fn unreported(
        &self,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Unreported>, StoreError> {
        let rows = sqlx::query(
            "SELECT usage_total.account_id, usage_total.agreement_id, feature, usage_total.period_start, total / parts + carried AS units,
                    reported, subscription.agreement_id AS running, subscription.period_start AS running_start,
                    subscription.period_end AS running_end
             FROM usage_total JOIN subscription ON subscription.account_id = usage_total.account_id
             WHERE report_at <= $1 AND usage_total.agreement_id <> '' AND total / parts + carried > reported
               AND (usage_total.account_id = $2 OR $2 = '') ORDER BY report_at LIMIT 200",
        )
        .bind(if account.is_some() {
            i64::MAX
        } else {
            now.as_millisecond()
        })
        .bind(account.unwrap_or_default())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let running: Option<String> = row.try_get("running")?;
                let start: Option<i64> = row.try_get("running_start")?;
                let end = time(row.try_get("running_end")?)?;
                let running = running.map(|agreement| {
                    let start = start.unwrap_or_default();
                    (Period { agreement, start }, end)
                });
                Ok(Unreported {
                    account_id: row.try_get("account_id")?,
                    feature: row.try_get("feature")?,
                    period: Period {
                        agreement: row.try_get("agreement_id")?,
                        start: row.try_get("period_start")?,
                    },
                    total: row.try_get("units")?,
                    reported: row.try_get("reported")?,
                    running,
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
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
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
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(total.total)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Carries what a total has beyond what the provider knows over to the period that runs, where it is billed instead. Nothing
    /// happens where somebody was faster.
    pub(crate) async fn carry_over(
        &self,
        total: &Unreported,
        to: &Period,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let units = total.total - total.reported;
        let mut write = self.write().await?;
        let taken = sqlx::query(
            "UPDATE usage_total SET carried = carried - $7, updated_at = $8 WHERE account_id = $1 AND agreement_id = $2
             AND feature = $3 AND period_start = $4 AND reported = $5 AND total / parts + carried = $6",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(total.reported)
        .bind(total.total)
        .bind(units)
        .bind(now.as_millisecond())
        .execute(&mut *write)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO usage_total (account_id, agreement_id, feature, period_start, total, parts, carried, reported, report_at,
               updated_at)
             SELECT account_id, $5, feature, $6, 0, parts, $7, 0, $8, $8 FROM usage_total
             WHERE account_id = $1 AND agreement_id = $2 AND feature = $3 AND period_start = $4
             ON CONFLICT (account_id, agreement_id, feature, period_start)
             DO UPDATE SET carried = usage_total.carried + excluded.carried, updated_at = excluded.updated_at",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(&to.agreement)
        .bind(to.start)
        .bind(units)
        .bind(now.as_millisecond())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }
}
