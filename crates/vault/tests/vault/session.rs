//! Keys in memory only, because the user chose so, and the way back to the system's store.

use std::sync::atomic::Ordering;

use brasskey_vault::{Patience, StoreState, VaultError};
use keyring_core::Error;
use secrecy::ExposeSecret;

use crate::shelf::{Act, Shelf};
use crate::{SECRET, id, key, patient};

#[tokio::test]
async fn a_session_keeps_keys_in_memory_and_leaves_the_store_alone() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    vault.use_session();
    assert_eq!(vault.state(), StoreState::Session);
    assert_eq!(vault.probe(Patience::User).await.state, StoreState::Session);
    vault
        .put(&id(), &key(SECRET), Patience::User)
        .await
        .unwrap();
    let read = vault.get(&id(), Patience::Background).await.unwrap();
    assert_eq!(read.secret.expose_secret(), SECRET);
    assert_eq!(shelf.opened.load(Ordering::SeqCst), 0);

    // Back at the store it is still there, for whoever asks for a key of the session.
    vault.use_system();
    let not_stored = vault.get(&id(), Patience::Background).await;
    assert_eq!(not_stored.unwrap_err(), VaultError::Missing);
    vault.delete(&id(), Patience::Background).await.unwrap();
    let read = vault.session_key(&id()).unwrap();

    // Put into the store, it is in both until it is deleted from memory.
    vault.put(&id(), &read, Patience::User).await.unwrap();
    assert!(vault.has_session_key(&id()));
    vault.delete_session_key(&id());
    assert!(!vault.has_session_key(&id()));
    vault.get(&id(), Patience::Background).await.unwrap();
    assert_eq!(shelf.values(id().as_str()).len(), 1);
}

#[tokio::test]
async fn the_systems_store_can_be_tried_without_leaving_the_session() {
    let shelf = Shelf::new();
    let vault = shelf.vault(patient());
    vault.use_session();
    shelf.then(Act::Fail(Error::NoStorageAccess("no".into())));
    let refused = vault.probe_system(Patience::User).await;
    assert_eq!(refused.state, StoreState::Locked);
    assert_eq!(
        vault.probe_system(Patience::User).await.state,
        StoreState::Ready
    );
    assert_eq!(vault.state(), StoreState::Session);
}
