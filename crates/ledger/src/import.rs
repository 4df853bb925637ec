//! What is brought in from a file: projects, whole conversations and receipts. The caller has checked it and given it new ids.
//!
//! Never changes or replaces what is there. A receipt keeps its id and is kept once, however often its call is brought in.

use crate::receipt::{self, Receipt};
use crate::{
    ConversationId, EarlyEnd, Ledger, LedgerError, MessageId, ModelChoice, NewConversation,
    Project, ProjectId, Role, State, conversation, draft,
};

/// A conversation with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedConversation {
    /// Its id.
    pub id: ConversationId,
    /// The project to put it in.
    pub project_id: Option<ProjectId>,
    /// Its title.
    pub title: String,
    /// The user wrote the title.
    pub title_is_users: bool,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When something was last said in it, in milliseconds since 1970 UTC.
    pub updated_at: i64,
    /// The last message of the path that is shown.
    pub active_leaf: Option<MessageId>,
    /// What the next question goes to.
    pub model: Option<ModelChoice>,
    /// What stands in its composer.
    pub draft: String,
    /// All messages, each after the one that it follows.
    pub messages: Vec<ImportedMessage>,
    /// The receipts of its calls.
    pub receipts: Vec<Receipt>,
}

/// A closed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedMessage {
    /// Its id.
    pub id: MessageId,
    /// The message before it.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub text: String,
    /// The model's thinking.
    pub thinking: String,
    /// How it ended; never open.
    pub state: State,
    /// The failure of a failed answer.
    pub failure_json: Option<String>,
    /// Why a done answer ended before its model was done.
    pub ending: Option<EarlyEnd>,
    /// The endpoint that an answer came from.
    pub endpoint_id: Option<String>,
    /// The model that an answer was asked of.
    pub model: Option<String>,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it was closed, in milliseconds since 1970 UTC.
    pub closed_at: i64,
}

/// Imports into the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Imports<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Imports<'_> {
    /// A project of this name that was made at the same moment: the one that is there, or `project` as it is. Bringing one
    /// back is no use of the metered feature: its making was one.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the id is taken.
    pub async fn project(&self, project: &Project) -> Result<ProjectId, LedgerError> {
        let mut write = self.ledger.write().await?;
        let there: Option<ProjectId> = sqlx::query_scalar(
            "SELECT id FROM project WHERE name = ?1 AND created_at = ?2 AND deleted_at IS NULL LIMIT 1",
        )
        .bind(&project.name)
        .bind(project.created_at)
        .fetch_optional(&mut *write)
        .await?;
        if let Some(there) = there {
            return Ok(there);
        }
        sqlx::query(
            "INSERT INTO project (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(&project.id)
        .bind(&project.name)
        .bind(project.created_at)
        .bind(project.updated_at)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(project.id.clone())
    }

    /// Adds a conversation, whole or not at all. It is indexed for the search afterwards, by [`crate::Searches::catch_up`].
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when an id is taken or the messages contradict each other.
    pub async fn conversation(&self, whole: &ImportedConversation) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let new = NewConversation {
            id: whole.id.clone(),
            project_id: whole.project_id.clone(),
            title: whole.title.clone(),
            title_is_users: whole.title_is_users,
            model: whole.model.clone(),
        };
        conversation::insert(&mut write, &new, whole.created_at).await?;
        for message in &whole.messages {
            sqlx::query(
                "INSERT INTO message (id, conversation_id, parent_id, role, text, thinking, state, failure_json, ending,
                                      endpoint_id, model, created_at, closed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )
            .bind(&message.id)
            .bind(&whole.id)
            .bind(&message.parent_id)
            .bind(message.role)
            .bind(&message.text)
            .bind(&message.thinking)
            .bind(message.state)
            .bind(&message.failure_json)
            .bind(message.ending)
            .bind(&message.endpoint_id)
            .bind(&message.model)
            .bind(message.created_at)
            .bind(message.closed_at)
            .execute(&mut *write)
            .await?;
        }
        sqlx::query("UPDATE conversation SET active_leaf = ?2, updated_at = ?3 WHERE id = ?1")
            .bind(&whole.id)
            .bind(&whole.active_leaf)
            .bind(whole.updated_at)
            .execute(&mut *write)
            .await?;
        for receipt in &whole.receipts {
            receipt::keep(&mut write, receipt).await?;
        }
        if !whole.draft.is_empty() {
            draft::put(
                &mut write,
                &draft::DraftKey::Conversation(whole.id.clone()),
                &whole.draft,
                whole.updated_at,
            )
            .await?;
        }
        Ok(write.commit().await?)
    }

    /// Keeps receipts of conversations that are no more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn receipts(&self, receipts: &[Receipt]) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        for receipt in receipts {
            receipt::keep(&mut write, receipt).await?;
        }
        Ok(write.commit().await?)
    }
}
