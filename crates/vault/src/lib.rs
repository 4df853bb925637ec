//! Provider keys in the operating system's credential store: written, read back, compared, and only then called saved.
//!
//! One plain thread owns the store object (`worker`); callers wait for it without ever blocking their own thread, with a
//! time limit, and may give up at any moment. A store that hangs, restarts, locks or disappears becomes a [`StoreState`]
//! that a screen can explain, and is usable again without a restart of the program.
//!
//! Where there is no store, the person may choose memory for the session, or the passphrase vault, which seals keys into a
//! file.
//!
//! This crate must never write a key to disk in the clear, fall back to another store by itself, raise an unlock prompt that no
//! person asked for, or let a key, or an error text of the store below (some hold the raw secret), out of its types.

mod call;
mod fault;
mod key;
mod memory;
mod passphrase;
mod platform;
mod state;
mod store;
mod vault;
mod worker;

pub use key::{EntryId, InvalidEntryId, StoredKey};
pub use passphrase::{Cost, PassphraseError, PassphraseVault, SHORTEST_PASSPHRASE};
pub use state::{Deadlines, Patience, StoreReport, StoreState, VaultError};
pub use vault::Vault;
