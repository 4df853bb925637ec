//! The key form: what a check may say, what may be saved after it, and where a key may go at all.

use std::net::TcpListener;
use std::time::Duration;

use brasskey_app::error::{Error, ErrorCode, ErrorView, FailureView};
use brasskey_app::keys::view::{CheckView, HealthView, NewEndpoint, PendingView, ProviderId};
use brasskey_tests::Fault;
use secrecy::SecretString;

use crate::account::{ANTHROPIC, Account, COMPATIBLE, GEMINI, OPENAI, OPENROUTER};
use crate::world::World;

/// Submits and checks a key that makes the provider behave so.
pub(crate) async fn check(world: &World, account: Account, key: &str) -> (PendingView, CheckView) {
    let pending = world.submit(account, key);
    let check = world.check(account, &pending).await;
    (pending, check)
}

pub(crate) fn failed(check: CheckView) -> (FailureView, bool) {
    match check {
        CheckView::Failed { failure, savable } => (failure, savable),
        other => panic!("a failure was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn a_key_that_the_provider_does_not_know_is_not_saved() {
    for account in [OPENAI, ANTHROPIC, GEMINI, OPENROUTER, COMPATIBLE] {
        let world = World::with_own_keys().await;
        let (pending, check) = check(&world, account, "sk-somebody-elses-0123456789abcdef").await;
        let (failure, savable) = failed(check);
        assert_eq!(failure.code, ErrorCode::KeyInvalid, "{account:?}");
        assert!(!savable);
        let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
        assert_eq!(refusal.code(), ErrorCode::KeyInvalid);
        let view = ErrorView::from(refusal);
        assert_eq!(view.failure, Some(failure), "the refusal says why");
        assert!(world.app.keys().await.unwrap().keys.is_empty());
    }
}

#[tokio::test]
async fn keys_of_another_kind_and_disabled_keys_are_not_saved() {
    let world = World::with_own_keys().await;
    for (account, key, code) in [
        (
            OPENROUTER,
            OPENROUTER.key_that("management"),
            ErrorCode::KeyWrongKind,
        ),
        (
            ANTHROPIC,
            "sk-ant-admin01-0123456789abcdef".to_owned(),
            ErrorCode::KeyWrongKind,
        ),
        (
            ANTHROPIC,
            ANTHROPIC.key_that("key_expired"),
            ErrorCode::KeyExpired,
        ),
        (
            GEMINI,
            GEMINI.key_that("key_leaked"),
            ErrorCode::KeyDisabled,
        ),
    ] {
        let (pending, check) = check(&world, account, &key).await;
        let (failure, savable) = failed(check);
        assert_eq!((failure.code, savable), (code, false), "{key}");
        assert_eq!(
            world
                .app
                .save_key(&pending.id, "")
                .await
                .unwrap_err()
                .code(),
            code
        );
    }
    assert!(world.app.keys().await.unwrap().keys.is_empty());
}

#[tokio::test]
async fn a_key_that_may_work_later_can_be_saved_with_what_is_known() {
    let world = World::with_own_keys().await;
    for (account, behaviour, code) in [
        (OPENAI, "out_of_credit", ErrorCode::OutOfCredit),
        (ANTHROPIC, "out_of_credit", ErrorCode::OutOfCredit),
        (OPENROUTER, "spend_limit_key", ErrorCode::SpendLimit),
        (GEMINI, "list_only", ErrorCode::PermissionMissing),
        (GEMINI, "region_unsupported", ErrorCode::RegionUnsupported),
    ] {
        let (pending, check) = check(&world, account, &account.key_that(behaviour)).await;
        let (failure, savable) = failed(check);
        assert_eq!((failure.code, savable), (code, true), "{behaviour}");
        let key = world.app.save_key(&pending.id, behaviour).await.unwrap();
        assert_eq!(
            key.health,
            HealthView::Failing {
                failure: failure.clone()
            }
        );
        // It is told beside its models, which may be asked all the same.
        let groups = world.app.models().await.unwrap();
        let group = groups.last().unwrap();
        assert_eq!(
            (&group.unavailable, &group.trouble),
            (&None, &Some(failure))
        );
    }
}

#[tokio::test]
async fn a_key_that_could_not_be_checked_now_is_saved_as_unchecked() {
    let world = World::with_own_keys().await;
    for (account, behaviour, code) in [
        (OPENAI, "rate_limited_requests", ErrorCode::RateLimited),
        (ANTHROPIC, "overloaded", ErrorCode::Overloaded),
    ] {
        let (pending, check) = check(&world, account, &account.key_that(behaviour)).await;
        let (failure, savable) = failed(check);
        assert_eq!((failure.code, savable), (code, true), "{behaviour}");
        let key = world.app.save_key(&pending.id, behaviour).await.unwrap();
        assert_eq!(key.health, HealthView::Unchecked);
        assert_eq!(key.last_checked_at, None, "and never checked");
        let groups = world.app.models().await.unwrap();
        assert_eq!(groups.last().unwrap().unavailable, None);
    }
}

#[tokio::test]
async fn a_key_whose_provider_cannot_be_reached_can_be_saved() {
    let world = World::with_own_keys().await;
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = NewEndpoint {
        provider: ProviderId::OpenAi,
        base_url: Some(format!("http://{nobody}/v1")),
    };
    let pending = world
        .app
        .submit_key(&SecretString::from(OPENAI.key()), &endpoint)
        .unwrap();
    let check = world
        .app
        .check_pending(&pending.id, &endpoint, false)
        .await
        .unwrap();
    let (failure, savable) = failed(check);
    assert_eq!(failure.code, ErrorCode::ProxyOrNetwork);
    assert_eq!(failure.provider_code.as_deref(), Some("not_running"));
    assert!(savable);
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert!(!matches!(key.health, HealthView::Working { .. }));
}

#[tokio::test]
async fn a_key_can_be_saved_without_a_check_and_is_then_called_unchecked() {
    let world = World::with_own_keys().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert_eq!(key.health, HealthView::Unchecked);
    assert_eq!(key.last_checked_at, None);
    assert!(world.sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_web_page_instead_of_an_answer_is_the_networks_fault() {
    let world = World::with_own_keys().await;
    for account in [OPENAI, ANTHROPIC, GEMINI, OPENROUTER, COMPATIBLE] {
        let (_, check) = check(&world, account, &account.key_that("captive")).await;
        let (failure, savable) = failed(check);
        assert_eq!(failure.code, ErrorCode::ProxyOrNetwork, "{account:?}");
        assert!(savable);
    }
}

#[tokio::test]
async fn answers_that_never_end_or_make_no_sense_are_no_proof() {
    let world = World::with_own_keys().await;
    for fault in [
        Fault::Endless,
        Fault::Garbage,
        Fault::CutAfter { events: 0 },
    ] {
        world.sandbox.script_check(fault.clone());
        let (_, check) = check(&world, OPENAI, OPENAI.key()).await;
        let (failure, savable) = failed(check);
        assert_eq!(failure.code, ErrorCode::ProxyOrNetwork, "{fault:?}");
        assert!(savable);
    }
}

#[tokio::test]
async fn a_check_can_be_stopped_and_begun_again() {
    let world = World::with_own_keys().await;
    world.sandbox.script_check(Fault::Silence);
    let pending = world.submit(OPENAI, OPENAI.key());
    let stop = async {
        world
            .sandbox
            .wait_until(|seen| seen.len() == 1)
            .await
            .unwrap();
        world.app.stop_check(&pending.id);
    };
    let (check, ()) = tokio::join!(world.check(OPENAI, &pending), stop);
    assert_eq!(check, CheckView::Stopped);
    world
        .sandbox
        .wait_until(|seen| seen[0].cancelled)
        .await
        .unwrap();
    let check = world.check(OPENAI, &pending).await;
    assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
}

#[tokio::test]
async fn a_second_check_takes_the_place_of_the_first() {
    let world = World::with_own_keys().await;
    world.sandbox.script_check(Fault::Silence);
    let pending = world.submit(OPENAI, OPENAI.key());
    let again = async {
        world
            .sandbox
            .wait_until(|seen| seen.len() == 1)
            .await
            .unwrap();
        world.check(OPENAI, &pending).await
    };
    let (first, second) = tokio::join!(world.check(OPENAI, &pending), again);
    assert_eq!(first, CheckView::Stopped);
    assert!(matches!(second, CheckView::Works { .. }), "{second:?}");
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert!(matches!(key.health, HealthView::Working { .. }));
}

#[tokio::test]
async fn nothing_entered_is_no_key_and_a_cancelled_one_is_gone() {
    let world = World::with_own_keys().await;
    let nothing = world
        .app
        .submit_key(&SecretString::from(" \n"), &world.endpoint(OPENAI));
    assert!(matches!(nothing, Err(Error::KeyEmpty)));
    let pending = world.submit(OPENAI, OPENAI.key());
    world.app.cancel_pending(&pending.id);
    gone(&world, &pending).await;
}

#[tokio::test]
async fn a_key_that_is_entered_before_its_address_waits_for_it() {
    let world = World::with_own_keys().await;
    for early in [None, Some("http"), Some("http://models.example.com/v1")] {
        let early = NewEndpoint {
            provider: COMPATIBLE.provider,
            base_url: early.map(str::to_owned),
        };
        let pending = world
            .app
            .submit_key(&SecretString::from(COMPATIBLE.key()), &early)
            .unwrap();
        assert_eq!(pending.last4.as_deref(), Some("CO04"));
        let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
        assert_eq!(refusal.code(), ErrorCode::BaseUrlInvalid);
        let refusal = world.app.check_pending(&pending.id, &early, false).await;
        assert_eq!(refusal.unwrap_err().code(), ErrorCode::BaseUrlInvalid);
        assert!(world.sandbox.requests().is_empty());

        let check = world.check(COMPATIBLE, &pending).await;
        assert!(matches!(check, CheckView::Works { .. }), "{check:?}");
        let key = world.app.save_key(&pending.id, "").await.unwrap();
        assert_eq!(Some(key.base_url), world.endpoint(COMPATIBLE).base_url);
        world.app.remove_key(&key.id).await.unwrap();
        world.sandbox.reset();
    }
}

#[tokio::test]
async fn a_key_is_not_saved_for_an_address_that_is_no_longer_entered() {
    let world = World::with_own_keys().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    let spoiled = NewEndpoint {
        provider: OPENAI.provider,
        base_url: Some("https:/".to_owned()),
    };
    let check = world.app.check_pending(&pending.id, &spoiled, false).await;
    assert_eq!(check.unwrap_err().code(), ErrorCode::BaseUrlInvalid);
    let refusal = world.app.save_key(&pending.id, "").await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::BaseUrlInvalid);
    assert!(world.app.keys().await.unwrap().keys.is_empty());
}

#[tokio::test]
async fn a_key_is_saved_once_however_often_save_is_pressed() {
    let world = World::with_own_keys().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    let (one, two) = tokio::join!(
        world.app.save_key(&pending.id, ""),
        world.app.save_key(&pending.id, "")
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.app.keys().await.unwrap().keys.len(), 1);
}

#[tokio::test]
async fn a_key_that_nobody_saved_is_wiped_after_ten_minutes() {
    let world = World::with_own_keys().await;
    // Tokio's clock alone is moved; nothing but the wipe waits on it here.
    tokio::time::pause();
    let pending = world.submit(OPENAI, OPENAI.key());
    tokio::task::yield_now().await;
    tokio::time::advance(Duration::from_secs(599)).await;
    tokio::task::yield_now().await;
    world.app.stop_check(&pending.id);
    let still_there = world
        .app
        .check_pending(&pending.id, &elsewhere_openai(), false)
        .await;
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::task::yield_now().await;
    tokio::time::resume();
    assert!(
        matches!(still_there, Ok(CheckView::WrongProvider { .. })),
        "{still_there:?}"
    );
    gone(&world, &pending).await;
    assert!(world.sandbox.requests().is_empty());
}

/// Another provider's own address: asking about a key there answers without sending it.
fn elsewhere_openai() -> NewEndpoint {
    NewEndpoint {
        provider: ProviderId::Anthropic,
        base_url: None,
    }
}

async fn gone(world: &World, pending: &PendingView) {
    let check = world
        .app
        .check_pending(&pending.id, &world.endpoint(OPENAI), false)
        .await;
    assert!(matches!(check, Err(Error::PendingExpired)));
    let saved = world.app.save_key(&pending.id, "").await;
    assert!(matches!(saved, Err(Error::PendingExpired)));
}
