//! Saves that do not go through: cancelled, refused, cut short by a crash. What they leave in the store is taken out again, and
//! told where nobody has heard of it.

use std::time::Duration;

use brasskey_app::error::{Error, ErrorCode, StoreStateView};
use brasskey_app::keys::view::{PlaceView, ReconciledView};
use brasskey_ledger::{Ledger, Place, StoreAction};
use brasskey_vault::{EntryId, Patience, StoredKey, VaultError};

use crate::account::OPENAI;
use crate::key_store::place;
use crate::keys::{SECOND_KEY, listed};
use crate::world::World;

/// Waits until the store holds so many entries.
async fn until_the_store_holds(world: &World, entries: usize) {
    let mut changes = world.app.changes();
    let settled = async {
        while world.drawer().keys() != entries {
            changes.recv().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled)
        .await
        .expect("what waited is settled");
}
#[tokio::test]
async fn a_key_whose_save_is_cancelled_while_the_store_is_waited_for_is_not_saved() {
    let world = World::with_store().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    world.drawer().hold(true);
    let cancel = async {
        world.drawer().until_held().await;
        world.app.cancel_pending(&pending.id);
        // The person unlocks the store all the same.
        world.drawer().hold(false);
    };
    let (saved, ()) = tokio::join!(world.app.save_key(&pending.id, ""), cancel);
    assert_eq!(saved.unwrap_err().code(), ErrorCode::Stopped);
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.drawer().keys(), 0);
    let world = world.restarted().await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
}

#[tokio::test]
async fn a_replacement_that_is_cancelled_leaves_the_key_as_it_was() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.drawer().hold(true);
    let cancel = async {
        world.drawer().until_held().await;
        world.app.cancel_pending(&pending.id);
        world.drawer().hold(false);
    };
    let (replaced, ()) = tokio::join!(world.app.replace_key(&key.id, &pending.id), cancel);
    assert_eq!(replaced.unwrap_err().code(), ErrorCode::Stopped);
    assert_eq!(listed(&world).await, std::slice::from_ref(&key));
    assert_eq!(world.drawer().keys(), 1);
    world.ask(&key, OPENAI, "Still here?").await.ended().await;
    assert_eq!(world.calls()[0].key.as_deref(), Some(OPENAI.key()));
}

#[tokio::test]
async fn a_check_before_the_save_does_not_keep_a_cancel_from_it() {
    let world = World::with_store().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    world.check(OPENAI, &pending).await;
    // A check that was stopped stops nothing that comes after it.
    world.app.stop_check(&pending.id);
    world.app.save_key(&pending.id, "").await.unwrap();
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.check(OPENAI, &pending).await;
    world.drawer().hold(true);
    let cancel = async {
        world.drawer().until_held().await;
        world.app.cancel_pending(&pending.id);
        world.drawer().hold(false);
    };
    let (saved, ()) = tokio::join!(world.app.save_key(&pending.id, ""), cancel);
    assert_eq!(saved.unwrap_err().code(), ErrorCode::Stopped);
    assert_eq!(listed(&world).await.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_saved_at_the_second_try_raises_no_alarm() {
    let world = World::with_store().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    world.drawer().lock(true);
    let refused = world.app.save_key(&pending.id, "").await;
    assert!(
        matches!(refused, Err(Error::Store(StoreStateView::Locked))),
        "{refused:?}"
    );
    world.drawer().lock(false);
    let key = world.app.save_key(&pending.id, "").await.unwrap();
    assert_eq!(world.drawer().keys(), 1);

    let world = world.restarted().await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
    assert_eq!(place(&world, &key).await, PlaceView::System);
    world.ask(&key, OPENAI, "Hello").await.ended().await;
}

#[tokio::test]
async fn what_a_refused_save_left_is_settled_without_a_word() {
    let world = World::with_store().await;
    let pending = world.submit(OPENAI, OPENAI.key());
    // The write lands, and the store locks before it is read back.
    world.drawer().lock_after_a_write();
    assert!(world.app.save_key(&pending.id, "").await.is_err());
    world.app.cancel_pending(&pending.id);
    assert_eq!(world.drawer().keys(), 1);
    world.drawer().lock(false);
    world.app.probe_store(None).await.unwrap();
    until_the_store_holds(&world, 0).await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
    let world = world.restarted().await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
}

#[tokio::test]
async fn start_up_mends_what_a_crash_left_between_database_and_store_and_tells_it() {
    let world = World::with_store().await;
    let orphan = EntryId::new("half-saved").unwrap();
    let stored = StoredKey {
        secret: SECOND_KEY.into(),
        origin: "https://api.openai.com".to_owned(),
    };
    world
        .store()
        .put(&orphan, &stored, Patience::User)
        .await
        .unwrap();
    let crashed = |database: std::path::PathBuf| async move {
        let ledger = Ledger::open(&database).await.unwrap();
        let intents = ledger.key_intents();
        intents
            .intend("half-saved", StoreAction::Put, Place::System, 1_000)
            .await
            .unwrap();
        intents
            .intend("half-removed", StoreAction::Delete, Place::System, 2_000)
            .await
            .unwrap();
        ledger.close().await;
    };
    let world = world.restarted_after(crashed).await;
    let told = world.app.keys().await.unwrap().reconciled;
    let expected = [
        ReconciledView::HalfSavedRemoved { at: 1_000 },
        ReconciledView::RemovalFinished { at: 2_000 },
    ];
    assert_eq!(told, expected);
    assert_eq!(
        world.store().get(&orphan, Patience::User).await.err(),
        Some(VaultError::Missing)
    );
    world.app.dismiss_reconciled();
    let world = world.restarted().await;
    assert!(
        world.app.keys().await.unwrap().reconciled.is_empty(),
        "told once"
    );
}

#[tokio::test]
async fn what_could_not_be_mended_yet_is_not_called_mended() {
    // Without a store nothing can be taken out of it.
    let world = World::with_own_keys().await;
    let crashed = |database: std::path::PathBuf| async move {
        let ledger = Ledger::open(&database).await.unwrap();
        ledger
            .key_intents()
            .intend("half-saved", StoreAction::Put, Place::System, 1_000)
            .await
            .unwrap();
        ledger.close().await;
    };
    let world = world.restarted_after(crashed).await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
}

#[tokio::test]
async fn what_waited_for_the_store_is_settled_as_soon_as_it_is_used_again() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    world.app.use_session_store();
    world.app.remove_key(&key.id).await.unwrap();
    // As at a start, the time for undoing is over; the entry cannot be deleted from a store that is not asked.
    world.app.reconcile_keys().await.unwrap();
    assert_eq!(world.drawer().keys(), 1);
    world.app.use_system_store().await.unwrap();
    until_the_store_holds(&world, 0).await;
}
