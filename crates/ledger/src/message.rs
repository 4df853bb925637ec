//! Messages, read: one path of a conversation's tree, from a leaf up.
//!
//! Messages are written by [`crate::Turns`] alone.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::{ConversationId, Ledger, LedgerError, MessageId};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    /// The user: a question.
    User,
    /// The model: an answer.
    Assistant,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    /// An answer that is still streaming.
    Open,
    /// Complete. Questions always are.
    Done,
    /// Stopped by the user; what had arrived is kept.
    Stopped,
    /// Broken off by a failure; what had arrived is kept.
    Failed,
    /// Cut by the end of the program; what had arrived is kept.
    Interrupted,
}

/// Why a done answer ended before its model was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum EarlyEnd {
    /// The longest answer was reached.
    Length,
    /// The model declined to go on, in words of its own.
    Refused,
    /// A reason that only the provider knows.
    Other,
}

/// A message on the shown path.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The message before it; none at the start.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Its text; of an open answer, what has been stored so far.
    pub text: String,
    /// The model's thinking as far as the provider showed it.
    pub thinking: String,
    /// How far it has come.
    pub state: State,
    /// The failure of a failed answer, as the caller wrote it.
    pub failure_json: Option<String>,
    /// Why a done answer ended before its model was done.
    pub ending: Option<EarlyEnd>,
    /// The endpoint that an answer came from.
    pub endpoint_id: Option<String>,
    /// The model that an answer was asked of.
    pub model: Option<String>,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it was closed, in milliseconds since 1970 UTC; none while open.
    pub closed_at: Option<i64>,
    /// Its place among its versions (its siblings in the tree), oldest first, from 1.
    pub version: u32,
    /// How many versions there are.
    pub versions: u32,
}

/// Messages in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a> {
    pub(crate) ledger: &'a Ledger,
}

/// The columns of a [`Message`], from a `message` row.
macro_rules! columns {
    () => {
        "message.id, message.conversation_id, message.parent_id, message.role,
         CASE message.state WHEN 'open' THEN COALESCE((SELECT group_concat(chunk.text, '' ORDER BY chunk.sequence)
             FROM chunk WHERE chunk.message_id = message.id), '') ELSE message.text END AS text,
         CASE message.state WHEN 'open' THEN COALESCE((SELECT group_concat(chunk.thinking, '' ORDER BY chunk.sequence)
             FROM chunk WHERE chunk.message_id = message.id), '') ELSE message.thinking END AS thinking,
         message.state, message.failure_json, message.ending, message.endpoint_id, message.model, message.created_at, message.closed_at,
         (SELECT COUNT(*) FROM message AS sibling WHERE sibling.conversation_id = message.conversation_id
             AND sibling.parent_id IS message.parent_id AND sibling.sequence <= message.sequence) AS version,
         (SELECT COUNT(*) FROM message AS sibling WHERE sibling.conversation_id = message.conversation_id
             AND sibling.parent_id IS message.parent_id) AS versions"
    };
}

/// The last `?2` messages of the path that ends in `?1`, in order. One indexed look-up per message, whatever else the
/// conversation holds.
const PATH: &str = concat!(
    "WITH RECURSIVE path (id, parent_id, conversation_id, height) AS (
         SELECT id, parent_id, conversation_id, 1 FROM message WHERE id = ?1
         UNION ALL
         SELECT parent.id, parent.parent_id, parent.conversation_id, path.height + 1 FROM path
         JOIN message AS parent ON parent.id = path.parent_id
         WHERE path.height < ?2)
     SELECT ",
    columns!(),
    " FROM path CROSS JOIN message ON message.id = path.id ORDER BY path.height DESC"
);

const ONE: &str = concat!("SELECT ", columns!(), " FROM message WHERE message.id = ?1");

const ALL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message WHERE message.conversation_id = ?1 ORDER BY message.sequence"
);

const FAILURES: &str = "SELECT closed_at, failure_json FROM message
     WHERE failure_json IS NOT NULL AND closed_at IS NOT NULL ORDER BY sequence DESC LIMIT ?1";

const VERSIONS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message AS chosen
     JOIN message ON message.conversation_id = chosen.conversation_id AND message.parent_id IS chosen.parent_id
     WHERE chosen.id = ?1 ORDER BY message.sequence"
);

impl Messages<'_> {
    /// The messages that a conversation shows, first to last.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such conversation or it is deleted.
    pub async fn active_path(
        &self,
        conversation: &ConversationId,
    ) -> Result<Vec<Message>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let leaf: Option<Option<MessageId>> = sqlx::query_scalar(
            "SELECT active_leaf FROM conversation WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(conversation)
        .fetch_optional(&mut *read)
        .await?;
        let leaf = leaf.ok_or(LedgerError::NotFound {
            what: "the conversation",
        })?;
        let Some(leaf) = leaf else {
            return Ok(Vec::new());
        };
        Ok(sqlx::query_as(PATH)
            .bind(leaf)
            .bind(i64::MAX)
            .fetch_all(&mut *read)
            .await?)
    }

    /// The path that ends in `leaf`, first to last: all of it, or its last `limit` messages. The part before those is the
    /// path that ends in the parent of the first.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such message.
    pub async fn path(
        &self,
        leaf: &MessageId,
        limit: Option<u32>,
    ) -> Result<Vec<Message>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let limit = limit.map_or(i64::MAX, |limit| i64::from(limit.max(1)));
        let path: Vec<Message> = sqlx::query_as(PATH)
            .bind(leaf)
            .bind(limit)
            .fetch_all(&mut *read)
            .await?;
        if path.is_empty() {
            Err(NOT_FOUND)
        } else {
            Ok(path)
        }
    }

    /// One message.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such message.
    pub async fn get(&self, id: &MessageId) -> Result<Message, LedgerError> {
        let mut read = self.ledger.read().await?;
        sqlx::query_as(ONE)
            .bind(id)
            .fetch_optional(&mut *read)
            .await?
            .ok_or(NOT_FOUND)
    }

    /// All messages of a conversation, on whatever path, in the order in which they came to be.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn all(&self, conversation: &ConversationId) -> Result<Vec<Message>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(ALL)
            .bind(conversation)
            .fetch_all(&mut *read)
            .await?)
    }

    /// The newest failures as they were kept, each with the time of its end.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn failures(&self, most: u32) -> Result<Vec<(i64, String)>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(FAILURES)
            .bind(i64::from(most))
            .fetch_all(&mut *read)
            .await?)
    }

    /// All versions of a message, itself among them, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such message.
    pub async fn versions(&self, id: &MessageId) -> Result<Vec<Message>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let versions: Vec<Message> = sqlx::query_as(VERSIONS)
            .bind(id)
            .fetch_all(&mut *read)
            .await?;
        if versions.is_empty() {
            Err(NOT_FOUND)
        } else {
            Ok(versions)
        }
    }
}

const NOT_FOUND: LedgerError = LedgerError::NotFound {
    what: "the message",
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use sqlx::{AssertSqlSafe, Row};

    use super::PATH;
    use crate::Ledger;

    #[tokio::test]
    async fn a_path_is_read_by_indexed_look_ups_alone() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("brasskey.db"))
            .await
            .unwrap();
        let mut read = ledger.read().await.unwrap();
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {PATH}")))
            .bind("leaf")
            .bind(i64::MAX)
            .fetch_all(&mut *read)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
        let searches = steps
            .iter()
            .filter(|step| step.starts_with("SEARCH"))
            .count();
        assert!(searches >= 5, "{steps:#?}");
        // The path itself is walked from end to end; no table is.
        let scans: Vec<_> = steps
            .iter()
            .filter(|step| step.starts_with("SCAN") && *step != "SCAN path")
            .collect();
        assert!(scans.is_empty(), "{steps:#?}");
    }
}
