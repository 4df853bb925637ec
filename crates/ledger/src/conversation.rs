//! Conversations: title, place, model and which path through the messages is shown.
//!
//! Deleting one hides it until it is restored or purged. Its receipts are never touched.

use sqlx::{FromRow, SqliteConnection};

use crate::{ConversationId, Ledger, LedgerError, MessageId, ProjectId, search};

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The project that it stands in, if any.
    pub project_id: Option<ProjectId>,
    /// Its title.
    pub title: String,
    /// The user wrote the title; otherwise it may be replaced by a better derived one.
    pub title_is_users: bool,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When something was last said in it, in milliseconds since 1970 UTC.
    pub updated_at: i64,
    /// The last message of the path that is shown; none before the first question.
    pub active_leaf: Option<MessageId>,
    /// What the next question goes to, when it was chosen.
    #[sqlx(flatten)]
    model: StoredChoice,
}

impl Conversation {
    /// What the next question goes to, when it was chosen.
    #[must_use]
    pub fn model(&self) -> Option<ModelChoice> {
        let StoredChoice { endpoint_id, model } = self.model.clone();
        Some(ModelChoice {
            endpoint_id: endpoint_id?,
            model: model?,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct StoredChoice {
    endpoint_id: Option<String>,
    model: Option<String>,
}

/// A model at an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// The endpoint's id; the ledger does not interpret it.
    pub endpoint_id: String,
    /// The model's id at that endpoint.
    pub model: String,
}

/// A conversation to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConversation {
    /// Its id.
    pub id: ConversationId,
    /// The project to put it in.
    pub project_id: Option<ProjectId>,
    /// Its title.
    pub title: String,
    /// The user wrote the title.
    pub title_is_users: bool,
    /// What the next question goes to.
    pub model: Option<ModelChoice>,
}

/// Conversations in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Conversations<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Conversations<'_> {
    /// Makes an empty conversation. One that starts with a question is better made by [`crate::Turns::open`].
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the id is taken, [`LedgerError::NotFound`] when there is no such project.
    pub async fn create(&self, new: &NewConversation, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        insert(&mut write, new, at).await?;
        search::catch_up(&mut write, search::A_FEW).await?;
        Ok(write.commit().await?)
    }

    /// Conversations that are not deleted, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self) -> Result<Vec<Conversation>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_as(
            "SELECT id, project_id, title, title_is_users, created_at, updated_at, active_leaf, endpoint_id, model
             FROM conversation WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC",
        )
        .fetch_all(&mut *read)
        .await?)
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is none or it is deleted.
    pub async fn get(&self, id: &ConversationId) -> Result<Conversation, LedgerError> {
        let mut read = self.ledger.read().await?;
        sqlx::query_as(
            "SELECT id, project_id, title, title_is_users, created_at, updated_at, active_leaf, endpoint_id, model
             FROM conversation WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .fetch_optional(&mut *read)
        .await?
        .ok_or(NOT_FOUND)
    }

    /// Conversations that are not deleted, were made at this moment and have so many messages.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn alike(
        &self,
        created_at: i64,
        messages: usize,
    ) -> Result<Vec<ConversationId>, LedgerError> {
        let mut read = self.ledger.read().await?;
        Ok(sqlx::query_scalar(
            "SELECT id FROM conversation WHERE created_at = ?1 AND deleted_at IS NULL
             AND (SELECT COUNT(*) FROM message WHERE message.conversation_id = conversation.id) = ?2",
        )
        .bind(created_at)
        .bind(i64::try_from(messages).unwrap_or(i64::MAX))
        .fetch_all(&mut *read)
        .await?)
    }

    /// Gives a conversation a title: the user's own, or a derived one, which never replaces the user's.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such conversation.
    pub async fn rename(
        &self,
        id: &ConversationId,
        title: &str,
        is_users: bool,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE conversation SET
                title = CASE WHEN ?3 OR NOT title_is_users THEN ?2 ELSE title END,
                title_is_users = (title_is_users OR ?3)
             WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(title)
        .bind(is_users)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        search::catch_up(&mut write, search::A_FEW).await?;
        Ok(write.commit().await?)
    }

    /// Moves a conversation to a project, or out of any. Receipts stay with the project they were made in.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such conversation or project.
    pub async fn move_to(
        &self,
        id: &ConversationId,
        project: Option<&ProjectId>,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE conversation SET project_id = ?2 WHERE id = ?1 AND deleted_at IS NULL
             AND (?2 IS NULL OR EXISTS (SELECT 1 FROM project WHERE project.id = ?2 AND project.deleted_at IS NULL))",
        )
        .bind(id)
        .bind(project)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Chooses what the next question goes to.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such conversation.
    pub async fn set_model(
        &self,
        id: &ConversationId,
        model: Option<&ModelChoice>,
    ) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed =
            sqlx::query("UPDATE conversation SET endpoint_id = ?2, model = ?3 WHERE id = ?1 AND deleted_at IS NULL")
                .bind(id)
                .bind(model.map(|choice| &choice.endpoint_id))
                .bind(model.map(|choice| &choice.model))
                .execute(&mut *write)
                .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Shows the path through `message`: down from it to the newest message below it. This is how a version is chosen.
    /// Returns the new active leaf.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when the conversation has no such message.
    pub async fn set_active_leaf(
        &self,
        id: &ConversationId,
        message: &MessageId,
    ) -> Result<MessageId, LedgerError> {
        let mut write = self.ledger.write().await?;
        // A child is always newer than its parent, so the newest message below one has no children.
        let leaf: Option<MessageId> = sqlx::query_scalar(
            "WITH RECURSIVE below (id, sequence) AS (
                 SELECT id, sequence FROM message WHERE conversation_id = ?1 AND id = ?2
                 UNION ALL
                 SELECT child.id, child.sequence FROM below
                 JOIN message AS child ON child.conversation_id = ?1 AND child.parent_id = below.id)
             SELECT id FROM below ORDER BY sequence DESC LIMIT 1",
        )
        .bind(id)
        .bind(message)
        .fetch_optional(&mut *write)
        .await?;
        let leaf = leaf.ok_or(LedgerError::NotFound {
            what: "the message",
        })?;
        let changed = sqlx::query(
            "UPDATE conversation SET active_leaf = ?2 WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(&leaf)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        write.commit().await?;
        Ok(leaf)
    }

    /// Hides a conversation. [`Conversations::restore`] brings it back.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such conversation.
    pub async fn delete(&self, id: &ConversationId, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE conversation SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(at)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Undoes a deletion. When the project went meanwhile, the conversation comes back outside of any.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] when there is no such deleted conversation.
    pub async fn restore(&self, id: &ConversationId) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        let changed = sqlx::query(
            "UPDATE conversation SET deleted_at = NULL, project_id =
                 (SELECT project.id FROM project WHERE project.id = conversation.project_id AND project.deleted_at IS NULL)
             WHERE id = ?1 AND deleted_at IS NOT NULL",
        )
        .bind(id)
        .execute(&mut *write)
        .await?;
        found(changed.rows_affected())?;
        Ok(write.commit().await?)
    }

    /// Erases the conversations deleted before `before`, on the disk too. Returns how many.
    ///
    /// One with an open answer stays until the answer is closed, so that its receipt is written.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn purge(&self, before: i64) -> Result<u64, LedgerError> {
        // Taking words out of the index takes its time, and others want to write meanwhile.
        loop {
            let mut write = self.ledger.write().await?;
            let erased = erase_messages(&mut write, before, BATCH).await?;
            write.commit().await?;
            if erased < u64::from(BATCH) {
                break;
            }
        }
        let mut write = self.ledger.write().await?;
        let erased = erase(&mut write, before).await?;
        write.commit().await?;
        self.ledger.forget_deleted().await?;
        Ok(erased)
    }
}

/// Deleted before `?1`, and no answer in it is open: its receipt would never be written.
macro_rules! erasable {
    () => {
        "conversation.deleted_at < ?1 AND NOT EXISTS (SELECT 1 FROM message AS open
         WHERE open.conversation_id = conversation.id AND open.state = 'open')"
    };
}

/// Messages that are erased in one transaction: each takes milliseconds in the index.
const BATCH: u32 = 20;

const NOT_FOUND: LedgerError = LedgerError::NotFound {
    what: "the conversation",
};

fn found(rows: u64) -> Result<(), LedgerError> {
    if rows == 0 { Err(NOT_FOUND) } else { Ok(()) }
}

pub(crate) async fn insert(
    write: &mut SqliteConnection,
    new: &NewConversation,
    at: i64,
) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO conversation (id, project_id, title, title_is_users, created_at, updated_at, endpoint_id, model)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)",
    )
    .bind(&new.id)
    .bind(&new.project_id)
    .bind(&new.title)
    .bind(new.title_is_users)
    .bind(at)
    .bind(new.model.as_ref().map(|choice| &choice.endpoint_id))
    .bind(new.model.as_ref().map(|choice| &choice.model))
    .execute(write)
    .await?;
    Ok(())
}

/// Erases the newest messages of conversations that were deleted before `before`. Nothing follows the newest.
async fn erase_messages(
    write: &mut SqliteConnection,
    before: i64,
    most: u32,
) -> Result<u64, LedgerError> {
    sqlx::query(concat!(
        "UPDATE conversation SET active_leaf = NULL WHERE active_leaf IS NOT NULL AND ",
        erasable!()
    ))
    .bind(before)
    .execute(&mut *write)
    .await?;
    let erased = sqlx::query(concat!(
        "DELETE FROM message WHERE sequence IN (
             SELECT message.sequence FROM conversation
             JOIN message ON message.conversation_id = conversation.id
             WHERE ",
        erasable!(),
        " ORDER BY message.sequence DESC LIMIT ?2)"
    ))
    .bind(before)
    .bind(most)
    .execute(write)
    .await?;
    Ok(erased.rows_affected())
}

/// Erases deleted conversations with their messages and drafts.
pub(crate) async fn erase(write: &mut SqliteConnection, before: i64) -> Result<u64, LedgerError> {
    let erased = sqlx::query(concat!("DELETE FROM conversation WHERE ", erasable!()))
        .bind(before)
        .execute(&mut *write)
        .await?
        .rows_affected();
    crate::draft::erase_orphans(write).await?;
    Ok(erased)
}
