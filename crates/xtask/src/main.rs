//! `cargo xtask`: the commands of the README. They set up what is missing, run the application, and prove it.
//!
//! Nothing here ships. It never holds a key, and it changes the machine only by installing what a command needs and
//! lacks, saying so.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks to a person through these two"
)]

mod bench;
mod bindings;
mod error;
mod prices;
mod process;
mod run;
mod setup;
mod shots;
mod soak;
mod stale;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::workspace::Workspace;

/// The commands of the Brasskey workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what this machine lacks for all other commands.
    Setup,
    /// Build and open Brasskey, with the sandbox provider beside it: no account is needed.
    Run(run::Options),
    /// Run every check and every test.
    Test(test::Options),
    /// Write a picture of every screen and state to target/shots.
    Shots,
    /// Write the TypeScript side of the commands and events again.
    Bindings,
    /// Measure against yardsticks, and say what is not met.
    Bench(bench::Options),
    /// Run the long forms of the tests: fuzzing, and a hundred thousand calls.
    Soak(soak::Options),
    /// Write the embedded price list again, from two published ones.
    Prices(prices::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(&arguments.task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Performs one command; `false` when it ran to its end and what it checked does not hold.
fn perform(task: &Task) -> Result<bool, Error> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Setup => setup::provide(&workspace, setup::Need::ALL)?,
        Task::Run(options) => run::run(&workspace, options)?,
        Task::Test(options) => return test::run(&workspace, options),
        Task::Shots => shots::take(&workspace)?,
        Task::Bindings => bindings::write(&workspace)?,
        Task::Bench(options) => bench::run(&workspace, options)?,
        Task::Soak(options) => soak::run(&workspace, options)?,
        Task::Prices(options) => prices::write(&workspace, options)?,
    }
    Ok(true)
}
