//! Conversations: nothing that was said is overwritten, and nothing is lost by closing, stopping or crashing.

use brasskey_app::chat::view::{Ask, MessageState, RoleView};
use brasskey_app::error::{Error, ErrorCode};
use brasskey_tests::{Fault, Script};

use crate::account::OPENAI;
use crate::world::{World, model, question};

pub(crate) async fn texts(world: &World, conversation: &str) -> Vec<String> {
    world
        .messages(conversation)
        .await
        .into_iter()
        .map(|message| message.text)
        .collect()
}

/// Three rounds: A1..A3 to Q1..Q3.
pub(crate) async fn three_rounds() -> (World, brasskey_app::keys::view::KeyView, String) {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let conversation = world.conversation().await;
    for round in 1..=3 {
        world.sandbox.script(Script::answer(format!("A{round}")));
        let text = format!("Q{round}");
        world
            .ask_in(&conversation, &key, OPENAI, &text)
            .await
            .ended()
            .await;
    }
    (world, key, conversation)
}

#[tokio::test]
async fn one_answer_at_a_time_in_a_conversation_and_several_beside_each_other() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let slow = Script {
        tokens_per_second: Some(50),
        ..Script::answer("word ".repeat(2_000))
    };
    world.sandbox.always(slow);
    let conversation = world.conversation().await;
    let mut turn = world.ask_in(&conversation, &key, OPENAI, "One").await;
    turn.visible().await;
    let refusal = world
        .send(question(&conversation, "Two"), model(&key, OPENAI.model))
        .await;
    assert!(matches!(refusal.err(), Some(Error::Busy)));
    let other_version = world.app.show_version(&turn.view.question.id).await;
    assert!(matches!(other_version, Err(Error::Busy)));
    assert_eq!(
        world.messages(&conversation).await.len(),
        2,
        "nothing was written"
    );
    let open = world.app.open_conversation(&conversation).await.unwrap();
    assert_eq!(open.turn_id.as_ref(), Some(&turn.view.id));
    assert_eq!(open.messages[1].state, MessageState::Open);

    let mut beside = world.ask(&key, OPENAI, "Elsewhere").await;
    beside.visible().await;
    let answering = world.app.workspace().await.unwrap().conversations;
    assert!(answering.iter().all(|conversation| conversation.answering));
    for turn in [&turn, &beside] {
        world.app.stop_turn(&turn.view.id);
    }
    turn.ended().await;
    beside.ended().await;
    // Free for the next question as soon as the end was told.
    world.sandbox.always(Script::answer("Yes."));
    world
        .ask_in(&conversation, &key, OPENAI, "Two")
        .await
        .ended()
        .await;
    assert_eq!(world.messages(&conversation).await.len(), 4);
}

#[tokio::test]
async fn a_question_to_what_is_not_there_is_refused_and_nothing_is_sent() {
    let (world, key, conversation) = three_rounds().await;
    let calls = world.calls().len();
    let messages = world.messages(&conversation).await;
    let refused = |code: ErrorCode, result: Result<_, Error>| match result {
        Err(error) => assert_eq!(error.code(), code),
        Ok(_) => panic!("{code:?} was expected"),
    };
    let chosen = || model(&key, OPENAI.model);
    refused(
        ErrorCode::InvalidInput,
        world.send(question(&conversation, " \n "), chosen()).await,
    );
    refused(
        ErrorCode::NotFound,
        world.send(question("nowhere", "Hello"), chosen()).await,
    );
    let mut unknown = chosen();
    unknown.key_id = "no such key".to_owned();
    refused(
        ErrorCode::NotFound,
        world.send(question(&conversation, "Hello"), unknown).await,
    );
    let not_an_answer = Ask::Again {
        answer_id: messages[0].id.clone(),
    };
    refused(
        ErrorCode::InvalidInput,
        world.send(not_an_answer, chosen()).await,
    );
    let not_a_question = Ask::Edited {
        question_id: messages[1].id.clone(),
        text: "?".to_owned(),
    };
    refused(
        ErrorCode::InvalidInput,
        world.send(not_a_question, chosen()).await,
    );
    assert_eq!(world.calls().len(), calls);
    assert_eq!(world.messages(&conversation).await, messages);
}

#[tokio::test]
async fn deleting_a_conversation_stops_its_answer_and_can_be_undone() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world
        .sandbox
        .script(Script::fault(Fault::StallAfter { events: 40 }));
    let conversation = world.conversation().await;
    let mut turn = world.ask_in(&conversation, &key, OPENAI, "Hello").await;
    turn.visible().await;
    world.app.delete_conversation(&conversation).await.unwrap();
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Stopped);
    world
        .sandbox
        .wait_until(|seen| seen.last().unwrap().cancelled)
        .await
        .unwrap();
    assert!(
        world
            .app
            .workspace()
            .await
            .unwrap()
            .conversations
            .is_empty()
    );
    let gone = world
        .send(question(&conversation, "More"), model(&key, OPENAI.model))
        .await;
    assert_eq!(gone.err().unwrap().code(), ErrorCode::NotFound);
    // What was paid stays in the totals.
    assert_eq!(world.app.totals(None).await.unwrap().month.unknown, 1);

    world.app.restore_conversation(&conversation).await.unwrap();
    assert_eq!(
        world.messages(&conversation).await,
        [turn.view.question.clone(), answer]
    );
}

#[tokio::test]
async fn a_draft_is_forgotten_with_its_own_question_and_with_nothing_else() {
    let (world, key, conversation) = three_rounds().await;
    let draft = || async {
        let open = world.app.open_conversation(&conversation).await.unwrap();
        assert_eq!(
            world.app.draft(Some(conversation.clone())).await.unwrap(),
            open.draft
        );
        open.draft
    };
    let save = |text: &'static str| world.app.save_draft(Some(conversation.clone()), text);
    save("An unfinished thought").await.unwrap();
    let messages = world.messages(&conversation).await;
    let again = Ask::Again {
        answer_id: messages[5].id.clone(),
    };
    world
        .send(again, model(&key, OPENAI.model))
        .await
        .unwrap()
        .ended()
        .await;
    assert_eq!(
        draft().await,
        "An unfinished thought",
        "another answer to an earlier question"
    );
    let edited = Ask::Edited {
        question_id: messages[4].id.clone(),
        text: "Q3b".to_owned(),
    };
    world
        .send(edited, model(&key, OPENAI.model))
        .await
        .unwrap()
        .ended()
        .await;
    assert_eq!(
        draft().await,
        "An unfinished thought",
        "an earlier question in other words"
    );
    // A refused question keeps it, a sent one was it.
    let mut unknown = model(&key, OPENAI.model);
    unknown.key_id = "no such key".to_owned();
    assert!(
        world
            .send(question(&conversation, "An unfinished thought"), unknown)
            .await
            .is_err()
    );
    assert_eq!(draft().await, "An unfinished thought");
    world
        .ask_in(&conversation, &key, OPENAI, "An unfinished thought")
        .await
        .ended()
        .await;
    assert_eq!(draft().await, "");
    world
        .app
        .save_draft(None, "For a new conversation")
        .await
        .unwrap();
    assert_eq!(
        world.app.draft(None).await.unwrap(),
        "For a new conversation"
    );
    assert_eq!(draft().await, "");
}

#[tokio::test]
async fn titles_models_and_projects_follow_the_user() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let project = world.app.create_project("  Tea  ").await.unwrap();
    assert_eq!(project.name, "Tea");
    let conversation = world
        .app
        .create_conversation(Some(project.id.clone()))
        .await
        .unwrap();
    let mut turn = world
        .ask_in(&conversation.id, &key, OPENAI, "\nHow hot?\nThanks")
        .await;
    let answer = turn.ended().await;
    let open = world.app.open_conversation(&conversation.id).await.unwrap();
    assert_eq!(open.title, "How hot?");
    assert_eq!(open.model, Some(model(&key, OPENAI.model)));
    assert_eq!(open.messages[1].role, RoleView::Assistant);
    world
        .app
        .rename_conversation(&conversation.id, "Water")
        .await
        .unwrap();
    world
        .ask_in(&conversation.id, &key, OPENAI, "And how long?")
        .await
        .ended()
        .await;
    let open = world.app.open_conversation(&conversation.id).await.unwrap();
    assert_eq!(open.title, "Water", "the user's title stays");

    let spent = world
        .app
        .totals(Some(&conversation.id))
        .await
        .unwrap()
        .conversation
        .unwrap()
        .amount;
    let projects = world.app.workspace().await.unwrap().projects;
    assert_eq!(projects[0].spent_this_month, spent);
    assert_ne!(spent, "0", "{:?}", answer.receipt);
    // What was spent in a project stays spent there when the conversation moves on.
    world
        .app
        .move_conversation(&conversation.id, None)
        .await
        .unwrap();
    assert_eq!(
        world.app.workspace().await.unwrap().projects[0].spent_this_month,
        spent
    );
    world
        .app
        .move_conversation(&conversation.id, Some(project.id.clone()))
        .await
        .unwrap();
    world.app.delete_project(&project.id).await.unwrap();
    assert!(
        world
            .app
            .workspace()
            .await
            .unwrap()
            .conversations
            .is_empty()
    );
    world.app.restore_project(&project.id).await.unwrap();
    assert_eq!(world.app.workspace().await.unwrap().conversations.len(), 1);
}

#[tokio::test]
async fn a_conversation_comes_to_be_with_its_first_question_or_not_at_all() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let project = world.app.create_project("Tea").await.unwrap();
    world.app.save_draft(None, "How hot?").await.unwrap();
    let first = |project_id: &str| Ask::First {
        project_id: Some(project_id.to_owned()),
        text: "How hot?".to_owned(),
    };
    let mut unknown = model(&key, OPENAI.model);
    unknown.key_id = "no such key".to_owned();
    assert!(world.send(first(&project.id), unknown).await.is_err());
    let nowhere = world
        .send(first("no such project"), model(&key, OPENAI.model))
        .await;
    assert!(nowhere.is_err());
    assert!(
        world
            .app
            .workspace()
            .await
            .unwrap()
            .conversations
            .is_empty()
    );
    assert_eq!(world.app.draft(None).await.unwrap(), "How hot?");
    assert!(world.calls().is_empty());

    let mut turn = world
        .send(first(&project.id), model(&key, OPENAI.model))
        .await
        .unwrap();
    assert_eq!(world.app.draft(None).await.unwrap(), "", "it was sent");
    let answer = turn.ended().await;
    let open = world
        .app
        .open_conversation(turn.conversation())
        .await
        .unwrap();
    assert_eq!(open.project_id.as_ref(), Some(&project.id));
    assert_eq!(open.title, "How hot?");
    assert_eq!(open.model, Some(model(&key, OPENAI.model)));
    assert_eq!(open.messages[1], answer);
}

#[tokio::test]
async fn what_nobody_answered_is_asked_together_with_what_follows() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let conversation = world.conversation().await;
    world.sandbox.script(Script::error("context_too_long"));
    world
        .ask_in(&conversation, &key, OPENAI, "One")
        .await
        .ended()
        .await;
    world
        .ask_in(&conversation, &key, OPENAI, "Two")
        .await
        .ended()
        .await;
    let said = world.calls()[1].body["input"].clone();
    assert_eq!(said.as_array().unwrap().len(), 1, "{said}");
    assert!(said.to_string().contains(r"One\n\nTwo"), "{said}");
}
