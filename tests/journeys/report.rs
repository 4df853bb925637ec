//! A report of a problem: what support needs is in it, and nothing of anybody's.

use std::path::PathBuf;

use brasskey_app::error::{Error, ErrorCode};
use brasskey_app::report::Surroundings;
use brasskey_app::report::view::ReportView;
use brasskey_app::settings::view::Preferences;
use brasskey_tests::{Fault, Script, Search};

use crate::account::{ANTHROPIC, OPENAI};
use crate::world::World;

fn around(log: &str) -> Surroundings {
    Surroundings {
        preferences: Preferences::default(),
        log: log.to_owned(),
        home: Some(PathBuf::from("/home/annamaria")),
    }
}

/// Makes a report, as if something had written `mark` into the log, and saves it among the files of this Brasskey.
pub(crate) async fn saved(world: &World, mark: &str) -> Result<ReportView, Error> {
    let log = format!("ERROR {mark}\nWARN {}", mark.to_uppercase());
    let report = world.app.report_problem(around(&log)).await?;
    let path = world.folder().join("report.txt");
    world.app.save_report(&path).await?;
    assert!(path.metadata().unwrap().len() > 500);
    Ok(report)
}

#[tokio::test]
async fn a_report_says_what_support_needs_and_nothing_that_was_said() {
    let world = World::with_store().await;
    let key = world
        .add_key_with(ANTHROPIC, ANTHROPIC.key(), "Annamaria's own")
        .await;
    world
        .ask(&key, ANTHROPIC, "What is a bergamot?")
        .await
        .ended()
        .await;
    world.sandbox.script(Script::error("out_of_credit"));
    world
        .ask(&key, ANTHROPIC, "And a yuzu?")
        .await
        .ended()
        .await;
    let report = world
        .app
        .report_problem(around("the last line"))
        .await
        .unwrap();
    for part in [
        concat!("version: ", env!("CARGO_PKG_VERSION")),
        "system: linux",
        "its state: ready",
        "textSize 100",
        "mode: byok",
        "terms byok: ",
        "licence: state active",
        "account: trial",
        "looked for in this report: 1 of 1",
        "anthropic: system, failing, out_of_credit, own address",
        ": out_of_credit, status 400",
        "the last line",
    ] {
        assert!(
            report.text.contains(part),
            "{part} is not in\n{}",
            report.text
        );
    }
    for part in [
        "bergamot",
        "yuzu",
        "Annamaria",
        "Sencha",
        "sandbox",
        "127.0.0.1",
    ] {
        assert!(!report.text.contains(part), "{part} is in\n{}", report.text);
    }
    assert_eq!(report.send_to, "support@brasskey.app");
}

#[tokio::test]
async fn a_key_in_a_line_of_the_log_never_leaves_whatever_form_it_has() {
    let world = World::with_store().await;
    world.add_key(OPENAI).await;
    world.add_key(ANTHROPIC).await;
    let mut lines = vec!["first: at /home/annamaria/x by anna@mail.example".to_owned()];
    for account in [OPENAI, ANTHROPIC] {
        let key = account.key();
        let percent: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let base64 = base64(&format!("user:{key}"));
        lines.extend([key.to_owned(), key.to_uppercase(), percent, base64]);
    }
    lines.push("last".to_owned());
    let log: Vec<String> = lines
        .iter()
        .map(|line| format!("WARN {line} said"))
        .collect();
    let report = world
        .app
        .report_problem(around(&log.join("\n")))
        .await
        .unwrap();
    assert!(
        report
            .text
            .contains("first: at ~/x by [e-mail address] said"),
        "{}",
        report.text
    );
    assert!(report.text.contains("WARN last said"));
    assert_eq!(report.text.matches("[a line that held a key]").count(), 8);

    // What is saved is what was shown.
    let path = world.folder().join("report.txt");
    let name = world.app.save_report(&path).await.unwrap();
    assert_eq!(name, "report.txt");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), report.text);
    for account in [OPENAI, ANTHROPIC] {
        let mut search = Search::of(account.key()).unwrap();
        search.bytes("the report", report.text.as_bytes());
        assert_eq!(search.found(), [""; 0]);
    }
}

#[tokio::test]
async fn a_key_that_waits_to_be_saved_and_one_that_the_provider_says_are_not_in_it() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    world.sandbox.script(Script::fault(Fault::KeyEcho));
    world.ask(&key, OPENAI, "One").await.ended().await;
    let pending = "sk-proj-Waits7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs";
    world.submit(OPENAI, pending);
    let log = format!("DEBUG {pending}");
    let report = world.app.report_problem(around(&log)).await.unwrap();
    assert!(
        report.text.contains("[a line that held a key]"),
        "{}",
        report.text
    );
    for secret in [pending, OPENAI.key()] {
        let mut search = Search::of(secret).unwrap();
        search.bytes("the report", report.text.as_bytes());
        assert_eq!(search.found(), [""; 0]);
    }
}

#[tokio::test]
async fn a_report_that_was_not_shown_is_not_saved() {
    let world = World::with_own_keys().await;
    let path = world.folder().join("report.txt");
    let error = world.app.save_report(&path).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert!(!path.exists());
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            written.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
        }
    }
    written
}
