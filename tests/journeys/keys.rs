//! Saved keys: several of a provider, renamed, replaced, removed, checked again.

use brasskey_app::chat::view::{MessageState, PayerView};
use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::keys::view::{HealthView, KeyView};
use brasskey_tests::{Fault, Script};

use crate::account::{ANTHROPIC, COMPATIBLE, OPENAI};
use crate::key_form::failed;
use crate::turn::Turn;
use crate::world::{World, model, question};

pub(crate) const SECOND_KEY: &str = "sk-proj-sandbox-9876543210zyxwvutsrqponmlkjih-OA99";

pub(crate) async fn listed(world: &World) -> Vec<KeyView> {
    world.app.keys().await.unwrap().keys
}

/// An answer that goes on until it is stopped.
async fn endless(world: &World, key: &KeyView) -> Turn {
    world
        .sandbox
        .script(Script::fault(Fault::StallAfter { events: 40 }));
    let mut turn = world.ask(key, OPENAI, "Go on").await;
    turn.visible().await;
    turn
}

#[tokio::test]
async fn two_keys_of_a_provider_are_told_apart_and_one_is_the_default() {
    let world = World::with_own_keys().await;
    let first = world.add_key(OPENAI).await;
    let second = world.add_key_with(OPENAI, SECOND_KEY, "").await;
    let third = world.add_key_with(OPENAI, SECOND_KEY, "Work").await;
    assert_eq!(
        (&*first.label, &*second.label, &*third.label),
        ("OpenAI", "OpenAI 2", "Work")
    );
    let defaults =
        |keys: &[KeyView]| -> Vec<bool> { keys.iter().map(|key| key.is_default).collect() };
    assert_eq!(defaults(&listed(&world).await), [true, false, false]);
    world.app.set_default_key(&second.id).await.unwrap();
    assert_eq!(defaults(&listed(&world).await), [false, true, false]);

    // The key that was chosen pays, whichever is the default.
    world.ask(&third, OPENAI, "Hello").await.ended().await;
    assert_eq!(world.calls()[0].key.as_deref(), Some(SECOND_KEY));
    let spent: Vec<bool> = listed(&world)
        .await
        .iter()
        .map(|key| key.spent_this_month != "0")
        .collect();
    assert_eq!(spent, [false, false, true]);

    let renamed = world.app.rename_key(&third.id, "  Team  ").await.unwrap();
    assert_eq!(renamed.label, "Team");
    assert!(world.app.rename_key(&third.id, " ").await.is_err());
    assert!(
        world
            .app
            .rename_key(&third.id, &"x".repeat(81))
            .await
            .is_err()
    );
    // A receipt keeps the name of its time.
    let conversation = &world.app.workspace().await.unwrap().conversations[0].id;
    let receipt = world.messages(conversation).await[1]
        .receipt
        .clone()
        .unwrap();
    let payer = serde_json::to_value(receipt.payer).unwrap();
    assert_eq!(payer["label"], "Work");

    // The default is handed on when its key goes.
    world.app.remove_key(&second.id).await.unwrap();
    assert_eq!(defaults(&listed(&world).await), [true, false]);
}

#[tokio::test]
async fn a_replaced_key_pays_the_next_answer_and_the_running_one_ends_on_the_old() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let mut running = endless(&world, &key).await;
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.check(OPENAI, &pending).await;
    let replaced = world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(replaced.id, key.id);
    assert_eq!(replaced.last4.as_deref(), Some("OA99"));
    assert!(replaced.is_default);
    world.ask(&replaced, OPENAI, "Next").await.ended().await;
    world.app.stop_turn(&running.view.id);
    assert_eq!(running.ended().await.state, MessageState::Stopped);
    let keys: Vec<_> = world
        .calls()
        .into_iter()
        .filter_map(|call| call.key)
        .collect();
    assert_eq!(keys, [OPENAI.key(), SECOND_KEY]);
    assert_eq!(listed(&world).await.len(), 1);
}

#[tokio::test]
async fn a_replacement_is_for_the_same_host_and_must_work() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let elsewhere = brasskey_tests::Sandbox::start().await.unwrap();
    let other = brasskey_app::keys::view::NewEndpoint {
        provider: OPENAI.provider,
        base_url: Some(elsewhere.base_url(OPENAI.wire)),
    };
    let pending = world.app.submit_key(&SECOND_KEY.into(), &other).unwrap();
    let refusal = world.app.replace_key(&key.id, &pending.id).await;
    assert!(matches!(refusal, Err(Error::OriginChanged)));

    let pending = world.submit(OPENAI, "sk-unknown-0123456789abcdefghij");
    world.check(OPENAI, &pending).await;
    let refusal = world
        .app
        .replace_key(&key.id, &pending.id)
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::KeyInvalid);
    // The old one is untouched.
    assert_eq!(listed(&world).await, std::slice::from_ref(&key));
    world.ask(&key, OPENAI, "Still here?").await.ended().await;
    assert_eq!(world.calls()[0].key.as_deref(), Some(OPENAI.key()));
}

#[tokio::test]
async fn what_was_known_of_the_old_key_is_not_claimed_of_the_new_one() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    assert!(matches!(key.health, HealthView::Working { .. }));
    let pending = world.submit(OPENAI, SECOND_KEY);
    let replaced = world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(replaced.health, HealthView::Unchecked);
    assert_eq!(replaced.last_checked_at, None);
    // And an answer that ends on the old key says nothing of the new one.
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script {
        first_token_delay: std::time::Duration::from_millis(300),
        ..Script::fault(Fault::ErrorInStream {
            events: 4,
            situation: "key_malformed".into(),
        })
    });
    let mut running = world.ask(&key, OPENAI, "Hello").await;
    world
        .sandbox
        .wait_until(|seen| seen.last().unwrap().method == "POST")
        .await
        .unwrap();
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.check(OPENAI, &pending).await;
    world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(
        running.ended().await.failure.unwrap().code,
        ErrorCode::KeyInvalid
    );
    let health = &listed(&world).await[0].health;
    assert!(matches!(health, HealthView::Working { .. }), "{health:?}");
}

#[tokio::test]
async fn a_removed_key_is_out_of_use_at_once_and_comes_back_by_undo() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let mut running = endless(&world, &key).await;
    let removal = world.app.remove_key(&key.id).await.unwrap();
    assert_eq!(removal.id, key.id);
    assert!(listed(&world).await.is_empty());
    assert!(world.app.models().await.unwrap().is_empty());
    let refusal = world
        .send(
            question(running.conversation(), "More"),
            model(&key, OPENAI.model),
        )
        .await;
    assert_eq!(refusal.err().unwrap().code(), ErrorCode::NotFound);
    // The answer that it pays for goes on.
    world.app.stop_turn(&running.view.id);
    assert_eq!(running.ended().await.state, MessageState::Stopped);

    let restored = world.app.restore_key(&key.id).await.unwrap();
    assert_eq!((restored.id, restored.is_default), (key.id.clone(), true));
    world.ask(&key, OPENAI, "Back?").await.ended().await;
    assert_eq!(
        world.calls().last().unwrap().key.as_deref(),
        Some(OPENAI.key())
    );
}

#[tokio::test]
async fn a_check_of_a_saved_key_keeps_what_it_found() {
    let world = World::with_own_keys().await;
    let key = world.add_key(ANTHROPIC).await;
    let models = world.app.models().await.unwrap()[0].models.clone();
    world
        .sandbox
        .script_check(Fault::Error("overloaded".into()));
    let checked = world.app.recheck_key(&key.id).await.unwrap();
    assert!(
        matches!(&checked.health, HealthView::Failing { failure } if failure.code == ErrorCode::Overloaded)
    );
    assert!(!checked.checking);
    assert_eq!(
        world.app.models().await.unwrap()[0].models,
        models,
        "a failed check tells nothing of models"
    );
    let checked = world.app.recheck_key(&key.id).await.unwrap();
    assert!(matches!(checked.health, HealthView::Working { .. }));
    assert!(checked.last_checked_at >= key.last_checked_at);
}

#[tokio::test]
async fn a_check_of_a_saved_key_can_be_stopped_and_changes_nothing_then() {
    let world = World::with_own_keys().await;
    let key = world.add_key(ANTHROPIC).await;
    world.sandbox.script_check(Fault::Silence);
    let before = world.sandbox.requests().len();
    let stopping = async {
        world
            .sandbox
            .wait_until(|seen| seen.len() > before)
            .await
            .unwrap();
        assert!(listed(&world).await[0].checking);
        world.app.stop_recheck(&key.id);
    };
    let (checked, ()) = tokio::join!(world.app.recheck_key(&key.id), stopping);
    assert_eq!(checked.unwrap(), key);
    // Stopping what has ended is no error, and the next check goes to its end.
    world.app.stop_recheck(&key.id);
    let checked = world.app.recheck_key(&key.id).await.unwrap();
    assert!(matches!(checked.health, HealthView::Working { .. }));
}

#[tokio::test]
async fn a_label_that_nobody_typed_is_the_first_that_is_free() {
    let world = World::with_own_keys().await;
    let first = world.add_key(OPENAI).await;
    let second = world.add_key_with(OPENAI, SECOND_KEY, "").await;
    world.app.remove_key(&first.id).await.unwrap();
    let third = world.add_key_with(OPENAI, SECOND_KEY, "").await;
    let fourth = world.add_key_with(OPENAI, SECOND_KEY, "").await;
    assert_eq!(
        (&*second.label, &*third.label, &*fourth.label),
        ("OpenAI 2", "OpenAI", "OpenAI 3")
    );
}

#[tokio::test]
async fn the_default_key_of_a_provider_is_offered_before_its_others() {
    let world = World::with_own_keys().await;
    let first = world.add_key(OPENAI).await;
    let other = world.add_key(ANTHROPIC).await;
    let second = world.add_key_with(OPENAI, SECOND_KEY, "").await;
    let offered = async || -> Vec<String> {
        let groups = world.app.models().await.unwrap();
        let key = |payer| match payer {
            PayerView::UserKey { key_id, .. } => key_id,
            other => panic!("keys pay here, not {other:?}"),
        };
        groups.into_iter().map(|group| key(group.payer)).collect()
    };
    assert_eq!(offered().await, [&*first.id, &second.id, &other.id]);
    world.app.set_default_key(&second.id).await.unwrap();
    assert_eq!(offered().await, [&*second.id, &first.id, &other.id]);
    // The list of keys stays in the order in which they were added.
    let ids: Vec<String> = listed(&world).await.into_iter().map(|key| key.id).collect();
    assert_eq!(ids, [first.id, other.id, second.id]);
}

#[tokio::test]
async fn a_replacement_that_could_not_be_checked_is_called_unchecked() {
    let world = World::with_own_keys().await;
    let key = world.add_key(ANTHROPIC).await;
    world
        .sandbox
        .script_check(Fault::Error("overloaded".into()));
    let pending = world.submit(ANTHROPIC, ANTHROPIC.key());
    world.check(ANTHROPIC, &pending).await;
    let replaced = world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(replaced.health, HealthView::Unchecked);
    assert_eq!(replaced.last_checked_at, None);
    assert_eq!(world.app.models().await.unwrap()[0].unavailable, None);
}

#[tokio::test]
async fn a_key_may_be_removed_while_it_is_checked() {
    let world = World::with_own_keys().await;
    let key = world.add_key(ANTHROPIC).await;
    world.sandbox.script_check(Fault::Silence);
    let before = world.sandbox.requests().len();
    let removing = async {
        let asked = world.sandbox.wait_until(|seen| seen.len() > before);
        asked.await.unwrap();
        world.app.remove_key(&key.id).await.unwrap();
        world.app.stop_recheck(&key.id);
    };
    let (checked, ()) = tokio::join!(world.app.recheck_key(&key.id), removing);
    assert_eq!(checked.unwrap(), key, "as it was last known");
    let gone = world.app.recheck_key(&key.id).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
    assert_eq!(world.app.restore_key(&key.id).await.unwrap(), key);
}

#[tokio::test]
async fn a_model_that_no_list_has_can_be_named_and_asked() {
    let world = World::with_own_keys().await;
    world
        .sandbox
        .script_check(Fault::Error("azure_openai/model_not_found".into()));
    let pending = world.submit(COMPATIBLE, COMPATIBLE.key());
    let (failure, savable) = failed(world.check(COMPATIBLE, &pending).await);
    assert_eq!(failure.provider_code.as_deref(), Some("cannot_list_models"));
    assert!(savable, "it may answer all the same");
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert!(world.app.models().await.unwrap()[0].models.is_empty());

    let named = world
        .app
        .name_model(&key.id, &format!("  {}\n", COMPATIBLE.model))
        .await
        .unwrap();
    assert_eq!(named.id, key.id);
    world
        .app
        .name_model(&key.id, COMPATIBLE.model)
        .await
        .unwrap();
    assert_eq!(models(&world).await, [COMPATIBLE.model], "named once");
    let mut turn = world.ask(&key, COMPATIBLE, "Hello").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
    let health = &listed(&world).await[0].health;
    assert_eq!(
        *health,
        HealthView::Working { model_count: 1 },
        "an answer proves more than a list"
    );

    // A list that comes later keeps what was named.
    world.app.name_model(&key.id, "my-own-model").await.unwrap();
    world.app.recheck_key(&key.id).await.unwrap();
    let models = models(&world).await;
    assert!(models.len() > 2, "{models:?}");
    assert_eq!(models.last().unwrap(), "my-own-model");
}

#[tokio::test]
async fn a_models_name_is_one_line_and_no_key() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let before = models(&world).await;
    let long = "x".repeat(201);
    for wrong in ["", " \n", "two\nlines", &*long, SECOND_KEY] {
        let refusal = world.app.name_model(&key.id, wrong).await.unwrap_err();
        assert_eq!(refusal.code(), ErrorCode::InvalidInput, "{wrong:?}");
    }
    let refusal = world.app.name_model("no-such-key", "a").await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::NotFound);
    assert_eq!(models(&world).await, before);
    world.app.name_model(&key.id, &long[1..]).await.unwrap();
    assert_eq!(models(&world).await.len(), before.len() + 1);
}

/// The models of the first key.
async fn models(world: &World) -> Vec<String> {
    let group = world.app.models().await.unwrap().remove(0);
    let id = |listed: brasskey_app::models::view::ModelView| listed.model.model;
    group.models.into_iter().map(id).collect()
}
