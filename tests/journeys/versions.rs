//! Versions: an edited question and a regenerated answer stand beside the earlier ones, and the provider gets what is on
//! screen.

use brasskey_app::chat::view::{Ask, CostView};
use brasskey_tests::Script;
use serde_json::Value;

use crate::account::{ANTHROPIC, OPENAI};
use crate::conversations::{texts, three_rounds};
use crate::world::model;

/// What a call to OpenAI held, as "role: text".
fn asked(body: &Value) -> Vec<String> {
    body["input"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = match &item["content"] {
                Value::String(text) => text.clone(),
                parts => parts[0]["text"].as_str().unwrap().to_owned(),
            };
            format!("{}: {text}", item["role"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn the_provider_gets_the_path_on_screen_and_nothing_else() {
    let (world, _, conversation) = three_rounds().await;
    assert_eq!(
        texts(&world, &conversation).await,
        ["Q1", "A1", "Q2", "A2", "Q3", "A3"]
    );
    let last = world.calls().pop().unwrap();
    let expected = [
        "user: Q1",
        "assistant: A1",
        "user: Q2",
        "assistant: A2",
        "user: Q3",
    ];
    assert_eq!(asked(&last.body), expected);
}

#[tokio::test]
async fn an_edited_question_is_a_version_and_the_earlier_one_is_kept() {
    let (world, key, conversation) = three_rounds().await;
    let before = world.messages(&conversation).await;
    world.sandbox.script(Script::answer("A2, other"));
    let edited = Ask::Edited {
        question_id: before[2].id.clone(),
        text: "Q2, other".to_owned(),
    };
    let mut turn = world.send(edited, model(&key, OPENAI.model)).await.unwrap();
    turn.ended().await;
    let last = world.calls().pop().unwrap();
    assert_eq!(
        asked(&last.body),
        ["user: Q1", "assistant: A1", "user: Q2, other"]
    );
    let after = world.messages(&conversation).await;
    assert_eq!(
        texts(&world, &conversation).await,
        ["Q1", "A1", "Q2, other", "A2, other"]
    );
    assert_eq!(
        after[2].versions,
        [before[2].id.clone(), after[2].id.clone()]
    );
    assert_eq!(after[2].version, 1);

    // The earlier version shows what followed it, to its end.
    let shown = world.app.show_version(&before[2].id).await.unwrap();
    let shown: Vec<&str> = shown
        .messages
        .iter()
        .map(|message| &*message.text)
        .collect();
    assert_eq!(shown, ["Q1", "A1", "Q2", "A2", "Q3", "A3"]);
    // And the conversation stays there, also for the next question.
    world.sandbox.script(Script::answer("A4"));
    world
        .ask_in(&conversation, &key, OPENAI, "Q4")
        .await
        .ended()
        .await;
    let path = texts(&world, &conversation).await;
    assert_eq!(path, ["Q1", "A1", "Q2", "A2", "Q3", "A3", "Q4", "A4"]);
}

#[tokio::test]
async fn an_answer_is_regenerated_as_a_version_with_a_receipt_of_its_own() {
    let (world, key, conversation) = three_rounds().await;
    let anthropic = world.add_key(ANTHROPIC).await;
    let first = world.messages(&conversation).await.pop().unwrap();
    world.sandbox.script(Script::answer("A3, again"));
    let again = |answer_id: &str| Ask::Again {
        answer_id: answer_id.to_owned(),
    };
    let mut turn = world
        .send(again(&first.id), model(&key, OPENAI.model))
        .await
        .unwrap();
    let second = turn.ended().await;
    assert_eq!(second.versions, [first.id.clone(), second.id.clone()]);

    // With another model, through another key.
    world.sandbox.script(Script::answer("A3, by another"));
    let mut turn = world
        .send(again(&second.id), model(&anthropic, ANTHROPIC.model))
        .await
        .unwrap();
    let third = turn.ended().await;
    assert_eq!(third.versions.len(), 3);
    assert_eq!(third.model.clone().unwrap().key_id, anthropic.id);
    assert_eq!(
        texts(&world, &conversation).await.last().unwrap(),
        "A3, by another"
    );
    let calls = world.calls();
    assert_eq!(calls.last().unwrap().key.as_deref(), Some(ANTHROPIC.key()));
    assert_eq!(
        calls.last().unwrap().body["messages"]
            .as_array()
            .unwrap()
            .len(),
        5
    );

    // Each was paid for, and each shows its own receipt.
    let totals = world
        .app
        .totals(Some(&conversation))
        .await
        .unwrap()
        .conversation
        .unwrap();
    let mut amounts = Vec::new();
    for version in &third.versions {
        let shown = world
            .app
            .show_version(version)
            .await
            .unwrap()
            .messages
            .pop()
            .unwrap();
        match shown.receipt.unwrap().cost {
            CostView::Known { amount, .. } => amounts.push(amount),
            other => panic!("{other:?}"),
        }
    }
    for round in &world.messages(&conversation).await[..4] {
        if let Some(CostView::Known { amount, .. }) =
            round.receipt.clone().map(|receipt| receipt.cost)
        {
            amounts.push(amount);
        }
    }
    let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
    assert_eq!(amounts.len(), 5);
    assert_eq!(totals.amount, crate::prices::sum(&amounts));
}
