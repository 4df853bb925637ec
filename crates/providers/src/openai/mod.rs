//! OpenAI's Responses protocol.
//!
//! It must never ask the provider to store a conversation.

pub(crate) mod request;
pub(crate) mod stream;
