//! Every refusal of `errors.json` as the answer to a question: the cause, what was billed, whether it goes out again.

use std::collections::BTreeMap;

use brasskey_app::chat::view::{Ask, CostView, MessageState};
use brasskey_app::error::{Billed, ErrorCode};
use brasskey_app::keys::view::{HealthView, ProviderId};
use brasskey_tests::{Fault, Script, Wire};
use serde::Deserialize;

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OLLAMA, OPENAI, OPENROUTER};
use crate::world::{World, model, now_ms};

const RESPONSES: &str = include_str!("../kit/fixtures/errors.json");
const NOTES: &str = include_str!("../kit/fixtures/errors_notes.json");

/// A response as the provider sends it.
#[derive(Deserialize)]
struct Response {
    provider: String,
    situation: String,
    status: u16,
    headers: BTreeMap<String, String>,
}

/// What it must become.
#[derive(Deserialize)]
struct Note {
    class: String,
    retry: String,
}

async fn each_refusal_of(provider: &str, account: Account) {
    let responses: Vec<Response> = serde_json::from_str(RESPONSES).unwrap();
    let notes: Vec<Note> = serde_json::from_str(NOTES).unwrap();
    let world = World::with_own_keys().await;
    let key = match account.provider {
        ProviderId::Ollama => world.add_keyless(account).await,
        _ => world.add_key(account).await,
    };
    let (mut seen, mut unknown) = (0, 0);
    for (index, (response, note)) in responses.iter().zip(&notes).enumerate() {
        if response.provider != provider {
            continue;
        }
        seen += 1;
        let what = format!("{index} {provider} {}", response.situation);
        world.sandbox.reset();
        world.sandbox.always(Script::error(index));
        let conversation = world.conversation().await;
        world
            .app
            .save_draft(Some(conversation.clone()), "Why?")
            .await
            .unwrap();
        let asked_at = now_ms();
        let mut turn = world.ask_in(&conversation, &key, account, "Why?").await;

        let is_repeated = matches!(&*note.retry, "after_delay" | "backoff");
        if is_repeated {
            for attempt in [2, 3] {
                let wait = turn.waiting().await;
                assert_eq!(wait.failure.code.as_str(), note.class, "{what}");
                assert_eq!((wait.attempt, wait.attempts), (attempt, 3), "{what}");
                // The provider's own delay where it named one.
                let least = wait.failure.retry_after_ms.unwrap_or(1);
                assert!(
                    wait.retry_at >= asked_at + i64::try_from(least).unwrap(),
                    "{what}"
                );
                if let Some(seconds) = response.headers.get("retry-after")
                    && !response.headers.contains_key("retry-after-ms")
                {
                    let asked_for = seconds.parse::<u64>().unwrap() * 1_000;
                    assert_eq!(wait.failure.retry_after_ms, Some(asked_for), "{what}");
                }
                world.app.try_now(&turn.view.id);
            }
        }
        let answer = turn.ended().await;
        assert_eq!(
            world.calls().len(),
            if is_repeated { 3 } else { 1 },
            "{what}"
        );

        let failure = answer
            .failure
            .clone()
            .unwrap_or_else(|| panic!("{what} is a failure"));
        assert_eq!(answer.state, MessageState::Failed, "{what}");
        assert_eq!(failure.code.as_str(), note.class, "{what}");
        assert_eq!(failure.status, Some(response.status), "{what}");
        let retry = serde_json::to_value(failure.retry).unwrap();
        assert_eq!(retry, note.retry.as_str(), "{what}");
        let request_id = ["x-request-id", "request-id", "x-generation-id"]
            .into_iter()
            .find_map(|name| response.headers.get(name));
        if let Some(request_id) = request_id {
            assert_eq!(failure.request_id.as_ref(), Some(request_id), "{what}");
        }

        // A refusal costs nothing; of a timeout nobody knows.
        let month = world.app.totals(None).await.unwrap().month;
        if failure.code == ErrorCode::Timeout {
            assert_eq!(failure.billed, Billed::Unknown, "{what}");
            let cost = answer.receipt.clone().map(|receipt| receipt.cost);
            assert!(
                matches!(cost, Some(CostView::Unknown { .. })),
                "{what}: {cost:?}"
            );
        } else {
            assert_eq!(failure.billed, Billed::No, "{what}");
            assert_eq!(answer.receipt, None, "{what}: there is nothing to show");
        }
        unknown += u32::from(failure.code == ErrorCode::Timeout);
        assert_eq!(month.unknown, unknown, "{what}");

        // Question and failure are kept as they were shown.
        let kept = world.messages(&conversation).await;
        assert_eq!(kept, [turn.view.question.clone(), answer.clone()], "{what}");

        // And the same question goes through as soon as the provider lets it.
        world.sandbox.reset();
        world.sandbox.always(Script::answer("Because."));
        let again = Ask::Again {
            answer_id: answer.id.clone(),
        };
        let mut turn = world.send(again, model(&key, account.model)).await.unwrap();
        let answer = turn.ended().await;
        assert_eq!(answer.state, MessageState::Done, "{what}");
        unknown += u32::from(key.last4.is_some() && account.wire == Wire::Compatible);
        assert_eq!(answer.versions.len(), 2, "{what}");
        let health = &world.app.keys().await.unwrap().keys[0].health;
        assert!(
            matches!(health, HealthView::Working { .. }),
            "{what}: {health:?}"
        );
    }
    assert!(seen > 0, "{provider} has no responses");
}

#[tokio::test]
async fn every_refusal_of_openai() {
    each_refusal_of("openai", OPENAI).await;
}

#[tokio::test]
async fn every_refusal_of_anthropic() {
    each_refusal_of("anthropic", ANTHROPIC).await;
}

#[tokio::test]
async fn every_refusal_of_gemini() {
    each_refusal_of("gemini", GEMINI).await;
}

#[tokio::test]
async fn every_refusal_of_openrouter() {
    each_refusal_of("openrouter", OPENROUTER).await;
}

#[tokio::test]
async fn every_refusal_of_a_compatible_endpoint() {
    each_refusal_of("openai_compatible", COMPATIBLE).await;
}

#[tokio::test]
async fn every_refusal_of_a_server_on_this_computer() {
    each_refusal_of("ollama", OLLAMA).await;
    each_refusal_of("vllm", OLLAMA).await;
}

#[tokio::test]
async fn a_key_without_money_says_so_until_an_answer_shows_otherwise() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::error("out_of_credit"));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    let failure = turn.ended().await.failure.unwrap();
    let health = || async { world.app.keys().await.unwrap().keys[0].health.clone() };
    assert_eq!(health().await, HealthView::Failing { failure });
    // Its models are not out of use for it: funds come back, and quotas are often one model's alone.
    let group = || async { world.app.models().await.unwrap().remove(0) };
    assert_eq!(group().await.unavailable, None);
    assert_eq!(group().await.trouble.unwrap().code, ErrorCode::OutOfCredit);
    let mut turn = world.ask(&key, OPENAI, "Hello again").await;
    turn.ended().await;
    assert!(matches!(health().await, HealthView::Working { .. }));
    assert_eq!(group().await.trouble, None);
}

#[tokio::test]
async fn a_revoked_key_is_out_of_use_until_it_is_replaced_or_checked() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::error("key_invalid"));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    assert_eq!(turn.ended().await.failure.unwrap().tries, 1);
    let group = world.app.models().await.unwrap().remove(0);
    assert_eq!(group.unavailable.unwrap().code, ErrorCode::KeyInvalid);
    assert_eq!(group.trouble, None);
}

#[tokio::test]
async fn a_wait_ends_by_itself() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::fault(Fault::RateLimitedOnce {
        retry_after: std::time::Duration::from_secs(1),
    }));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    let wait = turn.waiting().await;
    assert_eq!(wait.failure.code, ErrorCode::RateLimited);
    assert_eq!(wait.failure.retry_after_ms, Some(1_000));
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Done);
    let calls = world.calls();
    assert_eq!(calls.len(), 2);
    assert!(
        calls[1].at - calls[0].at >= std::time::Duration::from_secs(1),
        "not before its time"
    );
    assert_eq!(calls[0].body, calls[1].body, "the same request");
}

#[tokio::test]
async fn a_wait_can_be_stopped_and_has_cost_nothing() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.always(Script::fault(Fault::RateLimitedOnce {
        retry_after: std::time::Duration::from_secs(60),
    }));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    turn.waiting().await;
    world.app.stop_turn(&turn.view.id);
    let answer = turn.ended().await;
    assert_eq!(answer.state, MessageState::Stopped);
    assert_eq!(world.calls().len(), 1);
    let month = world.app.totals(None).await.unwrap().month;
    assert_eq!(
        (&*month.amount, month.unknown),
        ("0", 0),
        "the provider had refused"
    );
    assert_eq!(answer.receipt, None);
}

#[tokio::test]
async fn trying_now_ends_one_wait_and_not_the_next() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.always(Script::error("rate_limited_ramp"));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    assert_eq!(turn.waiting().await.attempt, 2);
    // An impatient hand.
    for _ in 0..3 {
        world.app.try_now(&turn.view.id);
    }
    assert_eq!(turn.waiting().await.attempt, 3);
    let more = tokio::time::timeout(std::time::Duration::from_millis(300), turn.next()).await;
    assert!(
        more.is_err(),
        "the second wait lasts twenty seconds, but then came {more:?}"
    );
    world.app.stop_turn(&turn.view.id);
    assert_eq!(turn.ended().await.state, MessageState::Stopped);
    assert_eq!(world.calls().len(), 2);
}

#[tokio::test]
async fn a_delay_of_more_than_five_minutes_is_told_and_not_waited_for() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::fault(Fault::RateLimitedOnce {
        retry_after: std::time::Duration::from_secs(301),
    }));
    let mut turn = world.ask(&key, OPENAI, "Hello").await;
    let failure = turn.ended().await.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::RateLimited);
    assert_eq!(failure.retry_after_ms, Some(301_000));
    assert_eq!(world.calls().len(), 1);
}
