//! Anthropic's Messages protocol.
//!
//! It must never send sampling parameters: the current version of the protocol refuses them.

pub(crate) mod request;
pub(crate) mod stream;
mod usage;

/// The protocol version sent in `anthropic-version`.
pub(crate) const VERSION: &str = "2026-10-21";
