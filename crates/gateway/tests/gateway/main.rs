//! The gateway over real sockets: a client on one side, a provider on the other, an authority in memory.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authority;
mod client;
mod custody;
mod endings;
mod limits;
mod models;
mod refusals;
mod requests;
mod rig;
mod streams;
mod upstream;
