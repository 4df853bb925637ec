//! `brasskey-bench`: measures the gateway and the hosted service, each against a yardstick in the same run.
//!
//! One program with many parts, because each part has to be a process of its own: what is measured is a process's time and
//! memory. It is a measurement and never a test: it ends well when it ran to its end, whatever it found. Nothing here ships.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks to a person, and to its parent, through these two"
)]

mod clock;
mod fault;
mod load;
mod platform;
mod process;
mod rows;
mod serve;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "brasskey-bench", version)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Measures the hosted service and the gateway.
    Platform(platform::Options),
    /// A process that answers until its standard input ends.
    #[command(subcommand)]
    Serve(serve::Server),
    /// A process that asks, and prints what it saw as JSON.
    #[command(subcommand)]
    Load(load::Load),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().part {
        Part::Platform(options) => platform::run(&options),
        Part::Serve(server) => serve::run(server),
        Part::Load(load) => load::run(load),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}
