//! What has arrived of an open answer, in pieces, so that each append costs what it adds and not what came before.
//!
//! Committed without a sync. Folded into the message when its answer is closed or interrupted.

use sqlx::{SqliteConnection, SqliteExecutor};

use crate::{LedgerError, MessageId};

/// Appends a piece to an open answer. `false` when there is no such open answer.
pub(crate) async fn append(
    on: impl SqliteExecutor<'_>,
    answer: &MessageId,
    text: &str,
    thinking: &str,
) -> Result<bool, LedgerError> {
    let inserted = sqlx::query(
        "INSERT INTO chunk (message_id, sequence, text, thinking)
         SELECT id, (SELECT COALESCE(MAX(chunk.sequence), 0) + 1 FROM chunk WHERE chunk.message_id = message.id), ?2, ?3
         FROM message WHERE id = ?1 AND state = 'open'",
    )
    .bind(answer)
    .bind(text)
    .bind(thinking)
    .execute(on)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Forgets the pieces of a message whose whole text is now stored.
pub(crate) async fn forget(
    write: &mut SqliteConnection,
    answer: &MessageId,
) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM chunk WHERE message_id = ?1")
        .bind(answer)
        .execute(write)
        .await?;
    Ok(())
}

/// Moves all pieces into their messages. Only at start, when no answer can be streaming.
pub(crate) async fn fold_all(write: &mut SqliteConnection) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE message SET
             text = COALESCE((SELECT group_concat(chunk.text, '' ORDER BY chunk.sequence)
                              FROM chunk WHERE chunk.message_id = message.id), ''),
             thinking = COALESCE((SELECT group_concat(chunk.thinking, '' ORDER BY chunk.sequence)
                                  FROM chunk WHERE chunk.message_id = message.id), '')
         WHERE state = 'open'",
    )
    .execute(&mut *write)
    .await?;
    sqlx::query("DELETE FROM chunk").execute(write).await?;
    Ok(())
}
