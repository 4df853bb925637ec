//! The line to the provider with its faults, through a proxy: cut at any byte, dead, or a trickle. What arrived is kept, what did
//! not is never shown as arrived, and nothing is asked twice once something was on screen.

use std::time::Duration;

use brasskey_app::chat::view::{MessageState, TurnEvent};
use brasskey_app::error::ErrorCode;
use brasskey_app::keys::view::{KeyView, NewEndpoint};
use brasskey_tests::{Line, Proxy, Script};

use crate::account::{ANTHROPIC, Account, GEMINI, OPENAI};
use crate::world::World;

const ANSWER: &str = "One two three four five six seven eight nine ten.";

/// A world whose one key asks the provider through a proxy.
async fn behind_a_proxy(account: Account) -> (World, Proxy, KeyView) {
    let world = World::with_own_keys().await;
    let proxy = Proxy::to(world.sandbox.addr()).await.unwrap();
    let direct = world.sandbox.base_url(account.wire);
    let base_url = direct.replace(
        &world.sandbox.addr().to_string(),
        &proxy.address().to_string(),
    );
    assert_ne!(base_url, direct);
    let endpoint = NewEndpoint {
        provider: account.provider,
        base_url: Some(base_url),
    };
    let pending = world
        .app
        .submit_key(&account.key().into(), &endpoint)
        .unwrap();
    world
        .app
        .check_pending(&pending.id, &endpoint, false)
        .await
        .unwrap();
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    (world, proxy, key)
}

#[tokio::test]
async fn cut_at_any_byte_an_answer_is_whole_or_said_to_be_cut() {
    for account in [OPENAI, ANTHROPIC, GEMINI] {
        let (world, proxy, key) = behind_a_proxy(account).await;
        let (mut whole, mut cut, mut nothing) = (0, 0, 0);
        // From within the head of the response to beyond its end.
        for at in (40..6_000).step_by(240) {
            proxy.set(Line::CutAfter(at));
            world.sandbox.script(Script::answer(ANSWER));
            let before = world.calls().len();
            let mut turn = world.ask(&key, account, "Count.").await;
            let answer = loop {
                match turn.next().await {
                    // Nothing was on screen: it would go out again.
                    TurnEvent::Waiting { failure, .. } | TurnEvent::Offline { failure } => {
                        assert!(turn.text.is_empty(), "{account:?} at {at}: {failure:?}");
                        world.app.stop_turn(&turn.view.id);
                    }
                    TurnEvent::Ended { answer } => break *answer,
                    _ => {}
                }
            };
            let what = format!("{account:?} at {at}: {answer:?}");
            assert_eq!(world.calls().len(), before + 1, "{what}");
            assert!(ANSWER.starts_with(&answer.text), "{what}");
            match answer.state {
                MessageState::Done => {
                    assert_eq!(answer.text, ANSWER, "{what}");
                    whole += 1;
                }
                MessageState::Failed => {
                    let failure = answer.failure.as_ref().expect("why it failed");
                    assert_eq!(failure.code, ErrorCode::StreamBroken, "{what}");
                    assert!(!answer.text.is_empty(), "{what}");
                    cut += 1;
                }
                MessageState::Stopped => {
                    assert_eq!(answer.text, "", "{what}");
                    nothing += 1;
                }
                other => panic!("{other:?}, {what}"),
            }
            assert!(answer.receipt.is_some(), "{what}");
            assert_eq!(world.messages(turn.conversation()).await[1], answer);
        }
        assert!(
            whole > 0 && cut > 0 && nothing > 0,
            "{account:?}: {whole} whole, {cut} cut, {nothing} nothing"
        );
    }
}

#[tokio::test]
async fn a_trickle_is_put_together_to_the_letter() {
    let text = "Gr\u{fc}\u{df}e \u{1f375}, na\u{ef}ve!";
    let (world, proxy, key) = behind_a_proxy(ANTHROPIC).await;
    proxy.set(Line::Drip(Duration::from_micros(200)));
    world.sandbox.script(Script::answer(text));
    let mut turn = world.ask(&key, ANTHROPIC, "Greet.").await;
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Done);
    assert_eq!(answer.text, text);
}

#[tokio::test]
async fn a_dead_line_is_stopped_at_a_press_with_what_arrived() {
    let (world, proxy, key) = behind_a_proxy(OPENAI).await;
    proxy.set(Line::DeadAfter(1_500));
    world.sandbox.script(Script::answer("word ".repeat(500)));
    let mut turn = world.ask(&key, OPENAI, "Go on.").await;
    turn.visible().await;
    world.app.stop_turn(&turn.view.id);
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Stopped);
    assert!(!answer.text.is_empty());
    // The next one finds a line that works.
    proxy.set(Line::Whole);
    world.sandbox.script(Script::answer(ANSWER));
    let answer = world.ask(&key, OPENAI, "And now?").await.ended().await;
    assert_eq!(
        (answer.state, answer.text.as_str()),
        (MessageState::Done, ANSWER)
    );
}
