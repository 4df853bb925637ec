//! Quitting, crashing and starting again: everything is there, and nothing is there twice.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use brasskey_app::App;
use brasskey_app::billing::view::BillingMode;
use brasskey_app::chat::view::{CostView, MessageState, NewTurn, UnknownCostReason};
use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::keys::view::NewEndpoint;
use brasskey_ledger::LedgerError;
use brasskey_tests::{Fault, Platform, PlatformOptions, Sandbox, Script};
use tempfile::TempDir;

use crate::account::OPENAI;
use crate::again;
use crate::world::{World, accept_terms, model, no_platform, question, session_vault, settings};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let project = world.app.create_project("Tea").await.unwrap();
    let conversation = world
        .app
        .create_conversation(Some(project.id))
        .await
        .unwrap()
        .id;
    world
        .ask_in(&conversation, &key, OPENAI, "One")
        .await
        .ended()
        .await;
    world
        .app
        .save_draft(Some(conversation.clone()), "Half a thought")
        .await
        .unwrap();
    world.app.save_draft(None, "Another").await.unwrap();
    let before = world.app.open_conversation(&conversation).await.unwrap();
    let (keys, workspace) = (
        world.app.keys().await.unwrap().keys,
        world.app.workspace().await.unwrap(),
    );
    let (billing, models) = (
        world.app.billing().await.unwrap(),
        world.app.models().await.unwrap(),
    );
    let totals = world.app.totals(Some(&conversation)).await.unwrap();

    let world = world.restarted().await;
    assert_eq!(
        world.app.open_conversation(&conversation).await.unwrap(),
        before
    );
    let found: Vec<_> = world.app.keys().await.unwrap().keys;
    assert_eq!(found[..keys.len()], keys);
    assert_eq!(world.app.workspace().await.unwrap(), workspace);
    assert_eq!(world.app.billing().await.unwrap(), billing);
    assert_eq!(world.app.models().await.unwrap()[..models.len()], models);
    assert_eq!(world.app.totals(Some(&conversation)).await.unwrap(), totals);
    assert_eq!(world.app.draft(None).await.unwrap(), "Another");
    // And it goes on.
    let mut turn = world.ask_in(&conversation, &key, OPENAI, "Two").await;
    assert_eq!(turn.ended().await.state, MessageState::Done);
    assert_eq!(world.messages(&conversation).await.len(), 4);
}

#[tokio::test]
async fn quitting_stops_the_running_answer_and_keeps_what_arrived() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    world
        .sandbox
        .script(Script::fault(Fault::StallAfter { events: 40 }));
    let mut streaming = world.ask(&key, OPENAI, "One").await;
    streaming.visible().await;
    world.sandbox.script(Script::error("rate_limited_ramp"));
    let mut waiting = world.ask(&key, OPENAI, "Two").await;
    waiting.waiting().await;
    let world = world.restarted().await;
    for (turn, text) in [(&streaming, &*streaming.text), (&waiting, "")] {
        let answer = world.messages(turn.conversation()).await.remove(1);
        assert_eq!(answer.state, MessageState::Stopped);
        assert!(answer.text.starts_with(text));
    }
    world
        .sandbox
        .wait_until(|seen| seen.iter().any(|request| request.cancelled))
        .await
        .unwrap();
    assert_eq!(world.calls().len(), 2, "nothing goes out again by itself");
}

#[tokio::test]
async fn a_second_brasskey_on_the_same_data_is_refused() {
    let world = World::with_own_keys().await;
    let database = world.folder().join("brasskey.db");
    let second = App::open(&database, session_vault(), no_platform()).await;
    let refusal = second.err().unwrap();
    assert!(
        matches!(refusal, Error::Storage(LedgerError::InUse)),
        "{refusal:?}"
    );
    assert_eq!(refusal.code(), ErrorCode::Storage);
}

const ADDRESS: &str = "BRASSKEY_JOURNEY_PROVIDER";
const FOLDER: &str = "BRASSKEY_JOURNEY_FOLDER";
const PLATFORM: &str = "BRASSKEY_JOURNEY_PLATFORM";
const ROOTS: &str = "BRASSKEY_JOURNEY_ROOTS";

#[tokio::test]
async fn killed_in_the_middle_of_an_answer_it_keeps_what_arrived_and_counts_it_once() {
    if again::is_second() {
        return answer_until_killed().await;
    }
    let folder = TempDir::new().unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let platform = Platform::start(PlatformOptions::default()).unwrap();
    sandbox.script(Script::fault(Fault::StallAfter { events: 60 }));
    let mut child = again::command(
        &[],
        "restart::killed_in_the_middle_of_an_answer_it_keeps_what_arrived_and_counts_it_once",
    )
    .env(ADDRESS, sandbox.base_url(OPENAI.wire))
    .env(FOLDER, folder.path())
    .env(PLATFORM, platform.url())
    .env(ROOTS, platform.roots())
    .stdout(std::process::Stdio::null())
    .spawn()
    .unwrap();
    let on_disk = read_when_there(&folder.path().join("on-disk")).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let (conversation, text) = on_disk.split_once('\n').unwrap();
    assert!(!text.is_empty());

    let database = folder.path().join("brasskey.db");
    for start in 1..=2 {
        let app = App::open(&database, session_vault(), no_platform())
            .await
            .unwrap();
        let kept = app.open_conversation(conversation).await.unwrap();
        let [question, answer] = &kept.messages[..] else {
            panic!("start {start}: {:?}", kept.messages);
        };
        assert_eq!(question.text, "Go on");
        assert_eq!(answer.state, MessageState::Interrupted);
        assert!(
            answer.text.starts_with(text),
            "what was on the disk is kept"
        );
        assert_eq!(kept.turn_id, None);
        let receipt = answer.receipt.as_ref().expect("it may have been billed");
        let unknown = CostView::Unknown {
            reason: UnknownCostReason::NoUsage,
            at_least: None,
        };
        assert_eq!(receipt.cost, unknown);
        let totals = app.totals(Some(conversation)).await.unwrap();
        assert_eq!(
            (totals.month.unknown, totals.conversation.unwrap().unknown),
            (1, 1),
            "start {start}"
        );
        app.quit().await;
    }
    let calls = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST");
    assert_eq!(calls.count(), 1, "nothing goes out again by itself");
}

/// The process that is killed: asks, and tells through a file what is on the disk already.
async fn answer_until_killed() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let named = |name: &str| std::env::var(name).unwrap();
    let platform = settings(&named(PLATFORM), &named(ROOTS));
    let database = folder.join("brasskey.db");
    let app = App::open(&database, session_vault(), platform)
        .await
        .unwrap();
    app.refresh_billing().await.unwrap();
    app.choose_billing(BillingMode::Byok).await.unwrap();
    accept_terms(&app).await;
    app.begin_trial().await.unwrap();
    let endpoint = NewEndpoint {
        provider: OPENAI.provider,
        base_url: Some(std::env::var(ADDRESS).unwrap()),
    };
    let pending = app.submit_key(&OPENAI.key().into(), &endpoint).unwrap();
    let key = app.save_key(&pending.id, "").await.unwrap();
    let conversation = app.create_conversation(None).await.unwrap().id;
    let ask = NewTurn {
        ask: question(&conversation, "Go on"),
        model: model(&key, OPENAI.model),
    };
    app.send(ask, Box::new(|_| {})).await.unwrap();
    let text = loop {
        let answer = app
            .open_conversation(&conversation)
            .await
            .unwrap()
            .messages
            .remove(1);
        if !answer.text.is_empty() {
            break answer.text;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let told = folder.join("on-disk.unfinished");
    let mut file = std::fs::File::create(&told).unwrap();
    write!(file, "{conversation}\n{text}").unwrap();
    std::fs::rename(told, folder.join("on-disk")).unwrap();
    std::future::pending::<()>().await;
}

async fn read_when_there(path: &Path) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) => return text,
            Err(_) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(10)).await
            }
            Err(error) => panic!("the other process told nothing: {error}"),
        }
    }
}
