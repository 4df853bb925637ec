use std::fs;
use std::path::Path;

use crate::kit::{Place, answer, dollars, done, turn, with_conversation};
use brasskey_ledger::Closing;

fn contains(folder: &Path, needle: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    })
}

#[tokio::test]
async fn what_was_erased_is_in_no_file() {
    let place = Place::new();
    let ledger = place.open().await;
    let id = with_conversation(&ledger, "c").await;
    const CANARY: &str = "the-canary-sings-at-dawn";
    ledger.turns().open(&turn(&id, "1", None)).await.unwrap();
    ledger
        .turns()
        .append(&answer("1"), CANARY, "")
        .await
        .unwrap();
    let text = format!("{CANARY} ").repeat(2_000);
    ledger
        .turns()
        .close(&Closing {
            text,
            ..done("1", dollars("1"))
        })
        .await
        .unwrap();
    assert!(contains(place.folder.path(), CANARY));

    ledger.conversations().delete(&id, 30).await.unwrap();
    assert_eq!(ledger.conversations().purge(31).await.unwrap(), 1);
    assert!(!contains(place.folder.path(), CANARY));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let path = place.folder.path().join("new/folder/brasskey.db");
    let ledger = brasskey_ledger::Ledger::open(&path).await.unwrap();
    with_conversation(&ledger, "c").await;
    assert!(ledger.is_alone().unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut files = 0;
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
        files += 1;
    }
    assert_eq!(
        files, 5,
        "the database, its log, the log's index and the two locks"
    );
}
