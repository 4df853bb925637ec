//! `platform`: the gateway against nginx and a bare pass-through, and the service's licences on both databases.
//!
//! Whatever is compared takes turns in the same run, and what is told is the median of the rounds' ratios: the machine's own
//! pace falls out of it. Processor time per request also survives other work on the machine.

mod age;
mod contest;
mod growth;
mod licences;
mod memory;
mod nginx;
mod offline;
mod postgres;
mod relay;
mod seed;
mod service;
mod streams;
mod targets;
mod usage;
mod vendor;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tempfile::TempDir;

use crate::fault::Fault;
use crate::process::load_average;
use crate::rows::{HEAD, Report};

#[derive(Args)]
pub(crate) struct Options {
    /// Fewer and shorter rounds, and smaller databases: to see that it runs.
    #[arg(long)]
    quick: bool,
    /// Measures only what begins with this; may be given more than once.
    #[arg(long)]
    only: Vec<String>,
    /// Also writes what was found to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The service's program; the one beside this program where none is given.
    #[arg(long)]
    service: Option<PathBuf>,
}

/// How much is measured.
struct Extent {
    rounds: usize,
    window_ms: u64,
    /// Streamed answers between two looks at the memory.
    answers: u64,
    open: usize,
    cancels: u32,
    devices: usize,
    accounts: &'static [u64],
}

const WHOLE: Extent = Extent {
    rounds: 7,
    window_ms: 1500,
    answers: 1_000_000,
    open: 1000,
    cancels: 100,
    devices: 4000,
    accounts: &[1_000, 10_000, 100_000, 1_000_000],
};

const QUICK: Extent = Extent {
    rounds: 3,
    window_ms: 500,
    answers: 10_000,
    open: 1000,
    cancels: 20,
    devices: 512,
    accounts: &[1_000, 10_000, 100_000],
};

/// What every measurement is given.
struct Bench {
    extent: &'static Extent,
    folder: TempDir,
    service: PathBuf,
    report: Report,
}

type Measurement = fn(&mut Bench) -> Result<(), Fault>;

/// All measurements, by the word that their rows begin with.
const MEASUREMENTS: &[(&str, Measurement)] = &[
    ("licence.check", offline::measure),
    ("gateway.bytes", streams::bytes),
    ("gateway.json", relay::json),
    ("gateway.stream", relay::streams),
    ("gateway.paced", streams::paced),
    ("gateway.cancel", streams::cancel),
    ("gateway.memory", memory::measure),
    ("licence.refresh", licences::refresh),
    ("licence.usage", usage::measure),
    ("licence.replicas", licences::replicas),
    ("licence.age", age::measure),
    ("licence.growth", growth::measure),
    ("vendor", vendor::measure),
];

/// Measures, shows, and writes. Fails only when nothing could be measured at all.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    if !cfg!(target_os = "linux") {
        return Err(Fault::Other(
            "processor time and memory are read from /proc: this needs Linux".into(),
        ));
    }
    let chosen: Vec<_> = MEASUREMENTS
        .iter()
        .filter(|(name, _)| {
            let asked = |only: &String| name.starts_with(only.as_str()) || only.starts_with(name);
            options.only.is_empty() || options.only.iter().any(asked)
        })
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = MEASUREMENTS.iter().map(|(name, _)| *name).collect();
        return Err(Fault::Other(format!(
            "nothing is called so; there are: {}",
            names.join(", ")
        )));
    }
    let own = std::env::current_exe().map_err(Fault::Pipe)?;
    let folder = tempfile::Builder::new()
        .prefix("brasskey-bench-")
        .tempdir()
        .map_err(Fault::Pipe)?;
    postgres::open_to_all(folder.path())?;
    let mut bench = Bench {
        extent: if options.quick { &QUICK } else { &WHOLE },
        folder,
        service: options
            .service
            .clone()
            .unwrap_or_else(|| own.with_file_name("brasskey-platform")),
        report: Report::default(),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let before = load_average();
    println!("{cores} cores, load average {before}\n{HEAD}");
    for (name, measure) in chosen {
        if let Err(fault) = measure(&mut bench) {
            bench.report.leave_out(name, fault.to_string());
        }
    }
    bench.report.conclude();
    if let Some(path) = &options.json {
        let about = json!({
            "bench": "platform",
            "quick": options.quick,
            "only": options.only,
            "cores": cores,
            "load_average": [before, load_average()],
            "rounds": bench.extent.rounds,
            "round_ms": bench.extent.window_ms,
        });
        bench.report.write(path, &about)?;
        println!("written to {}", path.display());
    }
    Ok(())
}
