//! Streams that end otherwise than they should: what arrived is kept, what it cost is said as far as it is known, and
//! nothing is asked twice once something was on screen.

use std::net::TcpListener;
use std::time::Duration;

use brasskey_app::chat::view::{
    CostView, EndingView, MessageState, MessageView, TurnEvent, UnknownCostReason,
};
use brasskey_app::error::{Billed, ErrorCode};
use brasskey_tests::sandbox::MARKDOWN;
use brasskey_tests::{Fault, Recorded, Script};

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OLLAMA, OPENAI, OPENROUTER};
use crate::turn::Turn;
use crate::world::World;

const PROVIDERS: [Account; 5] = [OPENAI, ANTHROPIC, GEMINI, OPENROUTER, COMPATIBLE];

/// Long enough to be interrupted, slow enough to be seen.
fn slowly() -> Script {
    Script {
        tokens_per_second: Some(100),
        ..Script::answer("word ".repeat(5_000))
    }
}

pub(crate) async fn asked(account: Account, script: Script) -> (World, Turn) {
    let world = World::with_own_keys().await;
    let key = world.add_key(account).await;
    world.sandbox.script(script);
    let turn = world.ask(&key, account, "Go on.").await;
    (world, turn)
}

/// The only model call.
pub(crate) fn only_call(world: &World) -> Recorded {
    let mut calls = world.calls();
    assert_eq!(calls.len(), 1, "nothing was asked twice");
    calls.remove(0)
}

pub(crate) fn is_unknown(answer: &MessageView) -> bool {
    let cost = &answer
        .receipt
        .as_ref()
        .expect("every call has a receipt")
        .cost;
    matches!(
        cost,
        CostView::Unknown {
            reason: UnknownCostReason::NoUsage | UnknownCostReason::PartialUsage,
            ..
        }
    )
}

#[tokio::test]
async fn thinking_is_kept_apart_from_the_answer() {
    for account in [OPENAI, ANTHROPIC, GEMINI, OPENROUTER] {
        let script = Script {
            thinking: Some("First the water, then the leaves.".to_owned()),
            ..Script::answer("Two minutes.")
        };
        let (world, mut turn) = asked(account, script).await;
        let answer = turn.ended().await;
        assert_eq!(
            answer.thinking, "First the water, then the leaves.",
            "{account:?}"
        );
        assert_eq!(answer.text, "Two minutes.");
        let tokens = answer.receipt.clone().unwrap().tokens.unwrap();
        assert!(tokens.reasoning > 0 && tokens.reasoning < tokens.output);
        assert_eq!(world.messages(turn.conversation()).await[1], answer);
    }
}

#[tokio::test]
async fn stopping_cancels_the_call_and_keeps_what_arrived() {
    for account in PROVIDERS {
        let (world, mut turn) = asked(account, slowly()).await;
        turn.visible().await;
        world.app.stop_turn(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Stopped, "{account:?}");
        assert_eq!(answer.failure, None);
        let call = world
            .sandbox
            .wait_until(|seen| seen.last().unwrap().cancelled)
            .await
            .unwrap();
        let sent = &call.last().unwrap().text_sent;
        assert!(
            !answer.text.is_empty() && sent.starts_with(&answer.text),
            "{account:?}"
        );
        assert!(is_unknown(&answer), "{:?}", answer.receipt);
        assert_eq!(world.messages(turn.conversation()).await[1], answer);
        // Stopping what has ended is no error.
        world.app.stop_turn(&turn.view.id);
        only_call(&world);
    }
}

#[tokio::test]
async fn stopping_before_the_first_word_cancels_the_call() {
    let (world, mut turn) = asked(OPENAI, Script::fault(Fault::Silence)).await;
    world
        .sandbox
        .wait_until(|seen| seen.last().unwrap().method == "POST")
        .await
        .unwrap();
    world.app.stop_turn(&turn.view.id);
    let answer = turn.ended().await;
    assert_eq!((answer.state, &*answer.text), (MessageState::Stopped, ""));
    world
        .sandbox
        .wait_until(|seen| seen.last().unwrap().cancelled)
        .await
        .unwrap();
    assert!(
        is_unknown(&answer),
        "the provider may bill for what it began"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_kept_and_not_asked_again() {
    for account in PROVIDERS {
        for fault in [Fault::CutAfter { events: 40 }, Fault::NoTerminalEvent] {
            let (world, mut turn) = asked(account, Script::fault(fault.clone())).await;
            let answer = turn.ended().await;
            let what = format!("{account:?} {fault:?}");
            assert_eq!(answer.state, MessageState::Failed, "{what}");
            let failure = answer.failure.clone().unwrap();
            assert_eq!(failure.code, ErrorCode::StreamBroken, "{what}");
            assert_ne!(failure.billed, Billed::No, "{what}");
            assert!(
                !answer.text.is_empty() && MARKDOWN.starts_with(&answer.text),
                "{what}"
            );
            assert_eq!(
                answer.text,
                only_call(&world).text_sent,
                "{what}: nothing was lost"
            );
            assert_eq!(world.messages(turn.conversation()).await[1], answer);
        }
    }
}

#[tokio::test]
async fn a_stream_of_nonsense_is_broken_and_keeps_what_made_sense() {
    for account in PROVIDERS {
        let (world, mut turn) = asked(account, Script::fault(Fault::Garbage)).await;
        // Whether it goes out again depends on whether anything was visible; either way it ends.
        let answer = loop {
            match turn.next().await {
                brasskey_app::chat::view::TurnEvent::Waiting { .. } => {
                    world.app.stop_turn(&turn.view.id);
                }
                brasskey_app::chat::view::TurnEvent::Ended { answer } => break *answer,
                _ => {}
            }
        };
        assert_ne!(answer.state, MessageState::Done, "{account:?}");
    }
}

#[tokio::test]
async fn one_event_that_never_ends_is_given_up() {
    let (world, mut turn) = asked(OPENAI, Script::fault(Fault::EndlessEvent)).await;
    let wait = turn.waiting().await;
    assert_eq!(wait.failure.code, ErrorCode::StreamBroken);
    world.app.stop_turn(&turn.view.id);
    turn.ended().await;
}

#[tokio::test]
async fn a_stalled_answer_can_be_stopped() {
    for account in [OPENAI, ANTHROPIC, GEMINI] {
        let (world, mut turn) =
            asked(account, Script::fault(Fault::StallAfter { events: 40 })).await;
        turn.visible().await;
        world.app.stop_turn(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Stopped);
        world
            .sandbox
            .wait_until(|seen| seen.last().unwrap().cancelled)
            .await
            .unwrap();
        assert!(MARKDOWN.starts_with(&answer.text));
    }
}

#[tokio::test]
async fn an_endless_answer_can_be_stopped() {
    let (world, mut turn) = asked(ANTHROPIC, Script::fault(Fault::Endless)).await;
    while turn.text.len() < 2 * MARKDOWN.len() {
        turn.visible().await;
    }
    world.app.stop_turn(&turn.view.id);
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Stopped);
    world
        .sandbox
        .wait_until(|seen| seen.last().unwrap().cancelled)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_error_in_the_middle_of_an_answer_is_never_followed_by_another_call() {
    for account in PROVIDERS {
        let fault = Fault::ErrorInStream {
            events: 40,
            situation: "overloaded".into(),
        };
        let (world, mut turn) = asked(account, Script::fault(fault)).await;
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Failed, "{account:?}");
        let failure = answer.failure.unwrap();
        assert_eq!(failure.code, ErrorCode::Overloaded, "{account:?}");
        assert_ne!(failure.billed, Billed::No, "{account:?}");
        assert!(MARKDOWN.starts_with(&answer.text) && !answer.text.is_empty());
        only_call(&world);
    }
}

#[tokio::test]
async fn an_error_before_the_first_word_goes_out_again() {
    for account in PROVIDERS {
        let fault = Fault::ErrorInStream {
            events: 0,
            situation: "overloaded".into(),
        };
        let (world, mut turn) = asked(account, Script::fault(fault)).await;
        let wait = turn.waiting().await;
        assert_eq!(wait.failure.code, ErrorCode::Overloaded, "{account:?}");
        assert_eq!(wait.failure.status, Some(200), "{account:?}");
        world.app.try_now(&turn.view.id);
        let answer = turn.ended().await;
        assert_eq!(
            (answer.state, &*answer.text),
            (MessageState::Done, MARKDOWN),
            "{account:?}"
        );
        assert_eq!(world.calls().len(), 2);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_web_page_is_no_answer() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    for account in PROVIDERS {
        let redirect = Fault::Redirect {
            status: 307,
            to: format!("http://{}/", elsewhere.local_addr().unwrap()),
        };
        let (world, mut turn) = asked(account, Script::fault(redirect)).await;
        let failure = turn.ended().await.failure.unwrap();
        assert_eq!(failure.code, ErrorCode::ProxyOrNetwork, "{account:?}");
        assert_eq!(failure.provider_code.as_deref(), Some("redirected"));
        only_call(&world);

        let (world, mut turn) = asked(account, Script::fault(Fault::Html200)).await;
        assert_eq!(
            turn.waiting().await.failure.code,
            ErrorCode::ProxyOrNetwork,
            "{account:?}"
        );
        world.app.stop_turn(&turn.view.id);
        turn.ended().await;
    }
    assert!(elsewhere.accept().is_err());
}

#[tokio::test]
async fn an_echo_of_the_key_is_cut_out_of_what_the_provider_said() {
    for account in PROVIDERS {
        let (world, mut turn) = asked(account, Script::fault(Fault::KeyEcho)).await;
        let failure = turn.ended().await.failure.unwrap();
        let said = failure.provider_message.unwrap();
        assert!(said.contains("[redacted]"), "{said}");
        assert!(!said.contains("sandbox"), "{said}");
        only_call(&world);
    }
}

#[tokio::test]
async fn a_server_that_wants_no_stream_options_is_asked_without() {
    let (world, mut turn) = asked(COMPATIBLE, Script::fault(Fault::NoStreamOptions)).await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
    assert_eq!(world.calls().len(), 2);
    let world = World::fresh().await;
    let key = world.add_keyless(OLLAMA).await;
    world.sandbox.script(Script::fault(Fault::NoStreamOptions));
    assert_eq!(
        world.ask(&key, OLLAMA, "Hi").await.ended().await.state,
        MessageState::Done
    );
}

#[tokio::test]
async fn a_long_answer_arrives_whole() {
    let text = "Zeile mit Umlauten: äöü 🍵\n".repeat(3_000);
    let (world, mut turn) = asked(GEMINI, Script::answer(text.clone())).await;
    let answer = turn.ended().await;
    assert_eq!(answer.text, text);
    assert_eq!(world.messages(turn.conversation()).await[1].text, text);
    let waited = answer.receipt.unwrap();
    assert!(
        Duration::from_millis(waited.duration_ms)
            >= Duration::from_millis(waited.first_token_ms.unwrap())
    );
}

#[tokio::test]
async fn an_answer_that_reached_its_limit_says_so() {
    for account in PROVIDERS {
        let script = Script {
            longest: Some(3),
            ..Script::answer("One word after the other.")
        };
        let (world, mut turn) = asked(account, script).await;
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Done, "{account:?}");
        assert_eq!(answer.text, "One word aft");
        assert_eq!(answer.ending, Some(EndingView::Length), "{account:?}");
        assert_eq!(world.messages(turn.conversation()).await[1], answer);
        // The next one is whole.
        let key = world.app.keys().await.unwrap().keys.remove(0);
        let mut turn = world.ask(&key, account, "Go on.").await;
        assert_eq!(turn.ended().await.ending, None);
    }
}

#[tokio::test]
async fn what_an_answer_cost_so_far_grows_with_its_text() {
    // Anthropic counts a few tokens at the start and the rest at the end.
    for account in [OPENAI, ANTHROPIC, GEMINI, OPENROUTER] {
        let (world, mut turn) = asked(account, slowly()).await;
        let mut costs = Vec::new();
        let mut is_estimate = false;
        while costs.len() < 3 {
            if let TurnEvent::Delta {
                cost_so_far,
                cost_is_estimate,
                ..
            } = turn.next().await
            {
                let cost: f64 = cost_so_far.expect("a price is known").parse().unwrap();
                costs.push(cost);
                is_estimate = cost_is_estimate;
            }
        }
        // Gemini counts along; the others leave it to the text until the end.
        assert_eq!(is_estimate, account != GEMINI, "{account:?}");
        world.app.stop_turn(&turn.view.id);
        assert!(
            costs.windows(2).all(|pair| pair[0] < pair[1]),
            "{account:?}: {costs:?}"
        );
        turn.ended().await;
    }
}
