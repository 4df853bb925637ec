//! Invoices of the embedded billing: written once with their lines, numbered without a gap.

use jiff::Timestamp;
use sqlx::Row;

use super::super::{Store, StoreError, time};
use super::Books;
use super::agreement::at;
use crate::billing::money;
use crate::billing::{Invoice, InvoiceLine, InvoiceState, LineKind};
use crate::clock::new_id;

/// A line to write. Cents; negative where it is a credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewLine {
    pub(crate) kind: LineKind,
    pub(crate) text: String,
    pub(crate) amount: i64,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// An invoice to write. Its lines add up to what is to be paid, which is never negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewInvoice {
    pub(crate) currency: String,
    pub(crate) lines: Vec<NewLine>,
    pub(crate) is_paid: bool,
}

const KINDS: [(LineKind, &str); 4] = [
    (LineKind::Plan, "plan"),
    (LineKind::Unused, "unused"),
    (LineKind::Usage, "usage"),
    (LineKind::Balance, "balance"),
];

const STATES: [(InvoiceState, &str); 3] = [
    (InvoiceState::Open, "open"),
    (InvoiceState::Paid, "paid"),
    (InvoiceState::GivenUp, "given_up"),
];

impl Books {
    /// Writes an invoice; its id.
    pub(crate) async fn add_invoice(
        &mut self,
        invoice: &NewInvoice,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let id = new_id("inv");
        let number: i64 =
            sqlx::query("UPDATE billing_invoice_number SET last = last + 1 RETURNING last")
                .fetch_one(&mut *self.write)
                .await?
                .try_get("last")?;
        let total: i64 = invoice.lines.iter().map(|line| line.amount).sum();
        sqlx::query(
            "INSERT INTO billing_invoice (id, number, customer_id, currency, total, state, issued_at, paid_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&id)
        .bind(number)
        .bind(&self.customer_id)
        .bind(&invoice.currency)
        .bind(total)
        .bind(if invoice.is_paid { "paid" } else { "open" })
        .bind(now.as_millisecond())
        .bind(invoice.is_paid.then(|| now.as_millisecond()))
        .execute(&mut *self.write)
        .await?;
        for (place, line) in (0_i64..).zip(&invoice.lines) {
            let kind = KINDS.iter().find(|(kind, _)| *kind == line.kind);
            sqlx::query(
                "INSERT INTO billing_invoice_line (invoice_id, line, kind, text, amount, from_at, until_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(&id)
            .bind(place)
            .bind(kind.map(|(_, word)| *word))
            .bind(&line.text)
            .bind(line.amount)
            .bind(line.from.map(Timestamp::as_millisecond))
            .bind(line.until.map(Timestamp::as_millisecond))
            .execute(&mut *self.write)
            .await?;
        }
        Ok(id)
    }

    /// Says that an open invoice is paid, or that it will not be: then what it took off the balance is there again.
    pub(crate) async fn close_invoice(
        &mut self,
        id: &str,
        is_paid: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let closed = sqlx::query(
            "UPDATE billing_invoice SET state = $2, paid_at = $3 WHERE id = $1 AND state = 'open'",
        )
        .bind(id)
        .bind(if is_paid { "paid" } else { "given_up" })
        .bind(is_paid.then(|| now.as_millisecond()))
        .execute(&mut *self.write)
        .await?;
        if !is_paid && closed.rows_affected() == 1 {
            let taken: i64 = sqlx::query(
                "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS taken FROM billing_invoice_line
                 WHERE invoice_id = $1 AND kind = 'balance'",
            )
            .bind(id)
            .fetch_one(&mut *self.write)
            .await?
            .try_get("taken")?;
            self.balance -= taken;
        }
        Ok(())
    }
}

impl Store {
    /// The invoices of a customer, newest first.
    pub(crate) async fn invoices(&self, customer: &str) -> Result<Vec<Invoice>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, number, currency, total, state, issued_at, paid_at, kind, text, amount, from_at, until_at
             FROM billing_invoice JOIN billing_invoice_line ON invoice_id = id
             WHERE customer_id = $1 ORDER BY number DESC, line",
        )
        .bind(customer)
        .fetch_all(&self.pool)
        .await?;
        let mut invoices: Vec<Invoice> = Vec::new();
        for row in rows {
            let id: String = row.try_get("id")?;
            let kind: String = row.try_get("kind")?;
            let line = InvoiceLine {
                kind: KINDS
                    .iter()
                    .find(|(_, word)| *word == kind)
                    .map(|(kind, _)| *kind)
                    .ok_or(StoreError::Unreadable("a line of an invoice"))?,
                text: row.try_get("text")?,
                amount: money::text(row.try_get("amount")?),
                from: time(row.try_get("from_at")?)?,
                until: time(row.try_get("until_at")?)?,
            };
            if let Some(last) = invoices.last_mut().filter(|last| last.id == id) {
                last.lines.push(line);
                continue;
            }
            let state: String = row.try_get("state")?;
            invoices.push(Invoice {
                number: format!("{:06}", row.try_get::<i64, _>("number")?),
                issued_at: at(&row, "issued_at")?,
                currency: row.try_get("currency")?,
                total: money::text(row.try_get("total")?),
                state: STATES
                    .iter()
                    .find(|(_, word)| *word == state)
                    .map(|(state, _)| *state)
                    .ok_or(StoreError::Unreadable("an invoice"))?,
                paid_at: time(row.try_get("paid_at")?)?,
                lines: vec![line],
                id,
            });
        }
        Ok(invoices)
    }
}
