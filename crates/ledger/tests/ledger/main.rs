//! The ledger through its public seam, on real files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conversations;
mod crash;
mod damage;
mod drafts_settings_terms;
#[cfg(target_os = "linux")]
mod full_disk;
mod keys;
mod kit;
mod long_conversation;
mod metered_uses;
mod opening;
mod privacy;
mod receipts;
mod search;
mod tree;
mod turns;
