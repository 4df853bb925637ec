//! The `brasskey` command: the engine of the window without a window, for scripts, servers and terminals.
//!
//! It must never take a key from its arguments, print one, or need a display.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a command has to say, it prints"
)]

mod account;
mod arguments;
mod ask;
mod child;
mod doctor;
mod exit;
mod keys;
mod mask;
mod models;
mod open;
mod pages;
mod prices;
mod reach;
mod secret;
mod table;
mod usage;

use std::alloc::System;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

use account::Account;
use arguments::{Arguments, Command};
use exit::Exit;

/// Wipes what it frees: keys pass through this process.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    // A panic may hold a key in its message: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        eprintln!(
            "brasskey: internal error at {}",
            at.as_deref().unwrap_or("an unknown place")
        );
    }));
    // Before a key is read: no core file, and in a release no debugger.
    brasskey_app::process::close_to_others();
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(arguments.command)),
        Err(error) => {
            eprintln!("brasskey: cannot start: {error}");
            Exit::Failed.into()
        }
    }
}

async fn run(command: Command) -> ExitCode {
    let exit = match command {
        Command::Run(command) => return child::run(command).await,
        Command::Ask(ask) => ask::run(ask).await,
        Command::Models { filter, json } => models::run(filter, json).await,
        Command::Keys(keys) => keys::run(keys).await,
        Command::Prices(prices) => prices::run(prices).await,
        Command::Usage { json } => usage::run(json).await,
        Command::Login { trial } => account::run(Account::Login { trial }).await,
        Command::Logout => account::run(Account::Logout).await,
        Command::Status { json } => account::run(Account::Status { json }).await,
        Command::Plan { json } => account::run(Account::Plan { json }).await,
        Command::Switch(switch) => account::run(Account::Switch(switch)).await,
        Command::Terms { mode, accept } => account::run(Account::Terms { mode, accept }).await,
        Command::Doctor => doctor::run().await,
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { folder } => pages::man(folder.as_deref()),
    };
    exit.into()
}

/// Asks a person; nobody to ask means no.
fn confirm(question: &str) -> bool {
    if !io::stdin().is_terminal() {
        return false;
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
