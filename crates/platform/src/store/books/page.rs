//! Links to the embedded billing's own pages.

use jiff::Timestamp;
use sqlx::Row;

use super::super::{Store, StoreError};
use super::Books;
use super::agreement::at;

/// A link to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) customer_id: String,
    /// The plan that is paid for the first time; `None` on the page that shows everything.
    pub(crate) plan: Option<String>,
    pub(crate) return_url: String,
    /// `pending`, `paid`, `declined` or `abandoned`.
    pub(crate) state: String,
    pub(crate) invoice_id: Option<String>,
    pub(crate) expires_at: Timestamp,
}

impl Store {
    /// Keeps a link.
    pub(crate) async fn add_page(&self, token_hash: &str, page: &Page) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO billing_page (token_hash, customer_id, plan_code, return_url, state, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(token_hash)
        .bind(&page.customer_id)
        .bind(&page.plan)
        .bind(&page.return_url)
        .bind(&page.state)
        .bind(page.expires_at.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A link by the hash of its secret.
    pub(crate) async fn page(&self, token_hash: &str) -> Result<Option<Page>, StoreError> {
        let row = sqlx::query(
            "SELECT customer_id, plan_code, return_url, state, invoice_id, expires_at FROM billing_page WHERE token_hash = $1",
        )
        .bind(token_hash)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Page {
                customer_id: row.try_get("customer_id")?,
                plan: row.try_get("plan_code")?,
                return_url: row.try_get("return_url")?,
                state: row.try_get("state")?,
                invoice_id: row.try_get("invoice_id")?,
                expires_at: at(&row, "expires_at")?,
            })
        })
        .transpose()
    }
}

impl Books {
    /// Says how a checkout ended. Tells whether it was still open.
    pub(crate) async fn end_page(
        &mut self,
        token_hash: &str,
        state: &str,
        invoice: Option<&str>,
    ) -> Result<bool, StoreError> {
        let ended = sqlx::query(
            "UPDATE billing_page SET state = $2, invoice_id = $3 WHERE token_hash = $1 AND state = 'pending'",
        )
        .bind(token_hash)
        .bind(state)
        .bind(invoice)
        .execute(&mut *self.write)
        .await?;
        Ok(ended.rows_affected() == 1)
    }
}
