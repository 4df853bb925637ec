//! Anthropic's Messages protocol.
//!
//! It must never send sampling parameters: the current version of the protocol refuses them.

pub(crate) mod request;
pub(crate) mod stream;
mod usage;

/// The version before the current one; it is served still, and gateways may know it alone.
pub(crate) const OLDER_VERSION: &str = "2023-06-01";
