use brasskey_ledger::{ConversationId, LedgerError, ModelChoice, NewConversation, ProjectId};

use crate::kit::{PROFILE, Place, answer, conversation, dollars, done, turn, with_conversation};

#[tokio::test]
async fn conversations_come_newest_first_and_an_answer_makes_one_new() {
    let place = Place::new();
    let ledger = place.open().await;
    for (at, id) in [(1, "old"), (2, "middle"), (3, "new")] {
        ledger
            .conversations()
            .create(&conversation(id), at)
            .await
            .unwrap();
    }
    assert_eq!(order(&ledger).await, ["new", "middle", "old"]);
    ledger
        .turns()
        .open(&turn(&ConversationId::new("old"), "1", None))
        .await
        .unwrap();
    assert_eq!(order(&ledger).await, ["old", "new", "middle"]);
    ledger
        .conversations()
        .rename(&ConversationId::new("middle"), "Renamed", true)
        .await
        .unwrap();
    assert_eq!(order(&ledger).await, ["old", "new", "middle"]);
}

async fn order(ledger: &brasskey_ledger::Ledger) -> Vec<String> {
    let list = ledger.conversations().list().await.unwrap();
    list.into_iter()
        .map(|conversation| conversation.id.to_string())
        .collect()
}

#[tokio::test]
async fn a_derived_title_never_replaces_the_users() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    let conversations = ledger.conversations();
    conversations.rename(&id, "Derived", false).await.unwrap();
    assert_eq!(conversations.get(&id).await.unwrap().title, "Derived");
    conversations.rename(&id, "Mine", true).await.unwrap();
    conversations
        .rename(&id, "Derived again", false)
        .await
        .unwrap();
    let kept = conversations.get(&id).await.unwrap();
    assert_eq!((kept.title.as_str(), kept.title_is_users), ("Mine", true));
    conversations.rename(&id, "Mine too", true).await.unwrap();
    assert_eq!(conversations.get(&id).await.unwrap().title, "Mine too");
}

#[tokio::test]
async fn the_chosen_model_is_kept() {
    let place = Place::new();
    let ledger = place.open().await;
    let choice = ModelChoice {
        endpoint_id: "key-1".to_owned(),
        model: "gpt-6.1-sol".to_owned(),
    };
    let new = NewConversation {
        model: Some(choice.clone()),
        ..conversation("c")
    };
    ledger.conversations().create(&new, 1).await.unwrap();
    assert_eq!(
        ledger.conversations().get(&new.id).await.unwrap().model(),
        Some(choice)
    );
    ledger
        .conversations()
        .set_model(&new.id, None)
        .await
        .unwrap();
    assert_eq!(
        ledger.conversations().get(&new.id).await.unwrap().model(),
        None
    );
}

#[tokio::test]
async fn a_deleted_conversation_is_hidden_until_it_is_restored() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("1", dollars("1")))
        .await
        .unwrap();
    ledger.conversations().delete(&id, 50).await.unwrap();
    assert_eq!(ledger.conversations().list().await.unwrap(), []);
    for error in [
        ledger.conversations().get(&id).await.map(drop).unwrap_err(),
        ledger.conversations().delete(&id, 51).await.unwrap_err(),
        ledger
            .messages()
            .active_path(&id)
            .await
            .map(drop)
            .unwrap_err(),
        ledger
            .turns()
            .open(&turn(&id, "2", Some(&answer("1"))))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, LedgerError::NotFound { .. }), "{error:?}");
    }
    assert_eq!(ledger.conversations().purge(50).await.unwrap(), 0);
    ledger.conversations().restore(&id).await.unwrap();
    assert_eq!(ledger.messages().active_path(&id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn erasing_a_conversation_keeps_its_receipts() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    let kept = with_conversation(&ledger, "kept").await;
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    let receipt = ledger
        .turns()
        .close(&done("1", dollars("0.25")))
        .await
        .unwrap();
    ledger.conversations().delete(&id, 50).await.unwrap();
    assert_eq!(ledger.conversations().purge(51).await.unwrap(), 1);
    assert!(ledger.messages().get(&answer("1")).await.is_err());
    assert!(ledger.conversations().restore(&id).await.is_err());
    assert!(ledger.conversations().get(&kept).await.is_ok());
    assert_eq!(
        ledger.receipts().by_message(&answer("1")).await.unwrap(),
        receipt
    );
    assert_eq!(
        ledger
            .receipts()
            .total(0..100)
            .await
            .unwrap()
            .known
            .to_string(),
        "0.25"
    );
}

#[tokio::test]
async fn a_project_goes_and_comes_back_with_its_conversations() {
    let place = Place::new();
    let ledger = place.open().await;
    let project = ProjectId::new("p");
    ledger
        .projects()
        .create(&project, "Thesis", PROFILE, 1)
        .await
        .unwrap();
    for id in ["deleted-before", "inside"] {
        let new = NewConversation {
            project_id: Some(project.clone()),
            ..conversation(id)
        };
        ledger.conversations().create(&new, 1).await.unwrap();
    }
    let outside = with_conversation(&ledger, "outside").await;
    ledger
        .conversations()
        .delete(&ConversationId::new("deleted-before"), 5)
        .await
        .unwrap();

    ledger.projects().delete(&project, 6).await.unwrap();
    assert_eq!(ledger.projects().list(0..100).await.unwrap(), []);
    assert_eq!(order(&ledger).await, ["outside"]);
    assert!(
        ledger
            .conversations()
            .move_to(&outside, Some(&project))
            .await
            .is_err()
    );

    ledger.projects().restore(&project).await.unwrap();
    assert_eq!(order(&ledger).await, ["outside", "inside"]);

    ledger.projects().delete(&project, 7).await.unwrap();
    assert_eq!(ledger.projects().purge(8).await.unwrap(), 1);
    assert_eq!(order(&ledger).await, ["outside"]);
    assert!(ledger.projects().restore(&project).await.is_err());
}

#[tokio::test]
async fn a_project_shows_what_its_calls_of_the_period_cost() {
    let place = Place::new();
    let ledger = place.open().await;
    let (thesis, garden) = (ProjectId::new("p"), ProjectId::new("g"));
    ledger
        .projects()
        .create(&thesis, "thesis", PROFILE, 1)
        .await
        .unwrap();
    ledger
        .projects()
        .create(&garden, "Garden", PROFILE, 1)
        .await
        .unwrap();
    let id = with_conversation(&ledger, "c").await;
    ledger
        .conversations()
        .move_to(&id, Some(&thesis))
        .await
        .unwrap();
    for (name, at) in [("1", 10), ("2", 99), ("3", 100)] {
        let mut turn = turn(&id, name, None);
        turn.at = at;
        ledger.turns().open(&turn).await.unwrap();
        ledger
            .turns()
            .close(&done(name, dollars("0.5")))
            .await
            .unwrap();
    }
    // What was paid in a project stays there when the conversation moves on.
    ledger
        .conversations()
        .move_to(&id, Some(&garden))
        .await
        .unwrap();
    ledger
        .projects()
        .rename(&garden, "Vegetables", 2)
        .await
        .unwrap();
    let list = ledger.projects().list(10..100).await.unwrap();
    let shown: Vec<_> = list
        .iter()
        .map(|summary| {
            (
                summary.project.name.as_str(),
                summary.totals.calls,
                summary.totals.known.to_string(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("thesis", 2, "1".to_owned()),
            ("Vegetables", 0, "0".to_owned())
        ]
    );
    assert_eq!(
        list[0].totals,
        ledger
            .receipts()
            .project_total(&thesis, 10..100)
            .await
            .unwrap()
    );
}
