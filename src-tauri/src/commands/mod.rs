//! The commands that the window may call: one file a feature, each command parses, calls and maps.
#![allow(
    clippy::let_underscore_must_use,
    reason = "the code that tauri's command macro makes around an async command"
)]

pub mod account;
pub mod billing;
pub mod chat;
pub mod custody;
pub mod keys;
pub mod links;
pub mod models;
pub mod projects;
pub mod report;
pub mod search;
pub mod settings;
pub mod subscription;
pub mod transfer;
pub mod usage;
pub mod wallet;
