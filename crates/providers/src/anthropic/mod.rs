//! Anthropic's Messages protocol.
//!
//! It must never send sampling parameters: the current version of the protocol refuses them.

pub(crate) mod request;
pub(crate) mod stream;
mod usage;
