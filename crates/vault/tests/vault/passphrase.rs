//! The passphrase vault over a real file: what opens it, what does not, and what its file gives away.
#![allow(clippy::disallowed_methods, reason = "files are damaged on purpose")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use brasskey_vault::{
    Cost, EntryId, PassphraseError, PassphraseVault, Patience, SHORTEST_PASSPHRASE, StoreState,
    StoredKey, Vault, VaultError,
};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinSet;

use crate::shelf::Shelf;
use crate::{SECRET, id, key, patient};

const PASSPHRASE: &str = "a kettle, two cups and \u{e9}clairs";

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

struct Place {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.vault");
        Self {
            _folder: folder,
            file,
        }
    }

    /// As another start of the program finds it.
    fn sealed(&self) -> PassphraseVault {
        self.idle_after(Duration::from_secs(900))
    }

    fn idle_after(&self, idle: Duration) -> PassphraseVault {
        PassphraseVault::at(self.file.clone(), Cost::least(), idle)
    }

    /// A vault of the system, which nobody may ask, with keys kept in the file.
    fn vault(&self, sealed: &PassphraseVault) -> Vault {
        let vault = Shelf::new().vault(patient());
        vault.use_passphrase(sealed);
        vault
    }
}

fn other(number: u32) -> EntryId {
    EntryId::new(&format!("entry-{number}")).unwrap()
}

async fn put(vault: &Vault, id: &EntryId, key: &StoredKey) {
    vault.put(id, key, Patience::Background).await.unwrap();
}

async fn got(vault: &Vault, id: &EntryId) -> Result<String, VaultError> {
    let stored = vault.get(id, Patience::Background).await?;
    Ok(stored.secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_key_comes_back_after_a_restart_and_the_passphrase() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    let vault = place.vault(&sealed);
    assert_eq!(vault.state(), StoreState::VaultOpen);
    put(&vault, &id(), &key(SECRET)).await;
    put(&vault, &other(1), &key("another")).await;

    let sealed = place.sealed();
    let vault = place.vault(&sealed);
    assert_eq!(vault.state(), StoreState::VaultLocked);
    let locked = VaultError::Store(StoreState::VaultLocked);
    assert_eq!(got(&vault, &id()).await, Err(locked));
    let kept = vault.put(&other(2), &key("x"), Patience::User).await;
    assert_eq!(kept, Err(locked));
    sealed.unlock(passphrase(PASSPHRASE)).await.unwrap();
    assert_eq!(got(&vault, &id()).await.unwrap(), SECRET);
    vault.delete(&id(), Patience::Background).await.unwrap();
    assert_eq!(got(&vault, &id()).await, Err(VaultError::Missing));
    assert_eq!(got(&vault, &other(1)).await.unwrap(), "another");
}

#[tokio::test]
async fn a_wrong_passphrase_opens_nothing_and_changes_nothing() {
    let place = Place::new();
    place.sealed().create(passphrase(PASSPHRASE)).await.unwrap();
    let before = fs::read(&place.file).unwrap();
    let sealed = place.sealed();
    for wrong in ["", "a kettle", "A kettle, two cups and \u{e9}clairs"] {
        let opened = sealed.unlock(passphrase(wrong)).await;
        assert_eq!(opened, Err(PassphraseError::Wrong));
    }
    let changed = sealed
        .change(
            passphrase("not the old one"),
            passphrase("a new passphrase"),
        )
        .await;
    assert_eq!(changed, Err(PassphraseError::Wrong));
    assert_eq!(sealed.state(), StoreState::VaultLocked);
    assert_eq!(fs::read(&place.file).unwrap(), before);
}

#[tokio::test]
async fn a_passphrase_is_long_enough_and_no_vault_is_made_over_another() {
    let place = Place::new();
    let sealed = place.sealed();
    let short = "\u{e9}".repeat(SHORTEST_PASSPHRASE - 1);
    let made = sealed.create(passphrase(&short)).await;
    assert_eq!(made, Err(PassphraseError::TooShort));
    assert!(!place.file.exists());
    assert_eq!(
        sealed.unlock(passphrase(PASSPHRASE)).await,
        Err(PassphraseError::Missing)
    );
    sealed
        .create(passphrase(&"\u{e9}".repeat(SHORTEST_PASSPHRASE)))
        .await
        .unwrap();
    let again = place.sealed().create(passphrase(PASSPHRASE)).await;
    assert_eq!(again, Err(PassphraseError::Exists));
}

#[tokio::test]
async fn another_passphrase_takes_the_place_of_the_old_one_with_all_keys() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    put(&place.vault(&sealed), &id(), &key(SECRET)).await;
    // Another process has it open meanwhile.
    let elsewhere = place.sealed();
    elsewhere.unlock(passphrase(PASSPHRASE)).await.unwrap();

    let new = "a samovar for a change";
    sealed
        .change(passphrase(PASSPHRASE), passphrase(new))
        .await
        .unwrap();
    assert_eq!(got(&place.vault(&sealed), &id()).await.unwrap(), SECRET);
    let there = place.vault(&elsewhere);
    assert_eq!(
        got(&there, &id()).await,
        Err(VaultError::Store(StoreState::VaultLocked)),
        "it has to be asked for the new passphrase"
    );
    let sealed = place.sealed();
    assert_eq!(
        sealed.unlock(passphrase(PASSPHRASE)).await,
        Err(PassphraseError::Wrong)
    );
    sealed.unlock(passphrase(new)).await.unwrap();
    assert_eq!(got(&place.vault(&sealed), &id()).await.unwrap(), SECRET);
}

#[tokio::test]
async fn a_forgotten_one_is_put_aside_and_can_be_put_back() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    put(&place.vault(&sealed), &id(), &key(SECRET)).await;
    let aside = sealed.set_aside().await.unwrap();
    assert_eq!(sealed.state(), StoreState::VaultMissing);
    sealed
        .create(passphrase("begun again, anew"))
        .await
        .unwrap();
    assert_eq!(
        got(&place.vault(&sealed), &id()).await,
        Err(VaultError::Missing)
    );
    // A second one gets a name of its own.
    assert_ne!(sealed.set_aside().await.unwrap(), aside);

    fs::rename(aside, &place.file).unwrap();
    let sealed = place.sealed();
    sealed.unlock(passphrase(PASSPHRASE)).await.unwrap();
    assert_eq!(got(&place.vault(&sealed), &id()).await.unwrap(), SECRET);
}

#[tokio::test]
async fn it_locks_itself_when_nobody_uses_it() {
    let place = Place::new();
    let sealed = place.idle_after(Duration::from_millis(50));
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    let vault = place.vault(&sealed);
    put(&vault, &id(), &key(SECRET)).await;
    vault.lock_when_idle().await;
    assert_eq!(vault.state(), StoreState::VaultLocked);
    assert_eq!(
        got(&vault, &id()).await,
        Err(VaultError::Store(StoreState::VaultLocked)),
        "also what was read before"
    );
}

#[tokio::test]
async fn locking_takes_what_was_read_along() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    let vault = place.vault(&sealed);
    put(&vault, &id(), &key(SECRET)).await;
    assert_eq!(got(&vault, &id()).await.unwrap(), SECRET);
    vault.lock();
    assert_eq!(
        got(&vault, &id()).await,
        Err(VaultError::Store(StoreState::VaultLocked))
    );
    // Back at the system's store, nothing of it is left either.
    vault.use_system();
    assert_eq!(got(&vault, &id()).await, Err(VaultError::Missing));
}

#[tokio::test]
async fn two_processes_lose_nothing_of_each_other() {
    let place = Place::new();
    place.sealed().create(passphrase(PASSPHRASE)).await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let sealed = place.sealed();
        sealed.unlock(passphrase(PASSPHRASE)).await.unwrap();
        let vault = place.vault(&sealed);
        writers.spawn(async move {
            for number in 0..8 {
                put(&vault, &other(writer * 100 + number), &key("mine")).await;
            }
        });
    }
    writers.join_all().await;
    let sealed = place.sealed();
    sealed.unlock(passphrase(PASSPHRASE)).await.unwrap();
    let vault = place.vault(&sealed);
    for writer in 0..4 {
        for number in 0..8 {
            assert_eq!(
                got(&vault, &other(writer * 100 + number)).await.unwrap(),
                "mine"
            );
        }
    }
}

#[tokio::test]
async fn the_file_shows_neither_key_nor_origin_nor_entry_and_is_its_owners_alone() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    put(&place.vault(&sealed), &id(), &key(SECRET)).await;
    let text = fs::read_to_string(&place.file).unwrap();
    for hidden in ["CANARY", "openai", id().as_str(), "kettle"] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&place.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_default_cost_is_what_is_promised() {
    let place = Place::new();
    let sealed = PassphraseVault::at(
        place.file.clone(),
        Cost::default(),
        Duration::from_secs(900),
    );
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    let file: serde_json::Value = serde_json::from_slice(&fs::read(&place.file).unwrap()).unwrap();
    assert_eq!(file["kdf"]["name"], "argon2id");
    assert_eq!(file["kdf"]["memory_kib"], 65_536);
    assert_eq!(file["kdf"]["passes"], 3);
}

#[tokio::test]
async fn a_file_that_asks_for_all_memory_is_not_obeyed() {
    let place = Place::new();
    place.sealed().create(passphrase(PASSPHRASE)).await.unwrap();
    let mut file: serde_json::Value =
        serde_json::from_slice(&fs::read(&place.file).unwrap()).unwrap();
    file["kdf"]["memory_kib"] = u32::MAX.into();
    fs::write(&place.file, file.to_string()).unwrap();
    let sealed = place.sealed();
    assert_eq!(
        sealed.unlock(passphrase(PASSPHRASE)).await,
        Err(PassphraseError::Damaged)
    );
    assert_eq!(sealed.state(), StoreState::VaultDamaged);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_written_is_not_called_saved_and_the_old_file_stays() {
    let place = Place::new();
    let sealed = place.sealed();
    sealed.create(passphrase(PASSPHRASE)).await.unwrap();
    let vault = place.vault(&sealed);
    put(&vault, &id(), &key(SECRET)).await;
    let before = fs::read(&place.file).unwrap();
    // A folder where the lock is to be stands for one that takes no files; to the tests' user every folder is writable.
    let lock = place.file.with_file_name("keys.vault.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    assert_eq!(
        vault.put(&other(1), &key("x"), Patience::User).await,
        Err(VaultError::Store(StoreState::VaultUnwritable))
    );
    assert_eq!(vault.state(), StoreState::VaultUnwritable);
    assert_eq!(fs::read(&place.file).unwrap(), before);
    fs::remove_dir(&lock).unwrap();
    put(&vault, &other(1), &key("x")).await;
    assert_eq!(vault.state(), StoreState::VaultOpen);
}

/// A vault with one key, as text, made once.
fn sample() -> &'static str {
    static SAMPLE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| {
        let place = Place::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let sealed = place.sealed();
            sealed.create(passphrase(PASSPHRASE)).await.unwrap();
            put(&place.vault(&sealed), &id(), &key(SECRET)).await;
        });
        fs::read_to_string(&place.file).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever one byte becomes, the file gives the key unchanged or gives none.
    #[test]
    fn a_changed_file_never_gives_another_key(at in 0usize..1_000, with in any::<u8>()) {
        let mut bytes = sample().as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = with;
        let place = Place::new();
        fs::write(&place.file, &bytes).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let sealed = place.sealed();
            if sealed.unlock(passphrase(PASSPHRASE)).await.is_ok() {
                assert_eq!(got(&place.vault(&sealed), &id()).await.unwrap(), SECRET);
            }
        });
    }

    /// A file that is cut short, or anything else, is no vault.
    #[test]
    fn what_is_no_vault_opens_for_nobody(text in ".{0,200}", cut in 0usize..1_000) {
        for bytes in [text.as_bytes(), &sample().as_bytes()[..cut % (sample().len() - 2)]] {
            let place = Place::new();
            fs::write(&place.file, bytes).unwrap();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let opened = runtime.block_on(place.sealed().unlock(passphrase(PASSPHRASE)));
            assert_eq!(opened, Err(PassphraseError::Damaged));
        }
    }
}
