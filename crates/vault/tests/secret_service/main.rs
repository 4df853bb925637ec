//! The vault against a real GNOME Keyring and against a fake one with a prompt, each in a session of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;
mod keyring;
mod prompt;
mod world;

use std::time::Duration;

use brasskey_vault::{Deadlines, EntryId, Patience, StoreState, StoredKey, Vault, VaultError};
use secrecy::SecretString;

const SERVICE: &str = "dev.brasskey.test";
const SECRET: &str = "sk-proj-CANARY-51c2";

fn key() -> StoredKey {
    StoredKey {
        secret: SecretString::from(SECRET),
        origin: "https://api.openai.com".to_owned(),
    }
}

fn id() -> EntryId {
    EntryId::new("0198c0de-0000-7000-8000-000000000001").unwrap()
}

fn other() -> EntryId {
    EntryId::new("0198c0de-0000-7000-8000-000000000002").unwrap()
}

/// The real limits would make a test slow; keys are not kept in memory, so that every read asks the store.
fn vault() -> Vault {
    Vault::system_with(
        SERVICE,
        Deadlines {
            background: Duration::from_secs(20),
            user: Duration::from_secs(20),
            idle: Duration::ZERO,
            ..Deadlines::default()
        },
    )
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

async fn state_after_get(vault: &Vault, patience: Patience) -> StoreState {
    match vault.get(&id(), patience).await {
        Err(VaultError::Store(state)) => state,
        other => panic!("a state was expected, not {other:?}"),
    }
}

/// Fifty more tries find the same and leave no threads behind.
async fn fifty_tries(vault: &Vault, expected: StoreState) {
    for _ in 0..3 {
        assert_eq!(state_after_get(vault, Patience::Background).await, expected);
    }
    let before = threads();
    for _ in 0..50 {
        assert_eq!(state_after_get(vault, Patience::Background).await, expected);
    }
    let after = threads();
    assert!(after <= before + 3, "{before} threads became {after}");
}
