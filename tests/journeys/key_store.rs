//! Keys and the place that holds them: the system's store, which may be locked or lose a key, and memory for one run.

use brasskey_app::error::{Error, ErrorCode, StoreStateView};
use brasskey_app::keys::view::{KeyView, PlaceView};
use brasskey_ledger::{KeyId, Ledger};
use brasskey_vault::{EntryId, Patience, VaultError};
use tempfile::TempDir;

use crate::account::{ANTHROPIC, OPENAI};
use crate::keys::{SECOND_KEY, listed};
use crate::world::{World, model, question};

pub(crate) async fn place(world: &World, key: &KeyView) -> PlaceView {
    let keys = listed(world).await;
    keys.iter().find(|found| found.id == key.id).unwrap().place
}

/// Why a question through a key is not taken.
pub(crate) async fn refused(world: &World, key: &KeyView) -> StoreStateView {
    let conversation = world.conversation().await;
    let refusal = world
        .send(question(&conversation, "Hello"), model(key, OPENAI.model))
        .await;
    assert!(
        world.messages(&conversation).await.is_empty(),
        "nothing was written"
    );
    match refusal.map(drop) {
        Err(Error::Store(state)) => state,
        other => panic!("the store is in the way, not {other:?}"),
    }
}

/// The entry that holds a key, read from its record while Brasskey has the database open.
pub(crate) async fn entry_of(world: &World, key: &KeyView) -> EntryId {
    let database = world.folder().join("brasskey.db");
    let copy = TempDir::new().unwrap();
    for file in ["brasskey.db", "brasskey.db-wal"] {
        std::fs::copy(database.with_file_name(file), copy.path().join(file)).unwrap();
    }
    let ledger = Ledger::open(&copy.path().join("brasskey.db"))
        .await
        .unwrap();
    let record = ledger
        .keys()
        .get(&KeyId::new(key.id.clone()))
        .await
        .unwrap();
    ledger.close().await;
    EntryId::new(&record.entry_id.unwrap()).unwrap()
}

#[tokio::test]
async fn a_removal_is_final_after_a_restart_and_the_store_no_longer_holds_the_key() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    world.ask(&key, OPENAI, "Hello").await.ended().await;
    let entry = entry_of(&world, &key).await;
    world.app.remove_key(&key.id).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(
        world.store().get(&entry, Patience::User).await.err(),
        Some(VaultError::Missing)
    );
    let too_late = world.app.restore_key(&key.id).await.unwrap_err();
    assert_eq!(too_late.code(), ErrorCode::NotFound);
    assert!(
        world.app.keys().await.unwrap().reconciled.is_empty(),
        "nothing was left half done"
    );
    // The receipt still says who paid.
    let conversation = &world.app.workspace().await.unwrap().conversations[0].id;
    let message = &world.messages(conversation).await[1];
    let payer = serde_json::to_value(message.receipt.clone().unwrap().payer).unwrap();
    assert_eq!(
        (&payer["label"], &payer["last4"]),
        (&"OpenAI".into(), &"OA01".into())
    );
}

#[tokio::test]
async fn a_replaced_key_is_no_longer_in_the_store() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    assert_eq!(key.place, PlaceView::System);
    let old = entry_of(&world, &key).await;
    world.store().get(&old, Patience::User).await.unwrap();
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(
        world.store().get(&old, Patience::User).await.err(),
        Some(VaultError::Missing)
    );
    // The new one is, and outlives a restart.
    let world = world.restarted().await;
    let key = listed(&world).await.remove(0);
    assert_eq!(key.place, PlaceView::System);
    world.ask(&key, OPENAI, "Hello").await.ended().await;
    assert_eq!(world.calls()[0].key.as_deref(), Some(SECOND_KEY));
}

#[tokio::test]
async fn a_key_of_the_store_is_set_aside_while_keys_are_kept_in_memory() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    world.app.use_session_store();
    assert_eq!(place(&world, &key).await, PlaceView::SetAside);
    assert_eq!(refused(&world, &key).await, StoreStateView::SetAside);
    let group = &world.app.models().await.unwrap()[0];
    assert!(group.unavailable.is_some());

    let store = world.app.use_system_store().await.unwrap();
    assert_eq!(store.state, StoreStateView::Ready);
    assert_eq!(place(&world, &key).await, PlaceView::System);
    world.ask(&key, OPENAI, "Hello").await.ended().await;
    assert_eq!(world.calls().len(), 1);
}

#[tokio::test]
async fn a_store_that_does_not_work_is_not_gone_back_to() {
    let world = World::with_store().await;
    world.app.use_session_store();
    let key = world.add_key(OPENAI).await;
    world.drawer().lock(true);
    let store = world.app.use_system_store().await.unwrap();
    assert_eq!(
        store.state,
        StoreStateView::Locked,
        "what was found is told"
    );
    let view = world.app.keys().await.unwrap();
    assert_eq!(view.store.state, StoreStateView::Session);
    assert_eq!(view.keys[0].place, PlaceView::Session);
    world.ask(&key, OPENAI, "Hello").await.ended().await;
}

#[tokio::test]
async fn keys_of_the_session_are_taken_along_into_the_store() {
    let world = World::with_store().await;
    world.app.use_session_store();
    let key = world.add_key(OPENAI).await;
    assert_eq!((key.place, world.drawer().keys()), (PlaceView::Session, 0));
    world.app.use_system_store().await.unwrap();
    assert_eq!(place(&world, &key).await, PlaceView::System);
    assert_eq!(world.drawer().keys(), 1);
    world.ask(&key, OPENAI, "Hello").await.ended().await;

    let world = world.restarted().await;
    assert_eq!(place(&world, &key).await, PlaceView::System);
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
    world.ask(&key, OPENAI, "Still here?").await.ended().await;
    assert_eq!(world.calls().len(), 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_taken_along_is_used_from_memory_until_brasskey_quits() {
    let world = World::with_store().await;
    world.app.use_session_store();
    let stays = world.add_key(OPENAI).await;
    let moves = world.add_key(ANTHROPIC).await;
    world
        .drawer()
        .lock_entry(entry_of(&world, &stays).await.as_str());
    let store = world.app.use_system_store().await.unwrap();
    assert_eq!(store.state, StoreStateView::Ready);
    assert_eq!(place(&world, &stays).await, PlaceView::Session);
    assert_eq!(place(&world, &moves).await, PlaceView::System);
    world.ask(&stays, OPENAI, "Hello").await.ended().await;

    let world = world.restarted().await;
    assert_eq!(place(&world, &stays).await, PlaceView::SessionEnded);
    assert_eq!(refused(&world, &stays).await, StoreStateView::SessionEnded);
    world.ask(&moves, ANTHROPIC, "Hello").await.ended().await;
}

#[tokio::test]
async fn a_key_that_was_kept_for_the_session_has_ended_with_it() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    let world = world.restarted().await;
    assert_eq!(place(&world, &key).await, PlaceView::SessionEnded);
    assert_eq!(refused(&world, &key).await, StoreStateView::SessionEnded);
    let group = &world.app.models().await.unwrap()[0];
    assert_eq!(
        group.unavailable.as_ref().unwrap().code,
        ErrorCode::CredentialStore
    );

    let pending = world.submit(OPENAI, SECOND_KEY);
    let found = world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(found.place, PlaceView::Session);
    world.ask(&found, OPENAI, "Hello").await.ended().await;
    assert_eq!(world.calls()[0].key.as_deref(), Some(SECOND_KEY));
}

#[tokio::test]
async fn a_locked_store_does_not_hide_that_a_session_has_ended() {
    let world = World::with_store().await;
    let stored = world.add_key(ANTHROPIC).await;
    world.app.use_session_store();
    let kept = world.add_key(OPENAI).await;
    world.drawer().lock(true);
    let world = world.restarted().await;
    assert_eq!(place(&world, &stored).await, PlaceView::System);
    assert_eq!(place(&world, &kept).await, PlaceView::SessionEnded);
    assert_eq!(refused(&world, &kept).await, StoreStateView::SessionEnded);
}

#[tokio::test]
async fn a_key_that_somebody_took_out_of_the_store_is_called_missing() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let entry = entry_of(&world, &key).await;
    world.store().delete(&entry, Patience::User).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(place(&world, &key).await, PlaceView::Missing);
    assert_eq!(refused(&world, &key).await, StoreStateView::Missing);
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_store_that_works_is_asked_for_the_key_that_is_needed() {
    let world = World::with_store().await;
    let key = world.add_key(OPENAI).await;
    let other = world.add_key(ANTHROPIC).await;
    let entry = entry_of(&world, &key).await;
    let gone = entry_of(&world, &other).await;
    world.drawer().lock_entry(entry.as_str());
    world.store().delete(&gone, Patience::User).await.unwrap();
    let world = world.restarted().await;
    let probe = async |key: Option<&str>| world.app.probe_store(key).await.unwrap().state;
    assert_eq!(probe(None).await, StoreStateView::Ready);
    // It lies in a collection that is locked, although the store is not.
    assert_eq!(probe(Some(&key.id)).await, StoreStateView::Locked);
    assert_eq!(probe(Some(&other.id)).await, StoreStateView::Missing);
    assert!(world.app.probe_store(Some("no-such-key")).await.is_err());
}
