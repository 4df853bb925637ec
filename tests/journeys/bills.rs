//! What calls cost that did not end well: what the provider counted, what it may have billed, and never zero for what
//! nobody knows.

use std::io::Read;
use std::net::TcpListener;

use brasskey_app::chat::view::{CostView, MessageState, UnknownCostReason};
use brasskey_app::error::{Billed, ErrorCode};
use brasskey_app::keys::view::{NewEndpoint, ProviderId};
use brasskey_tests::{Fault, Script};
use secrecy::SecretString;

use crate::account::{ANTHROPIC, GEMINI, OPENAI, OPENROUTER};
use crate::streams::{asked, is_unknown, only_call};
use crate::world::World;

#[tokio::test]
async fn a_refusal_is_told_and_billed() {
    for account in [ANTHROPIC, GEMINI, OPENROUTER] {
        let (world, mut turn) = asked(account, Script::fault(Fault::Refusal)).await;
        let answer = turn.ended().await;
        let failure = answer
            .failure
            .clone()
            .unwrap_or_else(|| panic!("{account:?}: {answer:?}"));
        assert_eq!(failure.code, ErrorCode::ContentBlocked, "{account:?}");
        assert_eq!(failure.billed, Billed::Yes, "{account:?}");
        let cost = answer.receipt.unwrap().cost;
        assert!(
            matches!(cost, CostView::Known { .. }),
            "{account:?}: {cost:?}"
        );
        only_call(&world);
    }
    // Where the model declines in words of its own, these words are the answer.
    let (_world, mut turn) = asked(OPENAI, Script::fault(Fault::Refusal)).await;
    let answer = turn.ended().await;
    assert_eq!((answer.state, answer.failure), (MessageState::Done, None));
    assert!(answer.text.contains("can't help"), "{}", answer.text);
    assert!(matches!(
        answer.receipt.unwrap().cost,
        CostView::Known { .. }
    ));
}

#[tokio::test]
async fn a_question_that_was_taken_and_not_answered_may_have_been_billed() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    // Takes every request and hangs up.
    std::thread::spawn(move || {
        for connection in server.incoming().take(3) {
            let mut connection = connection.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                let mut more = [0; 4096];
                let length = connection.read(&mut more).unwrap();
                request.extend_from_slice(&more[..length]);
            }
        }
    });
    let world = World::with_own_keys().await;
    let endpoint = NewEndpoint {
        provider: ProviderId::OpenAi,
        base_url: Some(format!("http://{address}/v1")),
    };
    let pending = world
        .app
        .submit_key(&SecretString::from(OPENAI.key()), &endpoint)
        .unwrap();
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    for _ in 0..2 {
        assert_eq!(turn.waiting().await.failure.billed, Billed::Unknown);
        world.app.try_now(&turn.view.id);
    }
    let answer = turn.ended().await;
    assert_eq!(answer.failure.clone().unwrap().billed, Billed::Unknown);
    assert!(is_unknown(&answer), "{:?}", answer.receipt);
    let month = world.app.totals(None).await.unwrap().month;
    assert_eq!((&*month.amount, month.unknown), ("0", 1));
}

#[tokio::test]
async fn a_failure_that_may_have_been_billed_makes_the_cost_a_lower_bound() {
    let world = World::with_own_keys().await;
    let key = world.add_key(ANTHROPIC).await;
    // A gateway's time-out, of which nobody knows what the provider did, and then the answer.
    world.sandbox.script(Script::error("timeout"));
    let mut turn = world.ask(&key, ANTHROPIC, "Hello").await;
    assert_eq!(turn.waiting().await.failure.billed, Billed::Unknown);
    world.app.try_now(&turn.view.id);
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Done);
    let cost = answer.receipt.unwrap().cost;
    assert!(
        matches!(
            &cost,
            CostView::Unknown { reason: UnknownCostReason::EarlierTry, at_least: Some(amount) }
                if amount != "0"
        ),
        "{cost:?}"
    );
}

#[tokio::test]
async fn an_account_that_is_refused_after_the_answer_was_announced_is_billed_nothing() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::fault(Fault::ErrorInStream {
        events: 1,
        situation: "out_of_credit".into(),
    }));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    let answer = turn.ended().await;
    let failure = answer.failure.unwrap();
    assert_eq!(
        (failure.code, failure.billed, failure.begun),
        (ErrorCode::OutOfCredit, Billed::No, false)
    );
    assert_eq!(answer.receipt, None);
    let month = world.app.totals(None).await.unwrap().month;
    assert_eq!((&*month.amount, month.unknown), ("0", 0));
}
