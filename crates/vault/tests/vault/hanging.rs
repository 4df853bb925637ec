//! A store that does not answer: what callers hear, how many threads it costs, and that nothing waits for it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use brasskey_vault::{Deadlines, Patience, StoreState, VaultError};
use secrecy::ExposeSecret;

use crate::shelf::Shelf;
use crate::{SECRET, id, json, key, patient};

/// Runs out at once on a store that hangs; refuses for longer than a test takes.
fn hasty() -> Deadlines {
    Deadlines {
        background: Duration::from_millis(50),
        user: Duration::from_millis(100),
        // Every read asks the store.
        idle: Duration::ZERO,
        ..Deadlines::default()
    }
}

#[cfg(target_os = "linux")]
fn vault_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok())
        .filter(|name| name.trim_end() == "brasskey-vault")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_gets_one_new_thread_and_no_more() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    shelf.hang(true);
    let vault = shelf.vault(hasty());
    #[cfg(target_os = "linux")]
    let others = vault_threads();
    for attempt in 0..50 {
        // Every tenth call is a person's, who may retry at any time.
        let patience = if attempt % 10 == 9 {
            Patience::User
        } else {
            Patience::Background
        };
        let read = vault.get(&id(), patience).await;
        assert_eq!(
            read.unwrap_err(),
            VaultError::Store(StoreState::Unresponsive)
        );
    }
    assert_eq!(vault.state(), StoreState::Unresponsive);
    // Two store calls in all: the first thread's and its replacement's.
    assert_eq!(shelf.calls.load(Ordering::SeqCst), 2);
    #[cfg(target_os = "linux")]
    assert!(vault_threads() <= others + 2 + OTHER_TESTS);

    // A background call is refused without asking, a person's call goes through once the store is back.
    shelf.hang(false);
    let read = vault.get(&id(), Patience::User).await.unwrap();
    assert_eq!(read.secret.expose_secret(), SECRET);
    assert_eq!(vault.state(), StoreState::Ready);
    vault.get(&id(), Patience::Background).await.unwrap();
}

#[cfg(target_os = "linux")]
/// Vaults of tests that run at the same time in this process; far below the 50 tries above.
const OTHER_TESTS: usize = 20;

#[tokio::test]
async fn a_hanging_store_does_not_hold_up_cancel_close_or_the_end() {
    let shelf = Shelf::new();
    shelf.hang(true);
    let vault = shelf.vault(patient());
    let id = id();
    let waiting = vault.get(&id, Patience::User);
    let cancelling = async {
        while shelf.calls.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        vault.cancel();
    };
    let (read, ()) = tokio::join!(waiting, cancelling);
    assert_eq!(read.unwrap_err(), VaultError::Cancelled);

    vault.close();
    let closed = vault.get(&id, Patience::User).await;
    assert_eq!(closed.unwrap_err(), VaultError::Closed);
    // Dropping the vault, the runtime and the process with the store still hanging is the rest of the test.
}

#[tokio::test]
async fn cancel_leaves_background_calls_alone() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    shelf.hang(true);
    let vault = shelf.vault(Deadlines {
        background: Duration::from_secs(60),
        ..patient()
    });
    let id = id();
    let cancelling = async {
        while shelf.calls.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        vault.cancel();
        shelf.hang(false);
    };
    let (read, ()) = tokio::join!(vault.get(&id, Patience::Background), cancelling);
    read.unwrap();
}

#[tokio::test]
async fn nothing_overtakes_a_write_that_hangs() {
    let shelf = Shelf::new();
    shelf.hang(true);
    let vault = shelf.vault(hasty());
    let put = vault.put(&id(), &key(SECRET), Patience::Background).await;
    assert_eq!(
        put.unwrap_err(),
        VaultError::Store(StoreState::Unresponsive)
    );
    shelf.hang(false);
    // The delete that the caller owes after a failure finds what the late write left.
    vault.delete(&id(), Patience::User).await.unwrap();
    let read = vault.get(&id(), Patience::User).await;
    assert_eq!(read.unwrap_err(), VaultError::Missing);
}
