//! Export and import: what was said on one computer is there again on another, also on one where nothing is accepted, nobody
//! is signed in and no licence is in force.

use brasskey_app::error::ErrorCode;
use brasskey_app::transfer::view::{ExportForm, ExportScope, ImportOutcome};

use crate::conversations::{texts, three_rounds};
use crate::world::{World, model, question};

#[tokio::test]
async fn a_backup_is_imported_searched_and_exported_where_no_licence_is_in_force() {
    let (world, key, conversation) = three_rounds().await;
    let backup = world.folder().join("backup.json");
    let everything = ExportScope::Everything;
    let nobody = || Box::new(|_| {});
    world
        .app
        .export(&everything, ExportForm::Json, &backup, nobody())
        .await
        .unwrap();

    let elsewhere = World::fresh().await;
    let imported = elsewhere.app.import(&backup, nobody()).await.unwrap();
    assert_eq!(
        imported,
        ImportOutcome::Done {
            added: 1,
            already_here: 0
        }
    );
    let there = elsewhere.app.workspace().await.unwrap().conversations;
    let [copy] = &there[..] else {
        panic!("{there:?}")
    };
    assert_ne!(copy.id, conversation);
    assert_eq!(
        texts(&elsewhere, &copy.id).await,
        texts(&world, &conversation).await
    );
    let spent = world.app.totals(None).await.unwrap().month;
    assert_eq!(elsewhere.app.totals(None).await.unwrap().month, spent);

    // Nothing can be asked here, and all the rest works.
    let refused = elsewhere
        .send(question(&copy.id, "Q4"), model(&key, "gpt-6.1-sol"))
        .await;
    assert_ne!(refused.err().unwrap().code(), ErrorCode::Storage);
    let page = elsewhere.folder().join("page.md");
    let one = ExportScope::Conversation(copy.id.clone());
    elsewhere
        .app
        .export(&one, ExportForm::Markdown, &page, nobody())
        .await
        .unwrap();
    assert!(std::fs::read_to_string(page).unwrap().contains("A3"));
    let found = loop {
        let found = elsewhere.app.search("A3", 5).await.unwrap();
        if found.unindexed == 0 {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(found.messages.len(), 1);
}
