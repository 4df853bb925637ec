//! A turn: a question, its answer as it streams in, and the receipt of the call.
//!
//! Three writes. `open` stores the question, an open answer and the call before the request leaves; `append` adds what
//! arrives; `close` stores the whole answer and turns the call into its receipt, in one transaction, so that a call is
//! counted exactly once whatever happens in between.

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::conversation::{self, NewConversation};
use crate::draft::{self, DraftKey};
use crate::receipt::{self, Outcome, Payer, Receipt};
use crate::{ConversationId, EarlyEnd, Ledger, LedgerError, MessageId, ReceiptId, chunk, search};
use brasskey_metering::{Cost, Usage};

/// A turn to be opened.
#[derive(Debug, Clone)]
pub struct OpenTurn {
    /// The conversation that it belongs to.
    pub conversation_id: ConversationId,
    /// The conversation to be made with it, when this is its first turn. Its id is `conversation_id`.
    pub new_conversation: Option<NewConversation>,
    /// What is asked.
    pub question: Question,
    /// The answer to come.
    pub answer: NewAnswer,
    /// The call about to be made.
    pub call: Call,
    /// The draft that the question was, forgotten in the same transaction.
    pub draft: Option<DraftKey>,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A new question. An edited one is a new one with the parent of the one before.
    New {
        /// Its id.
        id: MessageId,
        /// The message that it follows; none at the start of a conversation.
        parent_id: Option<MessageId>,
        /// Its text.
        text: String,
    },
    /// A stored question, to be answered again.
    Stored(MessageId),
}

/// The answer to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// Its id.
    pub id: MessageId,
    /// The endpoint that is asked; the ledger does not interpret it.
    pub endpoint_id: String,
}

/// A call about to be made: what is known of its receipt before the request leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The id of the receipt that it becomes.
    pub receipt_id: ReceiptId,
    /// Who pays.
    pub payer: Payer,
    /// The provider's id.
    pub provider: String,
    /// Scheme, host and port of the endpoint.
    pub endpoint_origin: String,
    /// The model that is asked for; the answer's model too.
    pub model: String,
}

/// The end of a turn.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The open answer.
    pub answer_id: MessageId,
    /// How it ended.
    pub outcome: Outcome,
    /// The whole text.
    pub text: String,
    /// The whole thinking.
    pub thinking: String,
    /// The failure of a failed answer.
    pub failure_json: Option<String>,
    /// Why a done answer ended before its model was done.
    pub ending: Option<EarlyEnd>,
    /// What the call used and cost. `None` only when no request left this computer: then there is no receipt either.
    pub settlement: Option<Settlement>,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// What a call used and cost: what is known of its receipt afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The model that answered, as the provider names it.
    pub served_model: Option<String>,
    /// What was used.
    pub usage: Usage,
    /// What it cost.
    pub cost: Cost,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Milliseconds from the request to the first visible output.
    pub ttft_ms: Option<u64>,
    /// Milliseconds from the request to its end.
    pub duration_ms: Option<u64>,
}

/// Turns in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Turns<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Turns<'_> {
    /// Stores the question, the open answer and the call, and shows the path to the answer. On the disk when it returns.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when the conversation or the message asked after is not there (in this conversation),
    /// [`LedgerError::Conflict`] when an id is taken.
    pub async fn open(&self, turn: &OpenTurn) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        if let Some(new) = &turn.new_conversation {
            conversation::insert(&mut write, new, turn.at).await?;
        }
        let question_id = match &turn.question {
            Question::Stored(id) => {
                require_question(&mut write, &turn.conversation_id, id).await?;
                id
            }
            Question::New {
                id,
                parent_id,
                text,
            } => {
                let inserted = sqlx::query(
                    "INSERT INTO message (id, conversation_id, parent_id, role, text, thinking, state, created_at, closed_at)
                     SELECT ?1, ?2, ?3, 'user', ?4, '', 'done', ?5, ?5 WHERE ?3 IS NULL OR EXISTS (
                         SELECT 1 FROM message WHERE conversation_id = ?2 AND id = ?3 AND role = 'assistant')",
                )
                .bind(id)
                .bind(&turn.conversation_id)
                .bind(parent_id)
                .bind(text)
                .bind(turn.at)
                .execute(&mut *write)
                .await?;
                if inserted.rows_affected() == 0 {
                    return Err(LedgerError::NotFound {
                        what: "the answer asked after",
                    });
                }
                id
            }
        };
        sqlx::query(
            "INSERT INTO message (id, conversation_id, parent_id, role, text, thinking, state, endpoint_id, model, created_at)
             VALUES (?1, ?2, ?3, 'assistant', '', '', 'open', ?4, ?5, ?6)",
        )
        .bind(&turn.answer.id)
        .bind(&turn.conversation_id)
        .bind(question_id)
        .bind(&turn.answer.endpoint_id)
        .bind(&turn.call.model)
        .bind(turn.at)
        .execute(&mut *write)
        .await?;
        let changed = sqlx::query(
            "UPDATE conversation SET active_leaf = ?2, updated_at = MAX(updated_at, ?3) WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(&turn.conversation_id)
        .bind(&turn.answer.id)
        .bind(turn.at)
        .execute(&mut *write)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(LedgerError::NotFound {
                what: "the conversation",
            });
        }
        insert_call(&mut write, turn).await?;
        if let Some(key) = &turn.draft {
            draft::clear(&mut write, key).await?;
        }
        search::catch_up(&mut write, search::A_FEW).await?;
        Ok(write.commit().await?)
    }

    /// Adds what arrived since the last append to an open answer. Committed without a sync: at most a crash of the machine
    /// loses it. Meant to be called a few times a second, off the stream's path.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such open answer. [`LedgerError::Full`] loses nothing if the text is
    /// appended again later.
    pub async fn append(
        &self,
        answer: &MessageId,
        text: &str,
        thinking: &str,
    ) -> Result<(), LedgerError> {
        if chunk::append(self.ledger.streamed(), answer, text, thinking).await? {
            Ok(())
        } else {
            Err(LedgerError::NotFound {
                what: "the open answer",
            })
        }
    }

    /// Stores the whole answer and the receipt, in one transaction. On the disk when it returns.
    ///
    /// # Errors
    /// [`LedgerError::AlreadyClosed`] when it was closed before: the receipt of then stands.
    pub async fn close(&self, closing: &Closing) -> Result<Option<Receipt>, LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE message SET state = ?2, text = ?3, thinking = ?4, failure_json = ?5, ending = ?6, closed_at = ?7
             WHERE id = ?1 AND state = 'open'",
        )
        .bind(&closing.answer_id)
        .bind(closing.outcome)
        .bind(&closing.text)
        .bind(&closing.thinking)
        .bind(&closing.failure_json)
        .bind(closing.ending)
        .bind(closing.at)
        .execute(&mut *write)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(not_open(&mut write, &closing.answer_id).await?);
        }
        chunk::forget(&mut write, &closing.answer_id).await?;
        sqlx::query(
            "UPDATE conversation SET updated_at = MAX(updated_at, ?2)
             WHERE id = (SELECT conversation_id FROM message WHERE message.id = ?1)",
        )
        .bind(&closing.answer_id)
        .bind(closing.at)
        .execute(&mut *write)
        .await?;
        if let Some(settlement) = &closing.settlement {
            receipt::settle(&mut write, &closing.answer_id, settlement, closing.outcome).await?;
        }
        sqlx::query("DELETE FROM call WHERE message_id = ?1")
            .bind(&closing.answer_id)
            .execute(&mut *write)
            .await?;
        let receipt = match closing.settlement {
            Some(_) => receipt::by_message(&mut write, &closing.answer_id).await?,
            None => None,
        };
        search::catch_up(&mut write, search::A_FEW).await?;
        write.commit().await?;
        Ok(receipt)
    }

    /// Closes the answers that the last run of the program left open, keeping what had arrived, and writes a receipt with
    /// unknown usage for each call that was on its way. Called once at start, before anything streams. Returns how many
    /// answers were open.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn interrupt_open(&self, at: i64) -> Result<u64, LedgerError> {
        let mut write = self.ledger.write().await?;
        chunk::fold_all(&mut write).await?;
        let interrupted = sqlx::query(
            "UPDATE message SET state = 'interrupted', closed_at = ?1 WHERE state = 'open'",
        )
        .bind(at)
        .execute(&mut *write)
        .await?
        .rows_affected();
        receipt::settle_all_as_interrupted(&mut write).await?;
        sqlx::query("DELETE FROM call").execute(&mut *write).await?;
        search::catch_up(&mut write, search::A_FEW).await?;
        write.commit().await?;
        Ok(interrupted)
    }
}

async fn require_question(
    write: &mut SqliteConnection,
    conversation: &ConversationId,
    question: &MessageId,
) -> Result<(), LedgerError> {
    let found: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM message WHERE conversation_id = ?1 AND id = ?2 AND role = 'user')",
    )
    .bind(conversation)
    .bind(question)
    .fetch_one(write)
    .await?;
    if found {
        Ok(())
    } else {
        Err(LedgerError::NotFound {
            what: "the question",
        })
    }
}

async fn insert_call(write: &mut SqliteConnection, turn: &OpenTurn) -> Result<(), LedgerError> {
    let (kind, key) = turn.call.payer.columns();
    let inserted = sqlx::query(
        "INSERT INTO call (id, message_id, conversation_id, project_id, at, payer_kind, key_id, key_label, key_last4,
                           provider, endpoint_origin, model)
         SELECT ?1, ?2, conversation.id, conversation.project_id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
         FROM conversation
         WHERE conversation.id = ?3 AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.id = ?1)",
    )
    .bind(&turn.call.receipt_id)
    .bind(&turn.answer.id)
    .bind(&turn.conversation_id)
    .bind(turn.at)
    .bind(kind)
    .bind(key.map(|key| &key.id))
    .bind(key.map(|key| &key.label))
    .bind(key.and_then(|key| key.last4.as_ref()))
    .bind(&turn.call.provider)
    .bind(&turn.call.endpoint_origin)
    .bind(&turn.call.model)
    .execute(write)
    .await?;
    if inserted.rows_affected() == 1 {
        Ok(())
    } else {
        Err(LedgerError::Conflict)
    }
}

/// Why an answer could not be closed.
async fn not_open(
    write: &mut SqliteConnection,
    answer: &MessageId,
) -> Result<LedgerError, LedgerError> {
    let exists: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1 AND role = 'assistant')",
    )
    .bind(answer)
    .fetch_one(write)
    .await?;
    Ok(if exists {
        LedgerError::AlreadyClosed
    } else {
        LedgerError::NotFound { what: "the answer" }
    })
}
