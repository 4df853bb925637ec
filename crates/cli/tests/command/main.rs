//! The command as a script calls it: a real process against a real socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests"
)]

mod aimock;
mod ask;
mod provider;
