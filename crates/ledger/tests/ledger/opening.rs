use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use brasskey_ledger::{DraftKey, Ledger, LedgerError};
use sqlx::Connection;

use crate::kit::{
    Place, answer, child, child_db, dollars, done, put, raw, said, say, turn, with_conversation,
};

async fn refused(path: &Path) -> LedgerError {
    Ledger::open(path).await.map(drop).unwrap_err()
}

/// A closed database with one conversation in it.
async fn closed() -> Place {
    let place = Place::new();
    let ledger = place.open().await;
    with_conversation(&ledger, "c").await;
    ledger.close().await;
    place
}

#[tokio::test]
async fn a_database_opens_again_with_what_was_in_it() {
    let place = closed().await;
    let ledger = place.open().await;
    assert_eq!(ledger.conversations().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_handle_is_refused_until_the_first_is_gone() {
    let place = closed().await;
    let first = place.open().await;
    let clone = first.clone();
    drop(first);
    assert_eq!(refused(&place.path()).await, LedgerError::InUse);
    clone.close().await;
    drop(clone);
    place.open().await;
}

#[tokio::test]
async fn commands_open_it_beside_the_window_and_see_what_it_writes() {
    let place = Place::new();
    // The first to come makes it.
    let first = Ledger::open_as_guest(&place.path()).await.unwrap();
    let second = Ledger::open_as_guest(&place.path()).await.unwrap();
    let window = place.open().await;
    with_conversation(&window, "c").await;
    with_conversation(&first, "d").await;
    for ledger in [&window, &first, &second] {
        assert_eq!(ledger.conversations().list().await.unwrap().len(), 2);
        assert!(
            !ledger.is_alone().unwrap(),
            "what is unfinished may be another's"
        );
    }
    assert_eq!(refused(&place.path()).await, LedgerError::InUse);
    drop((first, second));
    assert!(window.is_alone().unwrap());
    // One that comes later counts from then on.
    let third = Ledger::open_as_guest(&place.path()).await.unwrap();
    assert!(!window.is_alone().unwrap() && !third.is_alone().unwrap());
}

#[tokio::test]
async fn commands_that_come_first_and_at_once_all_open_it() {
    let place = Place::new();
    let path = place.path();
    let open = || Ledger::open_as_guest(&path);
    let (first, second, third, fourth) = tokio::join!(open(), open(), open(), open());
    for opened in [first, second, third, fourth] {
        assert!(
            opened
                .unwrap()
                .conversations()
                .list()
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_second_process_is_refused_and_a_killed_one_holds_nothing() {
    let place = closed().await;
    let mut holder = child("opening::holds_the_database", &place.path())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| said(&line.unwrap()) == Some("open")));
    assert_eq!(refused(&place.path()).await, LedgerError::InUse);
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(
        place
            .open()
            .await
            .conversations()
            .list()
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
#[ignore = "the other process of the test above"]
async fn holds_the_database() {
    let Some(path) = child_db() else { return };
    let _ledger = Ledger::open(&path).await.unwrap();
    say("open");
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_untouched() {
    let place = closed().await;
    let mut raw = raw(&place.path()).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9000, '', 1, x'00', 0)",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
    let before = fs::read(place.path()).unwrap();
    let error = refused(&place.path()).await;
    assert!(
        matches!(error, LedgerError::TooNew { found: 9000, known } if known >= 1),
        "{error:?}"
    );
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_database_is_refused_untouched() {
    let place = closed().await;
    let whole = fs::read(place.path()).unwrap();
    let mut torn = whole.clone();
    // Every page from the third on, as a disk that lost its tail would leave them.
    torn[8192..].fill(0xA5);
    let damages: [(&str, Vec<u8>); 5] = [
        ("no bytes at all", Vec::new()),
        ("half a header", whole[..50].to_vec()),
        ("cut in the middle", whole[..whole.len() / 2].to_vec()),
        ("not a database", b"A letter to my aunt. ".repeat(1_000)),
        ("overwritten", torn),
    ];
    for (what, bytes) in damages {
        put(&place.path(), &bytes);
        assert_eq!(refused(&place.path()).await, LedgerError::Corrupt, "{what}");
        assert_eq!(fs::read(place.path()).unwrap(), bytes, "{what}");
    }
    put(&place.path(), &whole);
    assert_eq!(
        place
            .open()
            .await
            .conversations()
            .list()
            .await
            .unwrap()
            .len(),
        1
    );
}

/// Overwrites the page of the file that holds `needle`.
fn damage(path: &Path, needle: &str) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes
        .windows(needle.len())
        .position(|window| window == needle.as_bytes())
        .unwrap();
    let page = at / 4096 * 4096;
    bytes[page..page + 4096].fill(0xA5);
    put(path, &bytes);
}

#[tokio::test]
async fn damage_is_found_at_open_in_a_small_database_and_by_verifying_a_large_one() {
    let (small, large) = (closed().await, closed().await);
    for place in [&small, &large] {
        let ledger = place.open().await;
        let id = brasskey_ledger::ConversationId::new("c");
        ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
        ledger
            .turns()
            .close(&done("1", dollars("1")))
            .await
            .unwrap();
        ledger.verify().await.unwrap();
        ledger.close().await;
    }
    damage(&small.path(), "Answer 1");
    assert_eq!(refused(&small.path()).await, LedgerError::Corrupt);

    let ledger = large.open().await;
    ledger
        .drafts()
        .set(&DraftKey::New, &"x".repeat(17 * 1024 * 1024), 1)
        .await
        .unwrap();
    ledger.close().await;
    drop(ledger);
    damage(&large.path(), "Answer 1");
    let ledger = large.open().await;
    assert_eq!(ledger.verify().await, Err(LedgerError::Corrupt));
    assert_eq!(
        ledger.messages().get(&answer("1")).await.map(drop),
        Err(LedgerError::Corrupt)
    );
    assert_eq!(ledger.conversations().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let place = Place::new();
    put(&place.path(), b"");
    let mut raw = raw(&place.path()).await;
    sqlx::query("CREATE TABLE recipe (name TEXT)")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    assert_eq!(refused(&place.path()).await, LedgerError::Corrupt);
}

#[tokio::test]
async fn a_folder_in_its_place_and_a_log_without_its_database_are_refused() {
    let place = closed().await;
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    assert_eq!(refused(&place.path()).await, LedgerError::Corrupt);
    fs::remove_dir(place.path()).unwrap();
    put(
        &place.folder.path().join("brasskey.db-wal"),
        b"what was written last",
    );
    assert_eq!(refused(&place.path()).await, LedgerError::Corrupt);
}

#[tokio::test]
async fn an_unfinished_new_database_is_begun_again() {
    let place = Place::new();
    put(&place.folder.path().join("brasskey.db.new"), b"cut");
    place.open().await;
    assert!(!place.folder.path().join("brasskey.db.new").exists());
}

#[tokio::test]
async fn a_path_with_spaces_and_other_scripts_opens() {
    let place = Place::new();
    let path = place
        .folder
        .path()
        .join("Anwendungsdaten ? % #/プロジェクト 🗝/brasskey.db");
    let ledger = Ledger::open(&path).await.unwrap();
    with_conversation(&ledger, "c").await;
    assert!(path.is_file());
}

#[tokio::test]
async fn a_closed_ledger_says_that_it_is_closed() {
    let place = Place::new();
    let ledger = place.open().await;
    let clone = ledger.clone();
    ledger.close().await;
    assert_eq!(clone.conversations().list().await, Err(LedgerError::Closed));
    assert_eq!(
        clone
            .drafts()
            .set(&brasskey_ledger::DraftKey::New, "x", 1)
            .await,
        Err(LedgerError::Closed)
    );
}

/// `tests/versions/NNNN.sql` is a database as the release with that schema left it. A migration that was released is never
/// edited: its stored checksum would no longer match.
#[tokio::test]
async fn a_database_of_every_earlier_version_opens_with_what_was_in_it() {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions");
    let migrations = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"))
        .unwrap()
        .count();
    let mut opened = 0;
    for version in fs::read_dir(versions).unwrap() {
        let version = version.unwrap().path();
        let place = Place::new();
        put(&place.path(), b"");
        let mut raw = raw(&place.path()).await;
        let sql = fs::read_to_string(&version).unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await
            .unwrap();
        raw.close().await.unwrap();

        let ledger = place.open().await;
        let list = ledger.conversations().list().await.unwrap();
        assert_eq!(list.len(), 1, "{version:?}");
        let path = ledger.messages().active_path(&list[0].id).await.unwrap();
        assert_eq!(
            path.iter()
                .map(|message| message.text.as_str())
                .collect::<Vec<_>>(),
            ["Question 1", "Answer 1"]
        );
        assert_eq!(
            ledger
                .receipts()
                .total(0..100)
                .await
                .unwrap()
                .known
                .to_string(),
            "0.0053552"
        );
        assert_eq!(ledger.keys().list("local").await.unwrap().len(), 1);
        opened += 1;
    }
    assert_eq!(opened, migrations, "one stored database for each migration");
}
