//! Filling the index. The database's triggers note what it lacks; here it is added, in the transaction that wrote it or later.

use sqlx::SqliteConnection;

use super::spaced::spaced;
use crate::LedgerError;
use std::borrow::Cow;

/// How many entries a transaction that writes something else adds beside its own. Its own are the newest.
pub(crate) const A_FEW: u32 = 8;

/// Adds up to `most` messages, the newest first, and as many names. Returns how many messages there were.
pub(crate) async fn catch_up(write: &mut SqliteConnection, most: u32) -> Result<u32, LedgerError> {
    let messages: Vec<(i64, String)> = sqlx::query_as(
        "SELECT message.sequence, message.text FROM unindexed CROSS JOIN message ON message.sequence = unindexed.sequence
         ORDER BY unindexed.sequence DESC LIMIT ?1",
    )
    .bind(most)
    .fetch_all(&mut *write)
    .await?;
    let mut added = 0;
    for (sequence, text) in messages {
        let apart = spaced(&text);
        if let Cow::Owned(apart) = &apart {
            sqlx::query("UPDATE message SET spaced = ?2 WHERE sequence = ?1")
                .bind(sequence)
                .bind(apart)
                .execute(&mut *write)
                .await?;
        }
        sqlx::query("INSERT INTO message_index (rowid, text) VALUES (?1, ?2)")
            .bind(sequence)
            .bind(&*apart)
            .execute(&mut *write)
            .await?;
        sqlx::query("DELETE FROM unindexed WHERE sequence = ?1")
            .bind(sequence)
            .execute(&mut *write)
            .await?;
        added += 1;
    }
    space_names(write, most).await?;
    Ok(added)
}

/// Sets the characters of names apart where their script needs it. Until then they are found by their first word.
async fn space_names(write: &mut SqliteConnection, most: u32) -> Result<(), LedgerError> {
    let names: Vec<(i64, String)> = sqlx::query_as(
        "SELECT sequence, text FROM name WHERE is_spaced = 0 ORDER BY sequence DESC LIMIT ?1",
    )
    .bind(most)
    .fetch_all(&mut *write)
    .await?;
    for (sequence, text) in names {
        sqlx::query("UPDATE name SET text = ?2, is_spaced = 1 WHERE sequence = ?1")
            .bind(sequence)
            .bind(&*spaced(&text))
            .execute(&mut *write)
            .await?;
    }
    Ok(())
}
