//! Agreements of the embedded billing and the use that is counted on them.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

use super::super::{Store, StoreError, time};
use super::Books;

/// An agreement that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) id: String,
    pub(crate) plan: String,
    /// From where periods are counted.
    pub(crate) anchor: Timestamp,
    pub(crate) number: i64,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// Cents that a whole period like the running one was paid with.
    pub(crate) paid_price: i64,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) past_due_since: Option<Timestamp>,
    pub(crate) open_invoice: Option<String>,
    /// When something happens by itself; `None` once it has ended.
    pub(crate) next_at: Option<Timestamp>,
}

/// Metered use that is on no invoice yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnbilledUsage {
    pub(crate) agreement_id: String,
    pub(crate) plan: String,
    pub(crate) feature: String,
    pub(crate) period_start: Timestamp,
    pub(crate) total: i64,
    pub(crate) billed: i64,
}

impl Store {
    /// The running agreement of a customer, outside of any writing.
    pub(crate) async fn running(&self, customer: &str) -> Result<Option<Running>, StoreError> {
        running(&self.pool, customer).await
    }

    /// The customers with something due by itself, but for those whose change of plan comes first.
    pub(crate) async fn customers_due(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT billing_agreement.customer_id FROM billing_agreement
             JOIN billing_customer ON billing_customer.id = billing_agreement.customer_id
             WHERE next_at <= $1 AND NOT EXISTS (
                 SELECT 1 FROM plan_change WHERE plan_change.account_id = billing_customer.account_id
                 AND plan_change.state IN ('scheduled', 'pending') AND plan_change.effective_at <= $1)
             ORDER BY next_at LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok(row.try_get("customer_id")?))
            .collect()
    }

    /// Notes a total of metered use; a lower one changes nothing. Tells whether the agreement is known.
    pub(crate) async fn note_usage(
        &self,
        agreement: &str,
        feature: &str,
        period_start: Timestamp,
        total: i64,
    ) -> Result<bool, StoreError> {
        let noted = sqlx::query(
            "INSERT INTO billing_usage (agreement_id, feature, period_start, total, billed)
             SELECT id, $2, $3, $4, 0 FROM billing_agreement WHERE id = $1
             ON CONFLICT (agreement_id, feature, period_start) DO UPDATE
             SET total = CASE WHEN excluded.total > billing_usage.total THEN excluded.total ELSE billing_usage.total END",
        )
        .bind(agreement)
        .bind(feature)
        .bind(period_start.as_millisecond())
        .bind(total)
        .execute(&self.pool)
        .await?;
        Ok(noted.rows_affected() > 0)
    }
}

impl Books {
    /// The running agreement.
    pub(crate) async fn running(&mut self) -> Result<Option<Running>, StoreError> {
        running(&mut *self.write, &self.customer_id).await
    }

    /// Writes an agreement down, a new one or one that is known.
    pub(crate) async fn keep(&mut self, agreement: &Running) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO billing_agreement (id, customer_id, plan_code, anchor_at, period_number, period_start, period_end,
                                            paid_price, ends_at, past_due_since, open_invoice, next_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (id) DO UPDATE SET anchor_at = $4, period_number = $5, period_start = $6, period_end = $7,
                 paid_price = $8, ends_at = $9, past_due_since = $10, open_invoice = $11, next_at = $12",
        )
        .bind(&agreement.id)
        .bind(&self.customer_id)
        .bind(&agreement.plan)
        .bind(agreement.anchor.as_millisecond())
        .bind(agreement.number)
        .bind(agreement.start.as_millisecond())
        .bind(agreement.end.as_millisecond())
        .bind(agreement.paid_price)
        .bind(agreement.ends_at.map(Timestamp::as_millisecond))
        .bind(agreement.past_due_since.map(Timestamp::as_millisecond))
        .bind(&agreement.open_invoice)
        .bind(agreement.next_at.map(Timestamp::as_millisecond))
        .execute(&mut *self.write)
        .await?;
        Ok(())
    }

    /// All metered use that is on no invoice, of agreements that have ended, too.
    pub(crate) async fn unbilled(&mut self) -> Result<Vec<UnbilledUsage>, StoreError> {
        let rows = sqlx::query(
            "SELECT agreement_id, plan_code, feature, billing_usage.period_start, total, billed FROM billing_usage
             JOIN billing_agreement ON billing_agreement.id = billing_usage.agreement_id
             WHERE customer_id = $1 AND total > billed ORDER BY billing_usage.period_start, feature",
        )
        .bind(&self.customer_id)
        .fetch_all(&mut *self.write)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(UnbilledUsage {
                    agreement_id: row.try_get("agreement_id")?,
                    plan: row.try_get("plan_code")?,
                    feature: row.try_get("feature")?,
                    period_start: at(row, "period_start")?,
                    total: row.try_get("total")?,
                    billed: row.try_get("billed")?,
                })
            })
            .collect()
    }

    /// Marks use as being on an invoice.
    pub(crate) async fn mark_billed(&mut self, usage: &UnbilledUsage) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE billing_usage SET billed = $4 WHERE agreement_id = $1 AND feature = $2 AND period_start = $3",
        )
        .bind(&usage.agreement_id)
        .bind(&usage.feature)
        .bind(usage.period_start.as_millisecond())
        .bind(usage.total)
        .execute(&mut *self.write)
        .await?;
        Ok(())
    }
}

async fn running<'e>(
    executor: impl Executor<'e, Database = Any>,
    customer: &str,
) -> Result<Option<Running>, StoreError> {
    let row = sqlx::query(
        "SELECT id, plan_code, anchor_at, period_number, period_start, period_end, paid_price, ends_at, past_due_since,
                open_invoice, next_at
         FROM billing_agreement WHERE customer_id = $1 AND next_at IS NOT NULL",
    )
    .bind(customer.to_owned())
    .fetch_optional(executor)
    .await?;
    row.map(|row| {
        Ok(Running {
            id: row.try_get("id")?,
            plan: row.try_get("plan_code")?,
            anchor: at(&row, "anchor_at")?,
            number: row.try_get("period_number")?,
            start: at(&row, "period_start")?,
            end: at(&row, "period_end")?,
            paid_price: row.try_get("paid_price")?,
            ends_at: time(row.try_get("ends_at")?)?,
            past_due_since: time(row.try_get("past_due_since")?)?,
            open_invoice: row.try_get("open_invoice")?,
            next_at: time(row.try_get("next_at")?)?,
        })
    })
    .transpose()
}

pub(super) fn at(row: &AnyRow, column: &str) -> Result<Timestamp, StoreError> {
    time(Some(row.try_get(column)?))?.ok_or(StoreError::Unreadable("a time"))
}
