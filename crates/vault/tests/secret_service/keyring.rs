//! A real GNOME Keyring in every condition that a desktop brings it into.

use std::collections::HashMap;
use std::time::Duration;

use brasskey_vault::{Deadlines, Patience, StoreState, Vault, VaultError};
use secrecy::ExposeSecret;
use secret_service::{EncryptionType, SecretService};

use crate::world::{World, run};
use crate::{SECRET, SERVICE, fifty_tries, id, key, other, state_after_get, vault};

fn hasty_vault() -> Vault {
    Vault::system_with(
        SERVICE,
        Deadlines {
            background: Duration::from_millis(150),
            user: Duration::from_millis(150),
            pause: Duration::ZERO,
            idle: Duration::ZERO,
        },
    )
}

#[test]
fn an_unlocked_keyring_keeps_a_key() {
    run(
        "keyring::an_unlocked_keyring_keeps_a_key",
        true,
        async |world: World| {
            let _keyring = world.start_unlocked_keyring().await;
            let report = vault().probe(Patience::Background).await;
            assert_eq!((report.state, report.detail), (StoreState::Ready, None));

            vault().put(&id(), &key(), Patience::User).await.unwrap();
            let read = vault().get(&id(), Patience::Background).await.unwrap();
            assert_eq!(read.secret.expose_secret(), SECRET);
            assert_eq!(read.origin, "https://api.openai.com");

            // One entry, nothing of the key in what every program may read, and no file with it in plain text.
            let service = SecretService::connect(EncryptionType::Dh).await.unwrap();
            let collection = service.get_default_collection().await.unwrap();
            let items = collection.get_all_items().await.unwrap();
            assert_eq!(items.len(), 1);
            let told = format!(
                "{:?} {}",
                items[0].get_attributes().await.unwrap(),
                items[0].get_label().await.unwrap()
            );
            assert!(
                told.contains(id().as_str()) && !told.contains("CANARY"),
                "{told}"
            );
            let files = files_below(&world.home);
            assert!(
                files.iter().any(|file| file.ends_with("login.keyring")),
                "{files:?}"
            );
            for file in files {
                let bytes = std::fs::read(&file).unwrap_or_default();
                let found = bytes
                    .windows(SECRET.len())
                    .any(|window| window == SECRET.as_bytes());
                assert!(!found, "{}", file.display());
            }

            vault().delete(&id(), Patience::User).await.unwrap();
            let gone = vault().get(&id(), Patience::Background).await;
            assert_eq!(gone.unwrap_err(), VaultError::Missing);
            assert!(collection.get_all_items().await.unwrap().is_empty());
        },
    );
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}

#[test]
fn a_locked_keyring_is_locked_until_a_person_unlocks_it() {
    run(
        "keyring::a_locked_keyring_is_locked_until_a_person_unlocks_it",
        true,
        async |world: World| {
            let keyring = world.start_unlocked_keyring().await;
            vault().put(&id(), &key(), Patience::User).await.unwrap();
            keyring.kill();
            world.keyring_is_gone().await;

            let _keyring = world.start_keyring().await;
            let vault = vault();
            fifty_tries(&vault, StoreState::Locked).await;
            assert_eq!(vault.state(), StoreState::Locked);
            assert_eq!(
                vault.probe(Patience::Background).await.state,
                StoreState::Locked
            );
            // What is not in a locked keyring is not missing either.
            let unknown = vault.get(&other(), Patience::Background).await;
            assert_eq!(unknown.unwrap_err(), VaultError::Store(StoreState::Locked));

            // No display, so the prompt of a person's call cannot be shown.
            assert_eq!(
                state_after_get(&vault, Patience::User).await,
                StoreState::PromptDismissed
            );
            fifty_tries(&vault, StoreState::PromptDismissed).await;

            world.unlock_keyring().await;
            let read = vault.get(&id(), Patience::Background).await.unwrap();
            assert_eq!(read.secret.expose_secret(), SECRET);
            assert_eq!(vault.state(), StoreState::Ready);
            let unknown = vault.get(&other(), Patience::Background).await;
            assert_eq!(unknown.unwrap_err(), VaultError::Missing);
        },
    );
}

#[test]
fn a_bus_without_a_secret_service_has_no_store() {
    run(
        "keyring::a_bus_without_a_secret_service_has_no_store",
        true,
        async |world: World| {
            let vault = vault();
            let report = vault.probe(Patience::User).await;
            assert_eq!(report.state, StoreState::Absent);
            assert_eq!(report.detail, Some("no_secret_service"));
            fifty_tries(&vault, StoreState::Absent).await;
            // It may come later.
            let _keyring = world.start_unlocked_keyring().await;
            vault.put(&id(), &key(), Patience::User).await.unwrap();
        },
    );
}

#[test]
fn a_session_without_a_bus_has_no_store_until_there_is_one() {
    run(
        "keyring::a_session_without_a_bus_has_no_store_until_there_is_one",
        false,
        async |world: World| {
            let vault = vault();
            let report = vault.probe(Patience::User).await;
            assert_eq!(
                (report.state, report.detail),
                (StoreState::Absent, Some("no_bus"))
            );
            fifty_tries(&vault, StoreState::Absent).await;

            let _bus = world.start_bus();
            let _keyring = world.start_unlocked_keyring().await;
            vault.put(&id(), &key(), Patience::User).await.unwrap();
        },
    );
}

#[test]
fn a_bus_that_is_replaced_is_found_again() {
    run(
        "keyring::a_bus_that_is_replaced_is_found_again",
        false,
        async |world: World| {
            let vault = vault();
            let bus = world.start_bus();
            let keyring = world.start_unlocked_keyring().await;
            vault.put(&id(), &key(), Patience::User).await.unwrap();
            keyring.kill();
            bus.kill();
            assert_eq!(
                state_after_get(&vault, Patience::Background).await,
                StoreState::Absent
            );

            std::fs::remove_file(world.home.join("run/bus")).unwrap();
            let _bus = world.start_bus();
            let _keyring = world.start_unlocked_keyring().await;
            vault.get(&id(), Patience::Background).await.unwrap();
        },
    );
}

#[test]
fn a_keyring_without_a_collection_is_told_from_a_missing_key() {
    run(
        "keyring::a_keyring_without_a_collection_is_told_from_a_missing_key",
        true,
        async |world: World| {
            let _keyring = world.start_keyring().await;
            let vault = vault();
            let report = vault.probe(Patience::User).await;
            assert_eq!(report.state, StoreState::NoCollection);
            fifty_tries(&vault, StoreState::NoCollection).await;
            let put = vault.put(&id(), &key(), Patience::User).await;
            assert_eq!(
                put.unwrap_err(),
                VaultError::Store(StoreState::NoCollection)
            );
        },
    );
}

#[test]
fn a_keyring_killed_and_started_again_serves_the_same_vault() {
    run(
        "keyring::a_keyring_killed_and_started_again_serves_the_same_vault",
        true,
        async |world: World| {
            let vault = vault();
            let keyring = world.start_unlocked_keyring().await;
            vault.put(&id(), &key(), Patience::User).await.unwrap();
            vault.get(&id(), Patience::Background).await.unwrap();

            keyring.kill();
            world.keyring_is_gone().await;
            assert_eq!(
                state_after_get(&vault, Patience::Background).await,
                StoreState::Absent
            );

            let keyring = world.start_unlocked_keyring().await;
            let read = vault.get(&id(), Patience::Background).await.unwrap();
            assert_eq!(read.secret.expose_secret(), SECRET);

            // Replaced between two calls, unnoticed: the store object is stale.
            keyring.kill();
            world.keyring_is_gone().await;
            let _keyring = world.start_unlocked_keyring().await;
            vault.get(&id(), Patience::Background).await.unwrap();
            vault
                .put(&other(), &key(), Patience::Background)
                .await
                .unwrap();
            assert_eq!(vault.state(), StoreState::Ready);
        },
    );
}

#[test]
fn a_keyring_that_stops_answering_is_unresponsive_until_it_goes_on() {
    run(
        "keyring::a_keyring_that_stops_answering_is_unresponsive_until_it_goes_on",
        true,
        async |world: World| {
            let keyring = world.start_unlocked_keyring().await;
            vault().put(&id(), &key(), Patience::User).await.unwrap();
            // With a store object already open, and with none.
            let open = hasty_vault();
            while open.get(&id(), Patience::Background).await.is_err() {}
            let fresh = hasty_vault();

            keyring.signal("-STOP");
            for vault in [&open, &fresh] {
                let report = vault.probe(Patience::User).await;
                assert_eq!(report.state, StoreState::Unresponsive);
                fifty_tries(vault, StoreState::Unresponsive).await;
            }

            keyring.signal("-CONT");
            for vault in [&open, &fresh] {
                // On a busy machine the first answer may take longer than this vault's limit.
                let mut read = vault.get(&id(), Patience::User).await;
                for _ in 0..20 {
                    if read.is_ok() {
                        break;
                    }
                    read = vault.get(&id(), Patience::User).await;
                }
                assert_eq!(read.unwrap().secret.expose_secret(), SECRET);
            }
            // And the process ends although the keyring hangs.
            keyring.signal("-STOP");
            assert_eq!(
                state_after_get(&open, Patience::Background).await,
                StoreState::Unresponsive
            );
        },
    );
}

#[test]
fn of_two_entries_with_one_name_the_newest_stays() {
    run(
        "keyring::of_two_entries_with_one_name_the_newest_stays",
        true,
        async |world: World| {
            let _keyring = world.start_unlocked_keyring().await;
            let service = SecretService::connect(EncryptionType::Dh).await.unwrap();
            let collection = service.get_default_collection().await.unwrap();
            for secret in ["first", "second", "third"] {
                let value = format!(
                    "{{\"v\":1,\"key\":\"{secret}\",\"origin\":\"https://api.openai.com\"}}"
                );
                let id = id();
                let attributes = HashMap::from([("service", SERVICE), ("username", id.as_str())]);
                collection
                    .create_item("twice", attributes, value.as_bytes(), false, "text/plain")
                    .await
                    .unwrap();
                // The keyring dates its entries to the second.
                tokio::time::sleep(Duration::from_millis(1100)).await;
            }
            assert_eq!(collection.get_all_items().await.unwrap().len(), 3);
            let read = vault().get(&id(), Patience::Background).await.unwrap();
            assert_eq!(read.secret.expose_secret(), "third");
            assert_eq!(collection.get_all_items().await.unwrap().len(), 1);
        },
    );
}
