//! The real window, driven from outside: the built program in a home, a session bus, a GNOME Keyring and a display of its
//! own, against the sandbox provider over a real socket.
//!
//! Each test is a journey as a person makes it: it reads what is on screen, presses and types, and looks afterwards at what
//! no window shows: the keyring, the files, what reached the provider. Pictures go to `target/shots/desktop`.
//! Nothing in here may reach into the program, and nothing may lean on how fast it is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "pictures and fake programs may be cut short by a full disk; a failed test says why"
)]

mod accounts;
mod browser;
mod canary;
mod credential_store;
mod customer;
mod failures;
mod first_run;
mod hostile;
mod keyboard;
mod keys;
mod kinde;
mod lapse;
mod person;
#[path = "../journeys/prices.rs"]
mod prices;
mod restarts;
mod revoked;
mod sandbox_offer;
mod searching;
mod seats;
mod second_start;
mod stopping;
mod surfer;
mod switching;
mod vendor_billed;
