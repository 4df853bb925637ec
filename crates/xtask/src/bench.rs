//! `cargo xtask bench`: measures against yardsticks in the same run, and says what is not met.
//!
//! It is a measurement and no test: no check depends on it, and it ends well when it ran to its end, whatever it found.

use clap::{Args, ValueEnum};

use crate::error::Error;
use crate::process;
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// What can be asked of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// What is measured.
    name: Name,
    /// Also write what was found to target/bench/NAME.json.
    #[arg(long)]
    json: bool,
    /// Fewer and shorter rounds, and smaller databases: to see that it runs.
    #[arg(long)]
    quick: bool,
    /// Measure only what begins with this, as `gateway` or `licence.refresh`; may be given several times.
    #[arg(long, value_name = "METRIC")]
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// The gateway against nginx and a bare pass-through, and the hosted service on both databases.
    Platform,
}

/// Sets up, builds what ships, and measures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let Name::Platform = options.name;
    setup::provide(workspace, &[Need::Build, Need::Bench])?;
    println!("building the service and the bench, as they are released");
    process::show(&mut workspace.cargo([
        "build",
        "--locked",
        "--profile",
        "service",
        "--package",
        "brasskey-platform",
        "--package",
        "brasskey-bench",
    ]))?;
    let program = workspace.served("brasskey-bench");
    let mut command = workspace.program(program.display().to_string(), &workspace.root);
    command.arg("platform");
    if options.json {
        let file = workspace.results("bench").join("platform.json");
        command.arg("--json").arg(file);
    }
    if options.quick {
        command.arg("--quick");
    }
    for metric in &options.only {
        command.args(["--only", metric]);
    }
    process::show(&mut command)
}
