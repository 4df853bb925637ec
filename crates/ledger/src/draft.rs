//! Drafts: what stands in the composer and was not sent.

use sqlx::SqliteConnection;

use crate::{ConversationId, Ledger, LedgerError};

/// Which composer a draft stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DraftKey {
    /// The one for a conversation that does not exist yet.
    New,
    /// The one of a conversation.
    Conversation(ConversationId),
}

const NEW: &str = "new";
const CONVERSATION: &str = "conversation:";

impl DraftKey {
    fn text(&self) -> String {
        match self {
            Self::New => NEW.to_owned(),
            Self::Conversation(id) => format!("{CONVERSATION}{id}"),
        }
    }
}

/// Drafts in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Drafts<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Drafts<'_> {
    /// Keeps a draft; an empty one is forgotten. Synced like everything a user typed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set(&self, key: &DraftKey, text: &str, at: i64) -> Result<(), LedgerError> {
        let mut write = self.ledger.write().await?;
        if text.is_empty() {
            clear(&mut write, key).await?;
        } else {
            put(&mut write, key, text, at).await?;
        }
        Ok(write.commit().await?)
    }

    /// The draft, or the empty text.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn get(&self, key: &DraftKey) -> Result<String, LedgerError> {
        let mut read = self.ledger.read().await?;
        let text: Option<String> = sqlx::query_scalar("SELECT text FROM draft WHERE key = ?1")
            .bind(key.text())
            .fetch_optional(&mut *read)
            .await?;
        Ok(text.unwrap_or_default())
    }
}

/// Keeps a draft, in the transaction of what it belongs to.
pub(crate) async fn put(
    write: &mut SqliteConnection,
    key: &DraftKey,
    text: &str,
    at: i64,
) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO draft (key, text, updated_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at",
    )
    .bind(key.text())
    .bind(text)
    .bind(at)
    .execute(write)
    .await?;
    Ok(())
}

/// Forgets a draft, in the transaction that stores the question it became.
pub(crate) async fn clear(write: &mut SqliteConnection, key: &DraftKey) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM draft WHERE key = ?1")
        .bind(key.text())
        .execute(write)
        .await?;
    Ok(())
}

/// Forgets the drafts of conversations that are no more.
pub(crate) async fn erase_orphans(write: &mut SqliteConnection) -> Result<(), LedgerError> {
    sqlx::query(
        "DELETE FROM draft WHERE key <> ?1
         AND NOT EXISTS (SELECT 1 FROM conversation WHERE ?2 || conversation.id = draft.key)",
    )
    .bind(NEW)
    .bind(CONVERSATION)
    .execute(write)
    .await?;
    Ok(())
}
