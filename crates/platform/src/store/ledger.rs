//! The lines of the ledger: added a transaction at a time, read by their customer. What they mean stands in `crate::wallet`.

use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError};

/// One entry of a transaction.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) ledger_account: &'a str,
    pub(crate) account_id: Option<&'a str>,
    pub(crate) amount: i64,
}

/// A line of the ledger, as its customer reads it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) txn_id: String,
    pub(crate) line: i64,
    pub(crate) ledger_account: String,
    pub(crate) amount: i64,
    pub(crate) kind: String,
    pub(crate) at: i64,
}

impl Store {
    /// An account's lines behind a place in their order of time, the oldest first.
    pub(crate) async fn lines(
        &self,
        account: &str,
        after: (i64, &str, i64),
        most: i64,
    ) -> Result<Vec<Line>, StoreError> {
        let rows = sqlx::query(
            "SELECT txn_id, line, ledger_account, amount, kind, at FROM ledger_line
             WHERE account_id = $1 AND (at, txn_id, line) > ($2, $3, $4) ORDER BY at, txn_id, line LIMIT $5",
        )
        .bind(account)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Line {
                    txn_id: row.try_get("txn_id")?,
                    line: row.try_get("line")?,
                    ledger_account: row.try_get("ledger_account")?,
                    amount: row.try_get("amount")?,
                    kind: row.try_get("kind")?,
                    at: row.try_get("at")?,
                })
            })
            .collect()
    }
}

pub(super) fn allowance_account(account: &str, month: i64) -> String {
    format!("allowance:{account}:{month}")
}

pub(super) fn customer_account(account: &str) -> String {
    format!("customer:{account}")
}

/// An entry on a customer's side.
pub(super) fn entry<'a>(ledger_account: &'a str, account: &'a str, amount: i64) -> Entry<'a> {
    Entry {
        ledger_account,
        account_id: Some(account),
        amount,
    }
}

/// An entry on our side.
pub(super) fn ours(ledger_account: &str, amount: i64) -> Entry<'_> {
    Entry {
        ledger_account,
        account_id: None,
        amount,
    }
}

macro_rules! into {
    () => {
        "INSERT INTO ledger_line (txn_id, kind, month, at, line, ledger_account, account_id, amount)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7), ($1, $2, $3, $4, 2, $8, $9, $10)"
    };
}

/// Adds a transaction to the ledger: two or three entries that add up to zero, in one statement. Tells whether it was not
/// there yet.
pub(super) async fn post(
    write: &mut Transaction<'static, Any>,
    txn: &str,
    kind: &str,
    month: i64,
    at: i64,
    entries: &[Entry<'_>],
) -> Result<bool, StoreError> {
    let statement = match entries.len() {
        2 => concat!(into!(), " ON CONFLICT DO NOTHING"),
        3 => concat!(
            into!(),
            ", ($1, $2, $3, $4, 3, $11, $12, $13) ON CONFLICT DO NOTHING"
        ),
        _ => return Err(StoreError::Unreadable("a transaction of one entry")),
    };
    if entries
        .iter()
        .map(|entry| i128::from(entry.amount))
        .sum::<i128>()
        != 0
    {
        return Err(StoreError::Unreadable(
            "a transaction that does not add up to zero",
        ));
    }
    let mut query = sqlx::query(statement)
        .bind(txn)
        .bind(kind)
        .bind(month)
        .bind(at);
    for entry in entries {
        query = query
            .bind(entry.ledger_account)
            .bind(entry.account_id)
            .bind(entry.amount);
    }
    let added = query.execute(&mut **write).await?.rows_affected();
    Ok(added > 0)
}
