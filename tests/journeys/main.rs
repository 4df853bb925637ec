//! Journeys: what a user does with Brasskey, from the first start on, against the sandbox provider over a real socket.
//!
//! Each test calls the use cases that the window's commands call, and nothing below them. It reads as a specification:
//! what was done, what was on screen, what reached the provider, what is kept.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod again;
#[cfg(target_os = "linux")]
mod allowed;
mod billing;
mod bills;
mod canary;
#[cfg(target_os = "linux")]
mod command;
mod conversations;
mod custody;
mod failures;
mod first_run;
#[cfg(target_os = "linux")]
mod full_disk;
mod heard;
mod key_addresses;
mod key_form;
mod key_saving;
mod key_store;
mod keys;
#[cfg(target_os = "linux")]
mod killed;
mod local_servers;

#[cfg(target_os = "linux")]
mod network;
mod network_line;
#[cfg(target_os = "linux")]
mod offline;
#[cfg(target_os = "linux")]
mod one_payer;
mod oversized;
mod passphrase_vault;
mod prices;
#[cfg(target_os = "linux")]
mod read_only;
mod renewals;
mod report;
mod restart;
#[cfg(target_os = "linux")]
mod search;
mod stage;
mod streams;
mod transfer;
mod turn;
mod versions;
mod world;
