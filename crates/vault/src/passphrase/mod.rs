//! The passphrase vault: one file, sealed under a passphrase, for computers without a credential store.
//!
//! It is used only when the person chose it. It must never hold a passphrase, write a key in the clear, or offer a way in
//! without the passphrase: one that is forgotten is lost, and so are the keys in its file.

mod error;
mod file;
mod sealed;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::key::EntryId;
use crate::state::{StoreState, VaultError};
use file::VaultFile;
use sealed::{Entries, SealingKey};

pub use error::PassphraseError;
pub use sealed::Cost;

/// The fewest characters of a passphrase.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// How often the time of day is looked at: a computer that slept does not count its sleep on the other clock.
const LOOK: Duration = Duration::from_secs(30);

/// A vault in one file. Clones are one vault. Its async methods need a Tokio runtime with time enabled.
#[derive(Clone)]
pub struct PassphraseVault {
    inner: Arc<Inner>,
}

struct Inner {
    file: VaultFile,
    cost: Cost,
    idle: Duration,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    open: Option<Open>,
    /// What the last call met, other than a closed door.
    trouble: Option<StoreState>,
    /// Whether the file was there when it was last looked for.
    there: bool,
}

struct Open {
    key: Arc<SealingKey>,
    used: Used,
}

/// When the vault was last used, on both clocks.
#[derive(Clone, Copy)]
struct Used(Instant, SystemTime);

impl Used {
    #[expect(
        clippy::disallowed_methods,
        reason = "no date is made of it: it tells how long the computer slept"
    )]
    fn now() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    /// The longer of what the two clocks tell; a time of day that was set back tells nothing.
    fn elapsed(self) -> Duration {
        self.0.elapsed().max(self.1.elapsed().unwrap_or_default())
    }
}

impl fmt::Debug for PassphraseVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassphraseVault")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl PassphraseVault {
    /// The vault in this file, which need not exist. It locks itself after `idle` without use. Touches nothing.
    #[must_use]
    pub fn at(file: PathBuf, cost: Cost, idle: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                file: VaultFile::at(file),
                cost,
                idle,
                desk: Mutex::default(),
            }),
        }
    }

    /// Where its file is.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.inner.file.path()
    }

    /// What is known without asking the file.
    #[must_use]
    pub fn state(&self) -> StoreState {
        let desk = self.inner.desk();
        match (&desk.open, desk.trouble) {
            (_, Some(trouble)) => trouble,
            (Some(_), None) => StoreState::VaultOpen,
            (None, None) => StoreState::VaultLocked,
        }
    }

    /// Whether its file was there when it was last looked for, made or put aside.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.inner.desk().there
    }

    /// Looks whether its file is there.
    pub async fn look(&self) -> bool {
        let inner = self.inner.clone();
        let there = off_the_runtime(move || Ok::<_, PassphraseError>(inner.file.exists())).await;
        let there = there.unwrap_or(true);
        let mut desk = self.inner.desk();
        desk.there = there;
        if !there {
            desk.open = None;
            desk.trouble = Some(StoreState::VaultMissing);
        } else if desk.trouble == Some(StoreState::VaultMissing) {
            desk.trouble = None;
        }
        there
    }

    /// Looks at the file again: whether it is there, can be read, and is what it was.
    pub(crate) async fn probe(&self) -> StoreState {
        if self.look().await {
            let inner = self.inner.clone();
            let read = off_the_runtime(move || {
                let open = inner.desk().open.as_ref().map(|open| open.key.clone());
                let read = inner.file.read().and_then(|sealed| match open {
                    Some(key) => key.open(&sealed).map(drop),
                    None => Ok(()),
                });
                inner.told(read)
            })
            .await;
            if let Err(error) = read {
                tracing::info!(%error, "the passphrase vault was looked at");
            }
        }
        self.state()
    }

    /// Makes an empty vault under a passphrase and opens it.
    ///
    /// # Errors
    /// `TooShort`, `Exists`, `Disk`.
    pub async fn create(&self, passphrase: SecretString) -> Result<(), PassphraseError> {
        long_enough(&passphrase)?;
        let inner = self.inner.clone();
        off_the_runtime(move || {
            let key = SealingKey::new(&passphrase, inner.cost)?;
            let _lock = inner.file.lock()?;
            if inner.file.exists() {
                return Err(PassphraseError::Exists);
            }
            inner.file.write(&key.seal(&Entries::default())?)?;
            inner.opened(key);
            Ok(())
        })
        .await
    }

    /// Opens the vault.
    ///
    /// # Errors
    /// `Wrong`, `Missing`, `Damaged`, `Disk`.
    pub async fn unlock(&self, passphrase: SecretString) -> Result<(), PassphraseError> {
        let inner = self.inner.clone();
        off_the_runtime(move || {
            let opened = inner.file.read().and_then(|sealed| {
                let key = sealed.key(&passphrase)?;
                key.open(&sealed)?;
                Ok(key)
            });
            inner.opened(inner.told(opened)?);
            Ok(())
        })
        .await
    }

    /// Gives the vault another passphrase. The old one opens it no longer.
    ///
    /// # Errors
    /// `TooShort`, `Wrong` for the old one, `Missing`, `Damaged`, `Disk`: then the old one is still good.
    pub async fn change(
        &self,
        old: SecretString,
        new: SecretString,
    ) -> Result<(), PassphraseError> {
        long_enough(&new)?;
        let inner = self.inner.clone();
        off_the_runtime(move || {
            let _lock = inner.file.lock()?;
            let sealed = inner.file.read()?;
            let entries = sealed.key(&old)?.open(&sealed)?;
            let key = SealingKey::new(&new, inner.cost)?;
            inner.file.write(&key.seal(&entries)?)?;
            inner.opened(key);
            Ok(())
        })
        .await
    }

    /// Puts the file aside, under a name of its own beside it, and forgets its key: for who forgot the passphrase. Whoever
    /// remembers it later can put the file back. Returns where it is now.
    ///
    /// # Errors
    /// `Missing`, `Disk`.
    pub async fn set_aside(&self) -> Result<PathBuf, PassphraseError> {
        let inner = self.inner.clone();
        off_the_runtime(move || {
            let _lock = inner.file.lock()?;
            let aside = inner.file.set_aside()?;
            *inner.desk() = Desk {
                trouble: Some(StoreState::VaultMissing),
                ..Desk::default()
            };
            Ok(aside)
        })
        .await
    }

    pub(crate) fn lock(&self) {
        self.inner.lock();
    }

    /// How long until the vault locks itself; `None` when it is locked.
    pub(crate) fn until_idle(&self) -> Option<Duration> {
        let desk = self.inner.desk();
        let used = desk.open.as_ref()?.used;
        Some(self.inner.idle.saturating_sub(used.elapsed()).min(LOOK))
    }

    pub(crate) fn is_idle(&self) -> bool {
        let desk = self.inner.desk();
        desk.open
            .as_ref()
            .is_some_and(|open| open.used.elapsed() >= self.inner.idle)
    }

    /// Counts a use, unless the vault is locked.
    pub(crate) fn touch(&self) -> Result<(), VaultError> {
        self.inner.key().map(drop)
    }

    /// Reads an entry.
    pub(crate) async fn get(&self, id: &EntryId) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (inner, id) = (self.inner.clone(), id.clone());
        off_the_runtime(move || {
            let key = inner.key()?;
            let mut entries = inner.told(inner.file.read().and_then(|it| key.open(&it)))?;
            entries.take(id.as_str()).ok_or(VaultError::Missing)
        })
        .await
    }

    /// Writes an entry, reads it back from the file and compares.
    pub(crate) async fn put(
        &self,
        id: &EntryId,
        value: Zeroizing<Vec<u8>>,
    ) -> Result<(), VaultError> {
        let (inner, id) = (self.inner.clone(), id.clone());
        off_the_runtime(move || {
            inner.change(|entries| entries.put(id.as_str(), value.clone()))?;
            let key = inner.key()?;
            let mut read = inner.told(inner.file.read().and_then(|it| key.open(&it)))?;
            match read.take(id.as_str()) {
                Some(read) if bool::from(read.ct_eq(&value)) => Ok(()),
                _ => Err(VaultError::NotVerified),
            }
        })
        .await
    }

    /// Removes an entry. One that is not there, or whose whole file is gone, counts as removed.
    ///
    /// # Errors
    /// [`VaultError::Store`]: the file may still hold it.
    pub async fn delete(&self, id: &EntryId) -> Result<(), VaultError> {
        let (inner, id) = (self.inner.clone(), id.clone());
        off_the_runtime(move || {
            if !inner.file.exists() {
                return Ok(());
            }
            inner.change(|entries| drop(entries.take(id.as_str())))
        })
        .await
    }
}

impl Inner {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self, key: SealingKey) {
        *self.desk() = Desk {
            open: Some(Open {
                key: Arc::new(key),
                used: Used::now(),
            }),
            trouble: None,
            there: true,
        };
    }

    fn lock(&self) {
        self.desk().open = None;
    }

    /// The key of the open vault, whose use counts.
    fn key(&self) -> Result<Arc<SealingKey>, VaultError> {
        const LOCKED: VaultError = VaultError::Store(StoreState::VaultLocked);
        let mut desk = self.desk();
        let open = desk.open.as_mut().ok_or(LOCKED)?;
        if open.used.elapsed() >= self.idle {
            desk.open = None;
            return Err(LOCKED);
        }
        open.used = Used::now();
        Ok(open.key.clone())
    }

    /// Keeps what a call met, so that a screen can say it without another call.
    fn told<T>(&self, outcome: Result<T, PassphraseError>) -> Result<T, PassphraseError> {
        let mut desk = self.desk();
        desk.trouble = match &outcome {
            Ok(_) => None,
            Err(PassphraseError::Wrong) => {
                desk.open = None;
                None
            }
            Err(error) => match VaultError::from(*error) {
                VaultError::Store(state) => Some(state),
                _ => None,
            },
        };
        drop(desk);
        outcome
    }

    /// Changes the entries; another process that changes them waits.
    fn change(&self, change: impl FnOnce(&mut Entries)) -> Result<(), VaultError> {
        let key = self.key()?;
        let changed = (|| {
            let _lock = self.file.lock()?;
            let mut entries = key.open(&self.file.read()?)?;
            change(&mut entries);
            self.file.write(&key.seal(&entries)?)
        })();
        Ok(self.told(changed)?)
    }
}

fn long_enough(passphrase: &SecretString) -> Result<(), PassphraseError> {
    if passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(PassphraseError::TooShort);
    }
    Ok(())
}

/// Deriving a key takes a tenth of a second and more, and a disk may take any time.
async fn off_the_runtime<T: Send + 'static, E: From<PassphraseError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(PassphraseError::Disk(io::ErrorKind::Other).into()),
    }
}
