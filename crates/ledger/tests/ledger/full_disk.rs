//! The disk is full: it is told, nothing half-written stays, what was stored is intact, and it goes on once there is room.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use brasskey_ledger::{Closing, ConversationId, DraftKey, Ledger, LedgerError, State};

use crate::kit::{answer, child, child_db, dollars, done, say, turn, with_conversation};

/// A small disk of its own, in a mount namespace of its own: it goes with the process and needs no clean-up. Without root
/// a user namespace lends the right to mount.
#[test]
fn a_full_disk_is_told_and_loses_nothing_stored() {
    let folder = tempfile::tempdir().unwrap();
    let is_root = fs::metadata("/proc/self")
        .map(|own| std::os::unix::fs::MetadataExt::uid(&own))
        .unwrap()
        == 0;
    let inner = child(
        "full_disk::fills_the_disk",
        &folder.path().join("brasskey.db"),
    );
    let output = Command::new("unshare")
        .args(if is_root {
            ["--mount"].as_slice()
        } else {
            ["--user", "--map-root-user", "--mount"].as_slice()
        })
        .args([
            "sh",
            "-c",
            r#"mount -t tmpfs -o size=3m tmpfs "$1" && shift && exec "$@""#,
            "sh",
        ])
        .arg(folder.path())
        .arg(inner.get_program())
        .args(inner.get_args())
        .envs(
            inner
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        )
        .output()
        .expect("unshare (util-linux) is needed to give the test a small disk");
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("@proved"),
        "{told}\n{errors}"
    );
}

#[tokio::test]
#[ignore = "runs on the small disk of the test above"]
async fn fills_the_disk() {
    let Some(path) = child_db() else { return };
    let ledger = Ledger::open(&path).await.unwrap();
    let id = with_conversation(&ledger, "c").await;
    ledger.turns().open(&turn(&id, "kept", None)).await.unwrap();
    ledger
        .turns()
        .close(&done("kept", dollars("0.5")))
        .await
        .unwrap();
    ledger
        .drafts()
        .set(&DraftKey::New, "My draft", 1)
        .await
        .unwrap();
    ledger.settings().set("billing.mode", "byok").await.unwrap();
    ledger
        .turns()
        .open(&turn(&id, "open", Some(&answer("kept"))))
        .await
        .unwrap();

    // An answer streams in until there is no room.
    let piece = "x".repeat(16 * 1024);
    let mut stored = 0;
    let ballast = path.with_file_name("ballast");
    fill(&ballast, 512 * 1024);
    let error = loop {
        match ledger.turns().append(&answer("open"), &piece, "").await {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, LedgerError::Full);

    // Nothing that needs room is half done.
    let long = Closing {
        text: piece.repeat(64),
        ..done("open", dollars("1"))
    };
    assert_eq!(ledger.turns().close(&long).await, Err(LedgerError::Full));
    let mut big = turn(&id, "new", Some(&answer("kept")));
    if let brasskey_ledger::Question::New { text, .. } = &mut big.question {
        *text = piece.repeat(64);
    }
    assert_eq!(ledger.turns().open(&big).await, Err(LedgerError::Full));
    assert_eq!(
        ledger
            .drafts()
            .set(&DraftKey::New, &piece.repeat(64), 2)
            .await,
        Err(LedgerError::Full)
    );
    intact(&ledger, &id, stored, &piece).await;

    // Without any room it opens, to be read, or says why not; a new one is not begun.
    ledger.close().await;
    drop(ledger);
    fill(&ballast, 0);
    match Ledger::open(&path).await {
        Ok(ledger) => intact(&ledger, &id, stored, &piece).await,
        Err(error) => assert_eq!(error, LedgerError::Full),
    }
    let other = path.with_file_name("other.db");
    assert_eq!(Ledger::open(&other).await.map(drop), Err(LedgerError::Full));
    assert!(!other.exists());
    fs::remove_file(&ballast).unwrap();
    let ledger = Ledger::open(&path).await.unwrap();
    intact(&ledger, &id, stored, &piece).await;

    // There is room again: what could not be stored is stored now.
    let short = Closing {
        text: "All of it".to_owned(),
        ..done("open", dollars("1"))
    };
    let receipt = ledger.turns().close(&short).await.unwrap().unwrap();
    assert_eq!(
        ledger.receipts().by_message(&answer("open")).await.unwrap(),
        Some(receipt)
    );
    assert_eq!(
        ledger.messages().get(&answer("open")).await.unwrap().text,
        "All of it"
    );
    assert_eq!(
        ledger
            .receipts()
            .conversation_total(&id)
            .await
            .unwrap()
            .known
            .to_string(),
        "1.5"
    );
    ledger.close().await;
    drop(ledger);
    every_step(&path, &ballast).await;
    say("proved");
}

/// The room ends one page later each time, until all of a turn fits: at whatever step it ends, the step is told to have
/// failed and leaves nothing behind, and the next start counts every call once.
async fn every_step(path: &Path, ballast: &Path) {
    let id = ConversationId::new("c");
    let mut before = 2;
    let mut failed = 0;
    for pages in 0.. {
        let ledger = Ledger::open(path).await.unwrap();
        // So that the write-ahead log, not room freed inside the file, takes what is written.
        ledger.settings().set("pages", &pages).await.unwrap();
        fill(ballast, pages * 4096);
        let name = pages.to_string();
        let opened = ledger.turns().open(&turn(&id, &name, None)).await;
        let mut steps = vec![opened.clone()];
        if opened.is_ok() {
            let piece = "y".repeat(3_000);
            for _ in 0..4 {
                steps.push(ledger.turns().append(&answer(&name), &piece, "").await);
            }
            steps.push(
                ledger
                    .turns()
                    .close(&done(&name, dollars("1")))
                    .await
                    .map(drop),
            );
        }
        ledger.close().await;
        drop(ledger);
        fs::remove_file(ballast).unwrap();

        let ledger = Ledger::open(path).await.unwrap();
        ledger.turns().interrupt_open(50).await.unwrap();
        let total = ledger.receipts().conversation_total(&id).await.unwrap();
        assert_eq!(total.calls, before + u32::from(opened.is_ok()), "{pages}");
        assert_eq!(
            ledger.messages().get(&answer(&name)).await.is_ok(),
            opened.is_ok()
        );
        before = total.calls;
        ledger.close().await;

        assert!(
            steps
                .iter()
                .all(|step| matches!(step, Ok(()) | Err(LedgerError::Full))),
            "{steps:?}"
        );
        if steps.iter().all(Result::is_ok) {
            break;
        }
        failed += 1;
    }
    assert!(
        failed > 3,
        "the disk was never full at the interesting steps"
    );
}

async fn intact(ledger: &Ledger, id: &ConversationId, stored: usize, piece: &str) {
    let path = ledger.messages().active_path(id).await.unwrap();
    assert_eq!(path.len(), 4);
    assert_eq!(
        (path[1].text.as_str(), path[1].state),
        ("Answer kept", State::Done)
    );
    assert_eq!(path[3].state, State::Open);
    assert_eq!(path[3].text, piece.repeat(stored));
    assert_eq!(
        ledger.drafts().get(&DraftKey::New).await.unwrap(),
        "My draft"
    );
    assert_eq!(
        ledger
            .settings()
            .get::<String>("billing.mode")
            .await
            .unwrap()
            .as_deref(),
        Some("byok")
    );
    let total = ledger.receipts().conversation_total(id).await.unwrap();
    assert_eq!((total.calls, total.known.to_string().as_str()), (1, "0.5"));
}

/// Leaves this many bytes free.
fn fill(ballast: &Path, free: u64) {
    let mut file = File::create(ballast).unwrap();
    let page = [0_u8; 4096];
    while file.write_all(&page).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(free)).unwrap();
}
