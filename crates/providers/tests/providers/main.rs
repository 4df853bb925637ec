//! The provider crate seen from outside: transcripts, refusals, real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod addresses;
mod chat_usage;
mod checks;
mod custody;
mod framing;
mod meter;
mod oversized;
mod providers;
mod redaction;
mod refusals;
mod requests;
mod server;
mod sockets;
mod tools;
mod transcripts;
mod variants;
