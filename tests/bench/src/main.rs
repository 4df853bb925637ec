//! `brasskey-bench`: measures the application, the gateway and the hosted service, each against a yardstick in the same run.
//!
//! One program with many parts, because each part has to be a process of its own: what is measured is a process's time and
//! memory. It is a measurement and never a test: it ends well when it ran to its end, whatever it found. Nothing here ships.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks to a person, and to its parent, through these two"
)]

#[cfg(target_os = "linux")]
mod browser;
mod clock;
mod core;
mod cost;
#[cfg(target_os = "linux")]
mod desk;
mod fault;
mod keys;
mod load;
#[cfg(target_os = "linux")]
mod long;
#[cfg(target_os = "linux")]
mod pages;
mod platform;
mod process;
mod providers;
#[cfg(target_os = "linux")]
mod render;
mod rows;
mod run;
mod search;
mod serve;
mod store;
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
    /// Measures the application's search.
    Search(run::Options),
    /// Measures prices and reports.
    Cost(run::Options),
    /// Measures how answers are read.
    Providers(run::Options),
    /// Measures how answers are kept while they stream.
    Store(run::Options),
    /// Measures how often the credential store is asked.
    Keys(run::Options),
    /// Measures how an answer is shown while it grows.
    #[cfg(target_os = "linux")]
    Render(pages::Options),
    /// Measures conversations of 5,000 messages.
    #[cfg(target_os = "linux")]
    Long(pages::Options),
    /// Measures the start of the program.
    #[cfg(target_os = "linux")]
    Start(run::Options),
    /// Measures the memory of the program.
    #[cfg(target_os = "linux")]
    Memory(run::Options),
    /// A process that asks and is killed.
    AnswerUntilKilled(store::Killed),
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
        Part::Search(options) => search::run(&options),
        Part::Cost(options) => cost::run(&options),
        Part::Providers(options) => providers::run(&options),
        Part::Store(options) => store::run(&options),
        Part::Keys(options) => keys::run(&options),
        #[cfg(target_os = "linux")]
        Part::Render(options) => render::run(&options),
        #[cfg(target_os = "linux")]
        Part::Long(options) => long::run(&options),
        #[cfg(target_os = "linux")]
        Part::Start(options) => desk::start::run(&options),
        #[cfg(target_os = "linux")]
        Part::Memory(options) => desk::memory::run(&options),
        Part::AnswerUntilKilled(options) => store::answer_until_killed(&options),
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
