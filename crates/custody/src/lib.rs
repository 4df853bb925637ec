//! Finds a secret in bytes, in every form in which a program could leave it behind: the proof that a key is nowhere else.
//!
//! The tests and the application's own "Check for leaks" use this one search, so that what is proved is what is offered.
//! It must never print, return or keep the secret or anything of it: a hit says where and in which form, and no more.

mod files;
mod form;
mod needle;

pub use files::{Looked, Place, look_through};
pub use form::Form;
pub use needle::{Hit, Needle, TooShort, own_part};
