//! Who bills: exactly one mode is in force, and nothing falls back from one to the other.

use brasskey_app::billing::view::{BillingMode, TermsAcceptance};
use brasskey_app::chat::view::MessageState;
use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::keys::view::{CheckView, HealthView};
use brasskey_tests::{Fault, Script};

use crate::account::{COMPATIBLE, OLLAMA, OPENAI};
use crate::world::{World, model, question, shown};

#[tokio::test]
async fn own_keys_wait_for_the_terms() {
    let world = World::fresh().await;
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    let pending = world.submit(OPENAI, OPENAI.key());
    let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::TermsDue);
    assert!(world.app.keys().await.unwrap().keys.is_empty());
    world.accept_terms().await;
    world.app.save_key(&pending.id, "").await.unwrap();
}

#[tokio::test]
async fn only_the_text_on_screen_can_be_accepted() {
    let world = World::fresh().await;
    let texts = shown(&world.app).await;
    let changes: [fn(&mut TermsAcceptance); 3] = [
        |terms| terms.sha256.replace_range(..1, "x"),
        |terms| terms.version = "2020-01-01.1".to_owned(),
        |terms| terms.document = "other".to_owned(),
    ];
    let is_accepted = async || {
        let terms = world.app.billing().await.unwrap().terms;
        terms.iter().any(|text| text.accepted_at.is_some())
    };
    for change in changes {
        let mut others = texts.clone();
        change(&mut others[1]);
        let refusal = world.app.accept_terms(&others, "first_run").await;
        assert!(matches!(refusal, Err(Error::TermsDue)));
        assert!(!is_accepted().await, "all of them or none");
    }
    world.app.accept_terms(&texts, "first_run").await.unwrap();
    assert!(is_accepted().await);
}

#[tokio::test]
async fn own_keys_need_the_general_text_and_their_own_and_not_that_of_the_other_mode() {
    let world = World::fresh().await;
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    let pending = world.submit(OPENAI, OPENAI.key());
    for text in shown(&world.app).await {
        let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
        assert_eq!(refusal.code(), ErrorCode::TermsDue);
        world.app.accept_terms(&[text], "first_run").await.unwrap();
    }
    world.app.save_key(&pending.id, "").await.unwrap();
}

#[tokio::test]
async fn without_a_licence_no_call_goes_out_through_a_key_and_everything_else_works() {
    let world = World::fresh().await;
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    world.accept_terms().await;
    let key = world.add_key(OPENAI).await;
    let local = world.add_keyless(OLLAMA).await;
    let conversation = world.conversation().await;
    let refusal = world
        .send(question(&conversation, "Hello"), model(&key, OPENAI.model))
        .await;
    assert_eq!(refusal.err().unwrap().code(), ErrorCode::SignInNeeded);
    assert!(world.calls().is_empty());
    assert!(world.messages(&conversation).await.is_empty());
    let mut turn = world.ask_in(&conversation, &local, OLLAMA, "Hello").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);

    world.app.begin_trial().await.unwrap();
    let mut turn = world.ask_in(&conversation, &key, OPENAI, "And now?").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
}

#[tokio::test]
async fn vendor_billed_use_sends_nothing_to_a_provider() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let keyed = world.add_key(COMPATIBLE).await;
    let local = world.add_keyless(OLLAMA).await;
    let billing = world
        .app
        .choose_billing(BillingMode::VendorBilled)
        .await
        .unwrap();
    assert_eq!(billing.mode, Some(BillingMode::VendorBilled));
    let conversation = world.conversation().await;
    for (key, account) in [(&key, OPENAI), (&keyed, COMPATIBLE)] {
        let refusal = world
            .send(question(&conversation, "Hello"), model(key, account.model))
            .await;
        assert_eq!(refusal.err().unwrap().code(), ErrorCode::OtherMode);
    }
    assert!(world.calls().is_empty());
    assert!(world.messages(&conversation).await.is_empty());
    // A model on this computer is nobody's to bill.
    let mut turn = world.ask_in(&conversation, &local, OLLAMA, "Hello").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
    assert_eq!(world.calls().len(), 1);
    assert_eq!(world.calls()[0].key, None);

    // Keys and conversations were kept, and go on.
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    let mut turn = world.ask_in(&conversation, &key, OPENAI, "And now?").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
    assert_eq!(world.messages(&conversation).await.len(), 4);
}

#[tokio::test]
async fn vendor_billed_use_takes_no_own_keys() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world
        .app
        .choose_billing(BillingMode::VendorBilled)
        .await
        .unwrap();
    let pending = world.submit(OPENAI, OPENAI.key());
    let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::OtherMode);
    let refusal = world.app.replace_key(&key.id, &pending.id).await;
    assert_eq!(refusal.unwrap_err().code(), ErrorCode::OtherMode);
    // An endpoint of this computer is nobody's to bill, and the key waits for the other mode.
    world.add_keyless(OLLAMA).await;
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    world.app.save_key(&pending.id, "").await.unwrap();
}

#[tokio::test]
async fn vendor_billed_use_reads_no_key_and_the_other_mode_finds_each_again() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let vendor = BillingMode::VendorBilled;
    world.app.choose_billing(vendor).await.unwrap();
    world.drawer().was_read();
    let checks = world.calls().len();
    let world = world.restarted().await;
    let refusal = world.app.recheck_key(&key.id).await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::OtherMode);
    world.app.probe_store(Some(&key.id)).await.unwrap();
    assert_eq!(world.calls().len(), checks, "nothing was sent");
    assert!(!world.drawer().was_read(), "nothing was read");

    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    let checked = world.app.recheck_key(&key.id).await.unwrap();
    assert!(matches!(checked.health, HealthView::Working { .. }));
    assert!(world.drawer().was_read());

    // What was read for the other mode is not kept in memory either.
    world.app.choose_billing(vendor).await.unwrap();
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    world.app.recheck_key(&key.id).await.unwrap();
    assert!(world.drawer().was_read());
}

#[tokio::test]
async fn a_key_can_be_checked_before_anything_is_chosen_and_saved_after() {
    let world = World::fresh().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    let check = world.check(OPENAI, &pending).await;
    assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
    let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::TermsDue);
    world.app.choose_billing(BillingMode::Byok).await.unwrap();
    world.accept_terms().await;
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert!(matches!(key.health, HealthView::Working { .. }));
}

#[tokio::test]
async fn a_running_answer_ends_under_the_payer_it_began_with() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script {
        tokens_per_second: Some(200),
        ..Script::answer("word ".repeat(40))
    });
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    turn.visible().await;
    world
        .app
        .choose_billing(BillingMode::VendorBilled)
        .await
        .unwrap();
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Done);
    assert_eq!(
        answer.receipt.unwrap().payer,
        turn.view.answer.payer.clone().unwrap()
    );
}

#[tokio::test]
async fn a_question_that_waits_to_go_out_again_keeps_its_payer() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::fault(Fault::RateLimitedOnce {
        retry_after: std::time::Duration::from_secs(60),
    }));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    turn.waiting().await;
    world
        .app
        .choose_billing(BillingMode::VendorBilled)
        .await
        .unwrap();
    world.app.try_now(&turn.view.id);
    assert_eq!(turn.ended().await.state, MessageState::Done);
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.key).collect();
    assert_eq!(
        keys,
        [Some(OPENAI.key().to_owned()), Some(OPENAI.key().to_owned())]
    );
}
