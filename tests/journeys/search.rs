//! Search: what was said is found as it is typed, in every state of the licence, and leads to its place in the conversation.

use brasskey_app::chat::view::Ask;
use brasskey_app::error::ErrorCode;
use brasskey_tests::Script;

use crate::account::OPENAI;
use crate::conversations::{texts, three_rounds};
use crate::world::model;

#[tokio::test]
async fn a_message_that_is_found_is_opened_on_its_own_path() {
    let (world, key, conversation) = three_rounds().await;
    let shown = world.messages(&conversation).await;
    world.sandbox.script(Script::answer("A2 in other words"));
    let edited = Ask::Edited {
        question_id: shown[2].id.clone(),
        text: "Q2 asked anew".to_owned(),
    };
    let mut turn = world.send(edited, model(&key, OPENAI.model)).await.unwrap();
    turn.ended().await;
    assert_eq!(
        texts(&world, &conversation).await,
        ["Q1", "A1", "Q2 asked anew", "A2 in other words"]
    );

    let found = world.app.search("a3", 20).await.unwrap();
    assert_eq!(found.messages.len(), 1);
    assert_eq!(found.unindexed, 0);
    let opened = world.app.open_at(&found.messages[0].id).await.unwrap();
    let path: Vec<&str> = opened
        .messages
        .iter()
        .map(|message| &*message.text)
        .collect();
    assert_eq!(path, ["Q1", "A1", "Q2", "A2", "Q3", "A3"]);
    // What both paths share is opened as it stands.
    let found = world.app.search("q1", 20).await.unwrap();
    world.app.open_at(&found.messages[0].id).await.unwrap();
    assert_eq!(texts(&world, &conversation).await.len(), 6);

    let found = world.app.search("a", 3).await.unwrap();
    assert_eq!(found.messages.len(), 3);
    assert!(found.more);
    assert_eq!(found.messages[0].excerpt[0].text, "A2");
    assert!(found.messages[0].excerpt[0].is_hit);

    world.app.delete_conversation(&conversation).await.unwrap();
    assert!(world.app.search("a", 3).await.unwrap().messages.is_empty());
    let gone = world.app.open_at(&shown[0].id).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
}
