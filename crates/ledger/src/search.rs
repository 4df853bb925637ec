//! Full-text search over messages, titles and the names of projects, newest first.
//!
//! Never ranked: scoring a common word would score every message that has it. What is found is walked from the newest on and
//! only as far as it is shown. Deleted conversations are not found from the moment they are deleted, and their words leave the
//! index when they are erased. The text of an answer is found once the answer is closed; thinking is not looked through.

mod excerpt;
mod index;
mod query;
mod spaced;

use sqlx::FromRow;

pub use excerpt::Piece;
pub(crate) use index::{A_FEW, catch_up};
pub use query::Query;

use crate::{ConversationId, Ledger, LedgerError, MessageId, ProjectId, Role};

/// Names are few, and those last changed come first: of this many newest ones.
const NEWEST_NAMES: u32 = 500;

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMessage {
    /// The message.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The conversation's title.
    pub title: String,
    /// The name of the project that the conversation stands in.
    pub project: Option<String>,
    /// Who wrote it.
    pub role: Role,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// The part of its text around what was found.
    pub excerpt: Vec<Piece>,
}

/// A conversation that was found by its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundConversation {
    /// The conversation.
    pub id: ConversationId,
    /// Its title.
    pub title: Vec<Piece>,
    /// The name of the project that it stands in.
    pub project: Option<String>,
    /// When something was last said in it, in milliseconds since 1970 UTC.
    pub updated_at: i64,
}

/// A project that was found by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundProject {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: Vec<Piece>,
}

/// Search in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Searches<'a> {
    pub(crate) ledger: &'a Ledger,
}

const MESSAGES: &str = "
    SELECT message.id, message.conversation_id, conversation.title, project.name AS project, message.role,
           message.created_at, message.text
    FROM message_index
    CROSS JOIN message ON message.sequence = message_index.rowid
    CROSS JOIN conversation ON conversation.id = message.conversation_id
    LEFT JOIN project ON project.id = conversation.project_id
    WHERE message_index MATCH ?1 AND conversation.deleted_at IS NULL
    ORDER BY message_index.rowid DESC LIMIT ?2";

const CONVERSATIONS: &str = "
    SELECT conversation.id, conversation.title, project.name AS project, conversation.updated_at
    FROM (SELECT rowid AS sequence FROM name_index WHERE name_index MATCH ?1 ORDER BY rowid DESC LIMIT ?3) AS found
    CROSS JOIN name ON name.sequence = found.sequence
    CROSS JOIN conversation ON conversation.id = name.conversation_id
    LEFT JOIN project ON project.id = conversation.project_id
    WHERE conversation.deleted_at IS NULL
    ORDER BY conversation.updated_at DESC, conversation.id DESC LIMIT ?2";

const PROJECTS: &str = "
    SELECT project.id, project.name
    FROM (SELECT rowid AS sequence FROM name_index WHERE name_index MATCH ?1 ORDER BY rowid DESC LIMIT ?3) AS found
    CROSS JOIN name ON name.sequence = found.sequence
    CROSS JOIN project ON project.id = name.project_id
    WHERE project.deleted_at IS NULL
    ORDER BY project.name COLLATE NOCASE LIMIT ?2";

#[derive(FromRow)]
struct MessageRow {
    id: MessageId,
    conversation_id: ConversationId,
    title: String,
    project: Option<String>,
    role: Role,
    created_at: i64,
    text: String,
}

impl Searches<'_> {
    /// The newest messages, at most `most`, on whatever path of their conversation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn messages(
        &self,
        query: &Query,
        most: u32,
    ) -> Result<Vec<FoundMessage>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let rows: Vec<MessageRow> = sqlx::query_as(MESSAGES)
            .bind(query.expression())
            .bind(most)
            .fetch_all(&mut *read)
            .await?;
        drop(read);
        Ok(rows
            .into_iter()
            .map(|row| FoundMessage {
                excerpt: excerpt::excerpt(&row.text, query),
                id: row.id,
                conversation_id: row.conversation_id,
                title: row.title,
                project: row.project,
                role: row.role,
                created_at: row.created_at,
            })
            .collect())
    }

    /// Conversations by their titles, at most `most`, those last changed first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversations(
        &self,
        query: &Query,
        most: u32,
    ) -> Result<Vec<FoundConversation>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let rows: Vec<(ConversationId, String, Option<String>, i64)> =
            sqlx::query_as(CONVERSATIONS)
                .bind(query.expression())
                .bind(most)
                .bind(NEWEST_NAMES)
                .fetch_all(&mut *read)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(id, title, project, updated_at)| FoundConversation {
                id,
                title: excerpt::marked(&title, query),
                project,
                updated_at,
            })
            .collect())
    }

    /// Projects by their names, at most `most`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn projects(
        &self,
        query: &Query,
        most: u32,
    ) -> Result<Vec<FoundProject>, LedgerError> {
        let mut read = self.ledger.read().await?;
        let rows: Vec<(ProjectId, String)> = sqlx::query_as(PROJECTS)
            .bind(query.expression())
            .bind(most)
            .bind(NEWEST_NAMES)
            .fetch_all(&mut *read)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| FoundProject {
                id,
                name: excerpt::marked(&name, query),
            })
            .collect())
    }

    /// How many messages the index does not hold yet: those of an older version until [`Searches::catch_up`] is through.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unindexed(&self) -> Result<u32, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM unindexed")
            .fetch_one(&mut *read)
            .await?)
    }

    /// Adds up to `most` messages to the index, in a transaction of their own. Returns how many; zero when none is left.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn catch_up(&self, most: u32) -> Result<u32, LedgerError> {
        let mut write = self.ledger.write().await?;
        let added = catch_up(&mut write, most).await?;
        write.commit().await?;
        Ok(added)
    }
}
