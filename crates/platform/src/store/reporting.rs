//! What the billing provider knows of the totals of metered features, and what is owed to it.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

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
    /// What it may know: it was sent, and the answer was lost.
    pub(crate) sent: i64,
    /// What the account has agreed to now.
    pub(crate) running: Option<Running>,
}

/// An agreement that runs.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// Its period and when that ends; none where the provider does not say.
    pub(crate) period: Option<(Period, Timestamp)>,
}

/// What is read of a total, with what its account has agreed to now.
macro_rules! totals {
    ($which:literal) => {
        concat!(
            "SELECT usage_total.account_id, usage_total.agreement_id, feature, usage_total.period_start,
                    total / parts + carried AS units, reported, sent, subscription.agreement_id AS running,
                    subscription.period_start AS running_start, subscription.period_end AS running_end
             FROM usage_total JOIN subscription ON subscription.account_id = usage_total.account_id
             WHERE usage_total.agreement_id <> '' AND total / parts + carried > reported AND ",
            $which
        )
    };
}

impl Store {
    /// Totals that the billing provider does not know yet and that are due, of accounts that have an agreement now; of all accounts
    /// where totals of agreements that have ended are taken, too.
    pub(crate) async fn unreported(
        &self,
        of_ended: bool,
        now: Timestamp,
    ) -> Result<Vec<Unreported>, StoreError> {
        let rows = sqlx::query(totals!(
            "report_at <= $1 AND (subscription.agreement_id IS NOT NULL OR $2 = 1) ORDER BY report_at LIMIT 200"
        ))
        .bind(now.as_millisecond())
        .bind(i64::from(of_ended))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The totals of an account that the billing provider does not know yet, due or not.
    pub(crate) async fn unreported_of(&self, account: &str) -> Result<Vec<Unreported>, StoreError> {
        let rows = sqlx::query(totals!("usage_total.account_id = $1 ORDER BY report_at"))
            .bind(account)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// A total as it is now; none when the provider knows it by now.
    pub(crate) async fn unreported_still(
        &self,
        total: &Unreported,
    ) -> Result<Option<Unreported>, StoreError> {
        let row = sqlx::query(totals!(
            "usage_total.account_id = $1 AND usage_total.agreement_id = $2 AND feature = $3 AND usage_total.period_start = $4"
        ))
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Notes that a total is about to be sent, or that it was refused for certain.
    pub(crate) async fn sending(
        &self,
        total: &Unreported,
        is_refused: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE usage_total SET sent = CASE WHEN $6 = 1 THEN reported WHEN sent < $5 THEN $5 ELSE sent END
             WHERE account_id = $1 AND agreement_id = $2 AND feature = $3 AND period_start = $4",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(total.total)
        .bind(i64::from(is_refused))
        .execute(&self.pool)
        .await?;
        Ok(())
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

    /// Claims the telling of a total: until a time nobody else tells it. Tells whether it was free.
    pub(crate) async fn claim_telling(
        &self,
        total: &Unreported,
        by: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query(
            "UPDATE usage_total SET telling_by = $5, telling_until = $6
             WHERE account_id = $1 AND agreement_id = $2 AND feature = $3 AND period_start = $4 AND telling_until <= $7",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(by)
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// The telling is over, for certain: the next may begin.
    pub(crate) async fn end_telling(&self, total: &Unreported, by: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE usage_total SET telling_until = 0
             WHERE account_id = $1 AND agreement_id = $2 AND feature = $3 AND period_start = $4 AND telling_by = $5",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(by)
        .execute(&self.pool)
        .await?;
        Ok(())
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

    /// Carries what a total has beyond what the provider may know over to the period that runs, where it is billed instead: what
    /// may have arrived is never billed twice. Nothing happens where somebody was faster.
    pub(crate) async fn carry_over(
        &self,
        total: &Unreported,
        to: &Period,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let told = total.reported.max(total.sent);
        let units = (total.total - told).max(0);
        let mut write = self.write().await?;
        let taken = sqlx::query(
            "UPDATE usage_total SET carried = carried - $7, reported = $9, updated_at = $8
             WHERE account_id = $1 AND agreement_id = $2 AND feature = $3 AND period_start = $4 AND reported = $5
               AND total / parts + carried = $6 AND sent = $10",
        )
        .bind(&total.account_id)
        .bind(&total.period.agreement)
        .bind(&total.feature)
        .bind(total.period.start)
        .bind(total.reported)
        .bind(total.total)
        .bind(units)
        .bind(now.as_millisecond())
        .bind(told)
        .bind(total.sent)
        .execute(&mut *write)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(());
        }
        if units == 0 {
            write.commit().await?;
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

fn read(row: &AnyRow) -> Result<Unreported, StoreError> {
    let running: Option<String> = row.try_get("running")?;
    let start: Option<i64> = row.try_get("running_start")?;
    let end = time(row.try_get("running_end")?)?;
    Ok(Unreported {
        account_id: row.try_get("account_id")?,
        feature: row.try_get("feature")?,
        period: Period {
            agreement: row.try_get("agreement_id")?,
            start: row.try_get("period_start")?,
        },
        total: row.try_get("units")?,
        reported: row.try_get("reported")?,
        sent: row.try_get("sent")?,
        running: running.map(|agreement| Running {
            period: start
                .zip(end)
                .map(|(start, end)| (Period { agreement, start }, end)),
        }),
    })
}
