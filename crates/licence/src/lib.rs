//! The licence: what the platform signs, and how the application reads it without asking anybody.
//!
//! A function of its inputs: no clock, no network, no file. The service signs with it, the application verifies with it, and
//! both share its words. It must never decide on its own that a user may do less: only a signed statement lowers rights.

mod claims;
mod clock;
mod key;
mod keyset;
mod licence;
mod lifetime;
mod token;

pub use claims::{AUDIENCE, Claims, Feature, Mode, Standing};
pub use clock::Marks;
pub use key::{KeyError, PublicKey, SigningKey};
pub use keyset::{KeySet, KeyState, ListedKey};
pub use licence::{Grant, Licence, State};
pub use lifetime::{Account, Lifetime};
pub use token::TokenError;
