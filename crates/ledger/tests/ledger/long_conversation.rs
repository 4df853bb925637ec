use brasskey_ledger::{ConversationId, MessageId};
use sqlx::Connection;

use crate::kit::{Place, raw, with_conversation};

const LENGTH: usize = 5_000;

/// Puts a conversation of 5,000 messages into the file in one transaction; turn by turn it would take a minute of syncs.
async fn fill(place: &Place) {
    let mut raw = raw(&place.path()).await;
    let mut write = raw.begin().await.unwrap();
    for index in 0..LENGTH {
        sqlx::query(
            "INSERT INTO message (id, conversation_id, parent_id, role, text, thinking, state, created_at, closed_at)
             VALUES (?1, 'long', ?2, ?3, ?4, '', 'done', 1, 1)",
        )
        .bind(format!("m{index}"))
        .bind(index.checked_sub(1).map(|before| format!("m{before}")))
        .bind(if index % 2 == 0 { "user" } else { "assistant" })
        .bind(format!("{index} {}", "word ".repeat(80)))
        .execute(&mut *write)
        .await
        .unwrap();
    }
    sqlx::query("UPDATE conversation SET active_leaf = ?1")
        .bind(format!("m{}", LENGTH - 1))
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    raw.close().await.unwrap();
}

#[tokio::test]
async fn a_long_conversation_opens_whole_or_from_its_end_and_can_be_erased() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "long").await;
    fill(&place).await;

    let whole = ledger.messages().active_path(&id).await.unwrap();
    assert_eq!(whole.len(), LENGTH);
    assert!(
        whole
            .iter()
            .enumerate()
            .all(|(index, message)| message.id.as_str() == format!("m{index}"))
    );

    let leaf = MessageId::new(format!("m{}", LENGTH - 1));
    let end = ledger.messages().path(&leaf, Some(50)).await.unwrap();
    assert_eq!(end, whole[LENGTH - 50..]);
    let before = ledger
        .messages()
        .path(end[0].parent_id.as_ref().unwrap(), Some(50))
        .await
        .unwrap();
    assert_eq!(before, whole[LENGTH - 100..LENGTH - 50]);

    // Deeper than SQLite lets a cascade go.
    ledger.conversations().delete(&id, 1).await.unwrap();
    assert_eq!(ledger.conversations().purge(2).await.unwrap(), 1);
    assert!(ledger.messages().path(&leaf, None).await.is_err());
    assert_eq!(ledger.conversations().list().await.unwrap(), []);
    assert!(
        ledger
            .conversations()
            .get(&ConversationId::new("long"))
            .await
            .is_err()
    );
}
