//! Keys in the passphrase vault, which a person without a credential store chooses: over restarts, into it and out of it.
#![allow(
    clippy::disallowed_methods,
    reason = "a file is damaged and put back on purpose"
)]

use brasskey_app::error::{ErrorCode, StoreStateView};
use brasskey_app::keys::view::{KeyView, PlaceView};
use secrecy::SecretString;

use crate::account::{ANTHROPIC, OPENAI};
use crate::key_store::{entry_of, place, refused};
use crate::keys::{SECOND_KEY, listed};
use crate::world::World;

const PASSPHRASE: &str = "a kettle and two cups";

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn state(world: &World) -> StoreStateView {
    world.app.keys().await.unwrap().store.state
}

async fn answers(world: &World, key: &KeyView) {
    world.ask(key, OPENAI, "Hello").await.ended().await;
}

#[tokio::test]
async fn the_choice_outlives_the_run_and_each_start_asks_for_the_passphrase() {
    let world = World::with_own_keys().await;
    let made = world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    assert_eq!(made.state, StoreStateView::VaultOpen);
    let key = world.add_key(OPENAI).await;
    assert_eq!(key.place, PlaceView::Vault);
    answers(&world, &key).await;

    let world = world.restarted().await;
    assert_eq!(state(&world).await, StoreStateView::VaultLocked);
    assert_eq!(place(&world, &key).await, PlaceView::Vault);
    assert_eq!(refused(&world, &key).await, StoreStateView::VaultLocked);
    let wrong = world
        .app
        .unlock_vault(passphrase("two kettles and a cup"))
        .await;
    assert_eq!(wrong.unwrap_err().code(), ErrorCode::PassphraseWrong);
    assert_eq!(world.calls().len(), 1);

    world
        .app
        .unlock_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    answers(&world, &key).await;
    assert_eq!(world.app.lock_vault().state, StoreStateView::VaultLocked);
    assert_eq!(refused(&world, &key).await, StoreStateView::VaultLocked);
    assert_eq!(world.calls().len(), 2);
}

#[tokio::test]
async fn the_keys_and_the_device_of_a_session_move_into_the_vault() {
    let world = World::with_own_keys().await;
    let key = world.add_key(OPENAI).await;
    assert_eq!(key.place, PlaceView::Session);
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    assert_eq!(place(&world, &key).await, PlaceView::Vault);

    let world = world.restarted().await;
    world
        .app
        .unlock_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    answers(&world, &key).await;
    // The credential of this computer would have ended with the session, and the trial with it.
    world.app.check_licence().await.unwrap();
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
}

#[tokio::test]
async fn keys_of_the_store_are_set_aside_meanwhile_and_the_vaults_move_into_it_later() {
    let world = World::with_store().await;
    let stored = world.add_key(ANTHROPIC).await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    assert_eq!(place(&world, &stored).await, PlaceView::SetAside);
    let key = world.add_key(OPENAI).await;
    let removed = world.add_key_with(OPENAI, SECOND_KEY, "Second").await;
    world.app.remove_key(&removed.id).await.unwrap();

    let store = world.app.use_system_store().await.unwrap();
    assert_eq!(store.state, StoreStateView::Ready);
    assert!(store.has_vault, "the empty vault stays for another time");
    assert_eq!(place(&world, &stored).await, PlaceView::System);
    assert_eq!(place(&world, &key).await, PlaceView::System);
    let restored = world.app.restore_key(&removed.id).await.unwrap();
    assert_eq!(restored.place, PlaceView::System);

    let world = world.restarted().await;
    assert_eq!(listed(&world).await.len(), 3);
    answers(&world, &key).await;
    world.app.check_licence().await.unwrap();
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
    // Nothing is left in the file.
    world
        .app
        .unlock_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    assert_eq!(place(&world, &key).await, PlaceView::SetAside);
}

#[tokio::test]
async fn when_one_key_cannot_move_none_has_moved() {
    let world = World::with_store().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let first = world.add_key(ANTHROPIC).await;
    let key = world.add_key(OPENAI).await;
    let entry = entry_of(&world, &key).await;
    world.drawer().lock_entry(entry.as_str());
    let before = world.drawer().keys();
    let refusal = world.app.use_system_store().await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::CredentialStore);
    assert_eq!(state(&world).await, StoreStateView::VaultOpen);
    for key in [&first, &key] {
        assert_eq!(place(&world, key).await, PlaceView::Vault);
    }
    assert_eq!(world.drawer().keys(), before, "nothing is left there");
    answers(&world, &key).await;
}

#[tokio::test]
async fn a_locked_vault_is_not_left_without_its_keys() {
    let world = World::with_store().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let key = world.add_key(OPENAI).await;
    world.app.lock_vault();
    let refusal = world.app.use_system_store().await.unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::CredentialStore);
    assert_eq!(state(&world).await, StoreStateView::VaultLocked);
    world
        .app
        .unlock_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    answers(&world, &key).await;
}

#[tokio::test]
async fn a_forgotten_passphrase_costs_the_keys_and_nothing_else() {
    let world = World::with_own_keys().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let key = world.add_key(OPENAI).await;
    answers(&world, &key).await;
    let world = world.restarted().await;
    let begun = world.app.begin_vault_anew().await.unwrap();
    assert_eq!(begun.state, StoreStateView::VaultMissing);
    assert!(!begun.has_vault);
    assert!(world.folder().join("keys.aside-1").exists());

    let another = "a samovar for a change";
    world.app.create_vault(passphrase(another)).await.unwrap();
    assert_eq!(refused(&world, &key).await, StoreStateView::Missing);
    assert_eq!(place(&world, &key).await, PlaceView::Missing);
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.app.replace_key(&key.id, &pending.id).await.unwrap();
    assert_eq!(place(&world, &key).await, PlaceView::Vault);
    answers(&world, &key).await;
    let conversations = world.app.workspace().await.unwrap().conversations;
    assert!(conversations.len() >= 2, "what was said is all there");
}

#[tokio::test]
async fn another_passphrase_opens_it_from_then_on() {
    let world = World::with_own_keys().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let key = world.add_key(OPENAI).await;
    let new = "a samovar for a change";
    let short = world
        .app
        .change_passphrase(passphrase(PASSPHRASE), passphrase("short"))
        .await;
    assert_eq!(short.unwrap_err().code(), ErrorCode::PassphraseTooShort);
    world
        .app
        .change_passphrase(passphrase(PASSPHRASE), passphrase(new))
        .await
        .unwrap();
    let world = world.restarted().await;
    let old = world.app.unlock_vault(passphrase(PASSPHRASE)).await;
    assert_eq!(old.unwrap_err().code(), ErrorCode::PassphraseWrong);
    world.app.unlock_vault(passphrase(new)).await.unwrap();
    answers(&world, &key).await;
}

#[tokio::test]
async fn a_file_that_is_gone_or_damaged_is_said_and_can_be_put_back() {
    let world = World::with_own_keys().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let key = world.add_key(OPENAI).await;
    let file = world.folder().join("keys.vault");
    let kept = std::fs::read(&file).unwrap();

    std::fs::write(&file, &kept[..kept.len() / 2]).unwrap();
    let probe = async || world.app.probe_store(None).await.unwrap().state;
    assert_eq!(probe().await, StoreStateView::VaultDamaged);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(probe().await, StoreStateView::VaultMissing);
    std::fs::write(&file, &kept).unwrap();
    assert_eq!(probe().await, StoreStateView::VaultLocked);
    world
        .app
        .unlock_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    answers(&world, &key).await;
}

#[tokio::test]
async fn a_vault_whose_file_is_gone_is_left_for_a_store_that_works() {
    let world = World::with_store().await;
    world
        .app
        .create_vault(passphrase(PASSPHRASE))
        .await
        .unwrap();
    let key = world.add_key(OPENAI).await;
    world.app.begin_vault_anew().await.unwrap();
    let store = world.app.use_system_store().await.unwrap();
    assert_eq!(store.state, StoreStateView::Ready);
    assert_eq!(refused(&world, &key).await, StoreStateView::Missing);
    assert_eq!(place(&world, &key).await, PlaceView::Missing);

    // It is entered again, and stays where keys are kept from now on.
    let pending = world.submit(OPENAI, SECOND_KEY);
    world.app.replace_key(&key.id, &pending.id).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(place(&world, &key).await, PlaceView::System);
    answers(&world, &key).await;
    assert!(world.app.keys().await.unwrap().reconciled.is_empty());
}
