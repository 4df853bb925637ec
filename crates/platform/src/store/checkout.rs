//! First payments that were begun.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, time};

/// A first payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) request_key: String,
    pub(crate) plan: String,
    pub(crate) return_url: String,
    /// The provider's link.
    pub(crate) link: String,
    /// `pending`, `paid`, `declined` or `abandoned`.
    pub(crate) state: String,
    pub(crate) invoice_id: Option<String>,
    pub(crate) created_at: Timestamp,
}

impl Store {
    /// Keeps a checkout. Tells whether it is the first of its name.
    pub(crate) async fn add_checkout(&self, checkout: &Checkout) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "INSERT INTO checkout (id, account_id, request_key, plan_code, return_url, link, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&checkout.id)
        .bind(&checkout.account_id)
        .bind(&checkout.request_key)
        .bind(&checkout.plan)
        .bind(&checkout.return_url)
        .bind(&checkout.link)
        .bind(&checkout.state)
        .bind(checkout.created_at.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// A checkout of an account, by its id or by the client's name for the request.
    pub(crate) async fn checkout(
        &self,
        account: &str,
        id_or_key: &str,
    ) -> Result<Option<Checkout>, StoreError> {
        let row = sqlx::query(
            "SELECT id, account_id, request_key, plan_code, return_url, link, state, invoice_id, created_at FROM checkout
             WHERE account_id = $1 AND (id = $2 OR request_key = $2)",
        )
        .bind(account)
        .bind(id_or_key)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Says how a checkout ended.
    pub(crate) async fn end_checkout(
        &self,
        id: &str,
        state: &str,
        invoice: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE checkout SET state = $2, invoice_id = $3 WHERE id = $1 AND state = 'pending'",
        )
        .bind(id)
        .bind(state)
        .bind(invoice)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Checkout, StoreError> {
    Ok(Checkout {
        id: row.try_get("id")?,
        account_id: row.try_get("account_id")?,
        request_key: row.try_get("request_key")?,
        plan: row.try_get("plan_code")?,
        return_url: row.try_get("return_url")?,
        link: row.try_get("link")?,
        state: row.try_get("state")?,
        invoice_id: row.try_get("invoice_id")?,
        created_at: time(Some(row.try_get("created_at")?))?
            .ok_or(StoreError::Unreadable("a time"))?,
    })
}
