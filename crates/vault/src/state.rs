//! What the vault says about the store and about one call. Every text here is fixed: nothing that the store or the bus
//! said may pass through.

use std::fmt;
use std::time::Duration;

/// How long a call may wait, and whether it may ask the person at the screen to unlock the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Nobody is waiting: 3 seconds, and never a prompt.
    Background,
    /// A person asked for it: 90 seconds, for they may be answering an unlock prompt.
    User,
}

/// The time limits of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Limit of a [`Patience::Background`] call.
    pub background: Duration,
    /// Limit of a [`Patience::User`] call.
    pub user: Duration,
    /// How long background calls are refused at once after the store failed to answer twice in a row.
    pub pause: Duration,
    /// How long a key that nobody asks for stays in memory.
    pub idle: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            background: Duration::from_secs(3),
            user: Duration::from_secs(90),
            pause: Duration::from_secs(30),
            idle: Duration::from_secs(15 * 60),
        }
    }
}

/// What is known about the credential store. Each state calls for advice of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreState {
    /// No call has been made yet, so nothing is known.
    Unchecked,
    /// The last call was answered.
    Ready,
    /// The user chose to keep keys in memory for this session only.
    Session,
    /// The user chose the passphrase vault, and it is open.
    VaultOpen,
    /// The passphrase vault is locked: it waits for its passphrase.
    VaultLocked,
    /// The passphrase vault's file is gone.
    VaultMissing,
    /// The passphrase vault's file cannot be read: it is not one, was changed, or was made by a later version.
    VaultDamaged,
    /// The passphrase vault's file cannot be read or written now: a full disk, no permission.
    VaultUnwritable,
    /// There is no store: no session bus, or nobody on it who keeps secrets, or no logon session.
    Absent,
    /// The store runs, but has no default collection (keyring, wallet, keychain) to put a key into.
    NoCollection,
    /// The store is locked and nobody has been asked to unlock it.
    Locked,
    /// The person closed the unlock prompt, or no prompt could be shown. Only a [`Patience::User`] call asks again.
    PromptDismissed,
    /// The system refuses this program access.
    Denied,
    /// The store did not answer in time.
    Unresponsive,
    /// The store answered with something else.
    Broken,
}

impl StoreState {
    /// The state's stable name, for logs and for the window.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Ready => "ready",
            Self::Session => "session",
            Self::VaultOpen => "vault_open",
            Self::VaultLocked => "vault_locked",
            Self::VaultMissing => "vault_missing",
            Self::VaultDamaged => "vault_damaged",
            Self::VaultUnwritable => "vault_unwritable",
            Self::Absent => "absent",
            Self::NoCollection => "no_collection",
            Self::Locked => "locked",
            Self::PromptDismissed => "prompt_dismissed",
            Self::Denied => "denied",
            Self::Unresponsive => "unresponsive",
            Self::Broken => "broken",
        }
    }
}

impl fmt::Display for StoreState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What a probe of the store found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreReport {
    /// [`StoreState::Ready`] only if an entry was written, read back, compared and deleted.
    pub state: StoreState,
    /// A fixed code that tells support which way the state was reached; never a text of the store's.
    pub detail: Option<&'static str>,
}

/// Why a call to the vault failed. Holds no text and no source error of the store's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The store cannot be used now.
    #[error("the credential store cannot be used: {0}")]
    Store(StoreState),
    /// The store is open and holds no such entry.
    #[error("the credential store holds no such key")]
    Missing,
    /// The entry is not in the form that this program writes.
    #[error("the stored key cannot be read")]
    Corrupt,
    /// The store refuses an entry of this size.
    #[error("the key is longer than the credential store allows ({limit} bytes)")]
    TooLong {
        /// The store's limit in bytes for the whole entry, which is the key, its origin and about 30 bytes.
        limit: u32,
    },
    /// What was read back is not what was written: the key must not be called saved.
    #[error("the credential store did not return what was written")]
    NotVerified,
    /// The wait was given up on request.
    #[error("the wait for the credential store was cancelled")]
    Cancelled,
    /// The vault is closed.
    #[error("the vault is closed")]
    Closed,
}
