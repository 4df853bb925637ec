//! The vault over a store that the test commands: what is said about a key, and what a failing store does to the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hanging;
mod passphrase;
mod session;
mod shelf;

use std::sync::atomic::Ordering;
use std::time::Duration;

use brasskey_vault::{Deadlines, EntryId, Patience, StoreState, StoredKey, Vault, VaultError};
use keyring_core::Error;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use shelf::{Act, Shelf};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_not_impl_any!(StoredKey: serde::Serialize, std::fmt::Display, Clone);
assert_impl_all!(Vault: Clone, Send, Sync);
assert_impl_all!(VaultError: std::error::Error, Send, Sync);

const SECRET: &str = "sk-proj-CANARY-7f3a\"\\\u{e9}";
const ORIGIN: &str = "https://api.openai.com";

fn key(secret: &str) -> StoredKey {
    StoredKey {
        secret: SecretString::from(secret),
        origin: ORIGIN.to_owned(),
    }
}

fn id() -> EntryId {
    EntryId::new("0198c0de-0000-7000-8000-000000000001").unwrap()
}

fn json(secret: &str) -> Vec<u8> {
    serde_json::json!({ "v": 1, "key": secret, "origin": ORIGIN })
        .to_string()
        .into_bytes()
}

/// Long enough never to run out by itself.
fn patient() -> Deadlines {
    Deadlines::default()
}

/// Keeps nothing in memory: every read asks the store.
fn forgetful() -> Deadlines {
    Deadlines {
        idle: Duration::ZERO,
        ..patient()
    }
}

#[tokio::test]
async fn a_saved_key_comes_back_to_the_letter_with_its_origin() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    assert_eq!(vault.state(), StoreState::Unchecked);
    vault
        .put(&id(), &key(SECRET), Patience::User)
        .await
        .unwrap();
    assert_eq!(vault.state(), StoreState::Ready);

    let stored: serde_json::Value = serde_json::from_str(&shelf.values(id().as_str())[0]).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({ "v": 1, "key": SECRET, "origin": ORIGIN })
    );

    let read = shelf
        .vault(patient())
        .get(&id(), Patience::Background)
        .await
        .unwrap();
    assert_eq!(read.secret.expose_secret(), SECRET);
    assert_eq!(read.origin, ORIGIN);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_survives_the_store(secret in "\\PC{0,200}|[\\x00-\\x7f]{0,60}", origin in "\\PC{0,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let read = runtime.block_on(async {
            let shelf = Shelf::new();
            let written = StoredKey { secret: SecretString::from(secret.clone()), origin: origin.clone() };
            shelf.vault(patient()).put(&id(), &written, Patience::User).await.unwrap();
            shelf.vault(patient()).get(&id(), Patience::User).await.unwrap()
        });
        prop_assert_eq!(read.secret.expose_secret(), secret);
        prop_assert_eq!(read.origin, origin);
    }

    #[test]
    fn an_entry_id_is_letters_digits_and_hyphens(text in "\\PC{0,12}|[a-zA-Z0-9-]{0,140}") {
        let fits = !text.is_empty() && text.len() <= 128
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        prop_assert_eq!(EntryId::new(&text).is_ok(), fits);
    }
}

#[tokio::test]
async fn a_key_that_does_not_read_back_is_not_called_saved() {
    let shelf = Shelf::new();
    *shelf.loses_writes.lock().unwrap() = true;
    let lost = shelf
        .vault(patient())
        .put(&id(), &key(SECRET), Patience::User)
        .await;
    assert_eq!(lost, Err(VaultError::NotVerified));

    let shelf = Shelf::new();
    *shelf.alters_writes.lock().unwrap() = true;
    let vault = shelf.vault(patient());
    let altered = vault.put(&id(), &key(SECRET), Patience::User).await;
    assert_eq!(altered, Err(VaultError::NotVerified));
    let report = vault.probe(Patience::User).await;
    assert_eq!(report.state, StoreState::Broken);
    assert_eq!(report.detail, Some("read_back_differs"));
}

#[tokio::test]
async fn a_probe_leaves_nothing_behind() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    assert_eq!(
        vault.probe(Patience::Background).await.state,
        StoreState::Ready
    );
    let calls = shelf.calls.load(Ordering::SeqCst);
    assert!(
        calls >= 3,
        "a probe writes, reads and deletes; the store saw {calls} calls"
    );
    assert!(
        shelf
            .values(&format!("probe-{}", std::process::id()))
            .is_empty()
    );
}

#[tokio::test]
async fn a_key_over_the_stores_limit_is_too_long() {
    let shelf = Shelf::new();
    *shelf.limit.lock().unwrap() = Some(2560);
    let vault = shelf.vault(patient());
    let long = "k".repeat(2560);
    let put = vault.put(&id(), &key(&long), Patience::User).await;
    assert_eq!(put, Err(VaultError::TooLong { limit: 2560 }));
    vault
        .put(&id(), &key(&long[..2400]), Patience::User)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_entry_found_twice_is_made_one_again_by_a_read() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), b"not ours");
    shelf.add(id().as_str(), &json("the readable one"));
    shelf.add(id().as_str(), &json("an older one"));
    let vault = shelf.vault(patient());
    let read = vault.get(&id(), Patience::Background).await.unwrap();
    assert_eq!(read.secret.expose_secret(), "the readable one");
    assert_eq!(shelf.values(id().as_str()).len(), 1);
}

#[tokio::test]
async fn an_entry_found_twice_is_made_one_again_by_a_write() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json("one"));
    shelf.add(id().as_str(), &json("two"));
    let vault = shelf.vault(patient());
    vault
        .put(&id(), &key("three"), Patience::User)
        .await
        .unwrap();
    let values = shelf.values(id().as_str());
    assert_eq!(values.len(), 1);
    assert!(values[0].contains("three"));
}

#[tokio::test]
async fn an_entry_found_twice_is_deleted_twice() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json("one"));
    shelf.add(id().as_str(), &json("two"));
    let vault = shelf.vault(patient());
    vault.delete(&id(), Patience::User).await.unwrap();
    assert!(shelf.values(id().as_str()).is_empty());
    vault.delete(&id(), Patience::User).await.unwrap();
}

#[tokio::test]
async fn of_several_unreadable_entries_none_is_deleted() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), b"one");
    shelf.add(id().as_str(), b"two");
    let read = shelf.vault(patient()).get(&id(), Patience::User).await;
    assert_eq!(read.unwrap_err(), VaultError::Corrupt);
    assert_eq!(shelf.values(id().as_str()).len(), 2);
}

#[tokio::test]
async fn an_entry_in_a_foreign_form_is_corrupt_and_a_lacking_one_missing() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    assert_eq!(
        vault.get(&id(), Patience::User).await.unwrap_err(),
        VaultError::Missing
    );
    for foreign in [
        SECRET.to_owned(),
        format!("{{\"v\":2,\"key\":\"{ORIGIN}\",\"origin\":\"o\"}}"),
        format!("{{\"v\":1,\"key\":[\"{ORIGIN}\"],\"origin\":\"o\"}}"),
        "{\"v\":1,\"key\":\"k\"}".to_owned(),
    ] {
        let shelf = Shelf::new();
        shelf.add(id().as_str(), foreign.as_bytes());
        let read = shelf.vault(patient()).get(&id(), Patience::User).await;
        assert_eq!(read.unwrap_err(), VaultError::Corrupt, "{foreign}");
    }
}

#[tokio::test]
async fn a_failed_store_is_opened_anew_and_the_call_tried_once_more() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    let vault = shelf.vault(patient());
    shelf.then(Act::Fail(Error::PlatformFailure("NoSession".into())));
    vault.get(&id(), Patience::Background).await.unwrap();
    assert_eq!(shelf.opened.load(Ordering::SeqCst), 2);

    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    for _ in 0..5 {
        shelf.then(Act::Fail(Error::PlatformFailure("gone".into())));
    }
    let read = vault.get(&id(), Patience::Background).await;
    assert_eq!(read.unwrap_err(), VaultError::Store(StoreState::Broken));
    assert_eq!(shelf.calls.load(Ordering::SeqCst), 2);
    assert_eq!(vault.state(), StoreState::Broken);
}

#[tokio::test]
async fn a_panic_in_the_store_ends_with_the_call() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    let vault = shelf.vault(forgetful());
    shelf.then(Act::Panic);
    vault.get(&id(), Patience::User).await.unwrap();

    shelf.then(Act::Panic);
    shelf.then(Act::Panic);
    let read = vault.get(&id(), Patience::User).await;
    assert_eq!(read.unwrap_err(), VaultError::Store(StoreState::Broken));
    vault.get(&id(), Patience::User).await.unwrap();
    assert_eq!(vault.state(), StoreState::Ready);
}

#[tokio::test]
async fn no_error_holds_the_secret() {
    let secret = || SECRET.as_bytes().to_vec();
    let cases = [
        Error::BadEncoding(secret()),
        Error::BadDataFormat(secret(), SECRET.into()),
        Error::NoStorageAccess(SECRET.into()),
        Error::BadStoreFormat(SECRET.to_owned()),
        Error::Invalid(SECRET.to_owned(), SECRET.to_owned()),
        Error::NotSupportedByStore(SECRET.to_owned()),
        Error::TooLong(SECRET.to_owned(), 7),
    ];
    let bytes = format!("{:?}", SECRET.as_bytes());
    let bytes = bytes.trim_matches(['[', ']']);
    for error in cases {
        let shelf = Shelf::new();
        let case = format!("{error:?}");
        shelf.then(Act::Fail(error));
        let vault = shelf.vault(patient());
        let fault = vault
            .put(&id(), &key(SECRET), Patience::User)
            .await
            .unwrap_err();
        let texts = format!("{fault} {fault:?} {:?}", vault.probe(Patience::User).await);
        for leak in ["CANARY", "sk-proj", bytes] {
            assert!(!texts.contains(leak), "{case} became {texts}");
        }
        assert!(std::error::Error::source(&fault).is_none(), "{case}");
    }
    let shown = format!("{:?}", key(SECRET));
    assert!(
        shown.contains(ORIGIN) && !shown.contains("CANARY"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_store_that_refuses_access_reads_as_locked_not_as_missing() {
    let shelf = Shelf::new();
    shelf.then(Act::Fail(Error::NoStorageAccess("no".into())));
    let vault = shelf.vault(patient());
    let read = vault.get(&id(), Patience::Background).await;
    assert_eq!(read.unwrap_err(), VaultError::Store(StoreState::Locked));
    assert_eq!(vault.state(), StoreState::Locked);
}

#[tokio::test]
async fn the_store_is_read_once_and_again_after_idleness() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    let vault = shelf.vault(patient());
    for _ in 0..10 {
        vault.get(&id(), Patience::Background).await.unwrap();
    }
    assert_eq!(shelf.reads.load(Ordering::SeqCst), 1);

    let forgetful = shelf.vault(forgetful());
    forgetful.get(&id(), Patience::Background).await.unwrap();
    forgetful.get(&id(), Patience::Background).await.unwrap();
    assert_eq!(shelf.reads.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn many_reads_at_once_are_one_read_of_the_store() {
    let shelf = Shelf::new();
    shelf.add(id().as_str(), &json(SECRET));
    let vault = shelf.vault(patient());
    let id = id();
    let reads = (0..20).map(|_| vault.get(&id, Patience::Background));
    let reads = futures_all(reads).await;
    assert_eq!(reads.len(), 20);
    assert!(reads.iter().all(Result::is_ok));
    assert_eq!(shelf.reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_deleted_key_is_gone_from_memory_too() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    vault
        .put(&id(), &key(SECRET), Patience::User)
        .await
        .unwrap();
    vault.get(&id(), Patience::Background).await.unwrap();
    vault.delete(&id(), Patience::Background).await.unwrap();
    let read = vault.get(&id(), Patience::Background).await;
    assert_eq!(read.unwrap_err(), VaultError::Missing);
}

async fn futures_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        pending.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
