//! Adds everything up again: the balances that are kept must be the sums of what they are made of.

use sqlx::Row;

use super::{Store, StoreError};

/// A figure that is kept and differs from what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The account, or the transaction.
    pub of: String,
    /// Which figure: `transaction`, `allowance`, `overage`, `held` or `ai_credit`.
    pub what: &'static str,
    /// As it is kept; zero for a transaction, which must add up to that.
    pub kept: i64,
    /// As it adds up.
    pub counted: i64,
}

const SUMS: [(&str, &str); 5] = [
    (
        "transaction",
        "SELECT txn_id AS of_what, CAST(0 AS BIGINT) AS kept, CAST(SUM(amount) AS BIGINT) AS counted
         FROM ledger_line GROUP BY txn_id HAVING SUM(amount) <> 0",
    ),
    (
        "allowance",
        "SELECT account_id AS of_what, kept, counted FROM (
           SELECT wallet.account_id, wallet.allowance AS kept, CAST(COALESCE((
             SELECT SUM(line.amount) FROM ledger_line AS line
             WHERE line.ledger_account = 'allowance:' || wallet.account_id || ':' || CAST(wallet.month_start AS TEXT)
           ), 0) AS BIGINT) AS counted FROM wallet) AS sums WHERE kept <> counted",
    ),
    (
        "overage",
        "SELECT account_id AS of_what, kept, counted FROM (
           SELECT wallet.account_id, wallet.overage AS kept, CAST(-COALESCE((
             SELECT SUM(line.amount) FROM ledger_line AS line
             WHERE line.ledger_account = 'customer:' || wallet.account_id AND line.month = wallet.month_start
           ), 0) AS BIGINT) AS counted FROM wallet) AS sums WHERE kept <> counted",
    ),
    (
        "held",
        "SELECT account_id AS of_what, kept, counted FROM (
           SELECT wallet.account_id, wallet.held AS kept, CAST(COALESCE((
             SELECT SUM(hold.amount) FROM hold WHERE hold.account_id = wallet.account_id AND hold.state = 'held'
           ), 0) AS BIGINT) AS counted FROM wallet) AS sums WHERE kept <> counted",
    ),
    (
        "ai_credit",
        "SELECT account_id AS of_what, kept, counted FROM (
           SELECT wallet.account_id, CAST(COALESCE((
             SELECT SUM(usage_total.total) FROM usage_total
             WHERE usage_total.account_id = wallet.account_id AND usage_total.feature = 'ai_credit'
           ), 0) AS BIGINT) AS kept, CAST(-COALESCE((
             SELECT SUM(line.amount) FROM ledger_line AS line WHERE line.ledger_account = 'customer:' || wallet.account_id
           ), 0) AS BIGINT) AS counted FROM wallet) AS sums WHERE kept <> counted",
    ),
];

impl Store {
    /// Adds up all lines and holds and tells every figure that differs; at most a thousand of each kind.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn audit_wallets(&self) -> Result<Vec<Difference>, StoreError> {
        let mut differences = Vec::new();
        // One snapshot is not needed: every figure and what it is made of are read by one statement.
        for (what, statement) in SUMS {
            for row in sqlx::query(statement)
                .fetch_all(&self.pool)
                .await?
                .iter()
                .take(1000)
            {
                differences.push(Difference {
                    of: row.try_get("of_what")?,
                    what,
                    kept: row.try_get("kept")?,
                    counted: row.try_get("counted")?,
                });
            }
        }
        Ok(differences)
    }
}
