//! The kit is tested like anything else: a sandbox that lies makes every other test lie.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod checks;
mod client;
#[cfg(target_os = "linux")]
mod desktop;
mod failures;
mod program;
mod strictness;
