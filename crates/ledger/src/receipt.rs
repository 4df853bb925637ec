//! Receipts: the append-only record of every call. The database itself refuses to change or delete one.
//!
//! A receipt stands on its own: it repeats the key's label and the project, so that it outlives both. An unknown cost is
//! counted as unknown in every total and never as zero.

use std::ops::Range;

use brasskey_metering::Money;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection};

use crate::turn::Settlement;
use crate::{ConversationId, KeyId, Ledger, LedgerError, MessageId, ProjectId, ReceiptId};

mod row;
mod settle;
mod words;

pub(crate) use settle::{keep, settle, settle_all_as_interrupted};

/// How a call and its answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Outcome {
    /// Completely.
    Done,
    /// Stopped by the user.
    Stopped,
    /// Broken off by a failure.
    Failed,
    /// Cut by the end of the program.
    Interrupted,
}

/// Who pays for a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Payer {
    /// The user, through a named key.
    UserKey(PayingKey),
    /// The platform, through the person's plan.
    Plan,
    /// Nobody: a keyless model on this computer.
    Nobody,
}

/// The key that paid, as it was called at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayingKey {
    /// The key's id.
    pub id: KeyId,
    /// Its label.
    pub label: String,
    /// Its last characters, at most four.
    pub last4: Option<String>,
}

impl Payer {
    pub(crate) fn columns(&self) -> (&'static str, Option<&PayingKey>) {
        match self {
            Self::UserKey(key) => ("user_key", Some(key)),
            Self::Plan => ("plan", None),
            Self::Nobody => ("nobody", None),
        }
    }
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The answer that the call was made for. The message may be erased by now.
    pub message_id: Option<MessageId>,
    /// The conversation that the call was made in. It may be erased by now.
    pub conversation_id: Option<ConversationId>,
    /// The project that the conversation stood in at that moment. It may be erased by now.
    pub project_id: Option<ProjectId>,
    /// When the call was made, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who pays.
    pub payer: Payer,
    /// The provider's id.
    pub provider: String,
    /// Scheme, host and port of the endpoint.
    pub endpoint_origin: String,
    /// The model that was asked for.
    pub model: String,
    /// What was used and what it cost.
    pub settlement: Settlement,
    /// How it ended.
    pub outcome: Outcome,
}

/// The sum of some receipts. What is known and how many are not: never one figure for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many calls.
    pub calls: u32,
    /// The sum of the known costs.
    pub known: Money,
    /// How many calls have an unknown cost.
    pub unknown: u32,
}

impl FromRow<'_, SqliteRow> for Totals {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            calls: row.try_get("calls")?,
            known: Money::from_pico(row.try_get("known_pico")?),
            unknown: row.try_get("unknown")?,
        })
    }
}

/// Receipts in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Receipts<'a> {
    pub(crate) ledger: &'a Ledger,
}

/// The columns of a [`Totals`].
macro_rules! totals {
    () => {
        "COUNT(*) AS calls, COALESCE(SUM(cost_pico), 0) AS known_pico,
         COUNT(CASE cost_kind WHEN 'unknown' THEN 1 END) AS unknown"
    };
}

impl Receipts<'_> {
    /// The receipt of an answer; none while it is open, or when no request left this computer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn by_message(&self, message: &MessageId) -> Result<Option<Receipt>, LedgerError> {
        let mut read = self.ledger.read().await?;
        by_message(&mut read, message).await
    }

    /// All receipts of a conversation, in the order of the calls, other versions' too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn by_conversation(
        &self,
        conversation: &ConversationId,
    ) -> Result<Vec<Receipt>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(
            sqlx::query_as("SELECT * FROM receipt WHERE conversation_id = ?1 ORDER BY at, rowid")
                .bind(conversation)
                .fetch_all(&mut *read)
                .await?,
        )
    }

    /// The receipts of conversations that are deleted or erased, in the order of the calls.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn without_conversation(&self) -> Result<Vec<Receipt>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT * FROM receipt WHERE conversation_id IS NULL OR NOT EXISTS (
                 SELECT 1 FROM conversation WHERE conversation.id = receipt.conversation_id AND conversation.deleted_at IS NULL)
             ORDER BY at, rowid",
        )
        .fetch_all(&mut *read)
        .await?)
    }

    /// The totals of all calls made in `period`: from its start up to, not including, its end.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when the sum is out of range.
    pub async fn total(&self, period: Range<i64>) -> Result<Totals, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            totals!(),
            " FROM receipt WHERE at >= ?1 AND at < ?2"
        ))
        .bind(period.start)
        .bind(period.end)
        .fetch_one(&mut *read)
        .await?)
    }

    /// The totals of a conversation, other versions' too: what was paid stays paid.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when the sum is out of range.
    pub async fn conversation_total(
        &self,
        conversation: &ConversationId,
    ) -> Result<Totals, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            totals!(),
            " FROM receipt WHERE conversation_id = ?1"
        ))
        .bind(conversation)
        .fetch_one(&mut *read)
        .await?)
    }

    /// When and for how much the plan paid in `period`, as far as the costs are known.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn plan_costs(&self, period: Range<i64>) -> Result<Vec<(i64, Money)>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT at, cost_pico FROM receipt
             WHERE payer_kind = 'plan' AND cost_kind = 'known' AND at >= ?1 AND at < ?2 ORDER BY at",
        )
        .bind(period.start)
        .bind(period.end)
        .fetch_all(&mut *read)
        .await?;
        let costs = rows.into_iter();
        Ok(costs
            .map(|(at, pico)| (at, Money::from_pico(pico)))
            .collect())
    }

    /// The totals of a project's calls in `period`.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when the sum is out of range.
    pub async fn project_total(
        &self,
        project: &ProjectId,
        period: Range<i64>,
    ) -> Result<Totals, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            totals!(),
            " FROM receipt WHERE project_id = ?1 AND at >= ?2 AND at < ?3"
        ))
        .bind(project)
        .bind(period.start)
        .bind(period.end)
        .fetch_one(&mut *read)
        .await?)
    }

    /// The totals of a key's calls in `period`.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when the sum is out of range.
    pub async fn key_total(&self, key: &KeyId, period: Range<i64>) -> Result<Totals, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            totals!(),
            " FROM receipt WHERE key_id = ?1 AND at >= ?2 AND at < ?3"
        ))
        .bind(key)
        .bind(period.start)
        .bind(period.end)
        .fetch_one(&mut *read)
        .await?)
    }

    /// Which origins got a key with a model call, the last one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recipients(&self, key: &KeyId) -> Result<Vec<Recipient>, LedgerError> {
        let mut reader = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT endpoint_origin AS origin, COUNT(*) AS calls, MAX(at) AS last_at FROM receipt
             WHERE key_id = ?1 GROUP BY endpoint_origin ORDER BY last_at DESC, origin",
        )
        .bind(key)
        .fetch_all(&mut *reader)
        .await?)
    }
}

/// An origin that got a key.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Recipient {
    /// Scheme, host and port.
    pub origin: String,
    /// How many calls the key paid for there, refused ones included.
    pub calls: u32,
    /// When the last of them left, milliseconds since 1970.
    pub last_at: i64,
}

pub(crate) async fn by_message(
    read: &mut SqliteConnection,
    message: &MessageId,
) -> Result<Option<Receipt>, LedgerError> {
    Ok(
        sqlx::query_as("SELECT * FROM receipt WHERE message_id = ?1")
            .bind(message)
            .fetch_optional(read)
            .await?,
    )
}
