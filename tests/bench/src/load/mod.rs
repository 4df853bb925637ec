//! The loads of the bench: clients in a process of their own, which print what they saw as one line of JSON.

mod calls;
mod connection;
mod devices;
mod streams;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::serve::half_of_the_cores;

/// A load.
#[derive(Subcommand)]
pub(crate) enum Load {
    /// Calls in a closed loop: each client asks again when it was answered.
    Calls(calls::Options),
    /// Devices that renew their licences or report their usage, in a closed loop or at a rate.
    Devices(devices::Options),
    /// Trials that make devices.
    Enrol(devices::Enrol),
    /// Paced streams, and how late each piece comes.
    Paced(streams::Paced),
    /// Streams that are left open until the standard input ends.
    Open(streams::Open),
    /// Streams that are left by their client, and when the provider hears of it.
    Cancel(streams::Cancel),
    /// Whole answers, and a hash of each.
    Verify(streams::Verify),
}

/// What a load saw. Times in nanoseconds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Seen {
    /// Requests that were answered as they should be while it was measured.
    pub(crate) requests: u64,
    /// How long it was measured, in seconds.
    pub(crate) seconds: f64,
    /// All requests, those before and after included: what processor time is divided by.
    pub(crate) all: u64,
    /// Requests that were answered otherwise.
    pub(crate) errors: u64,
    /// Until the first byte of the body.
    pub(crate) first: Quantiles,
    /// Until the end; for paced streams the lag of each piece.
    pub(crate) whole: Quantiles,
    /// The different hashes of the answers.
    pub(crate) hashes: Vec<String>,
}

/// The middle and the tail.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Quantiles {
    fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        #[allow(clippy::cast_precision_loss, reason = "nanoseconds of seconds fit")]
        let at = |hundredths: usize| {
            let index = (values.len() * hundredths / 100).min(values.len().saturating_sub(1));
            values.get(index).map_or(0.0, |value| *value as f64)
        };
        Self {
            p50: at(50),
            p99: at(99),
        }
    }
}

/// Runs one.
pub(crate) fn run(load: Load) -> Result<(), Fault> {
    let runtime = half_of_the_cores()?;
    let seen = match load {
        Load::Calls(options) => runtime.block_on(calls::run(options))?,
        Load::Devices(options) => runtime.block_on(devices::run(options))?,
        Load::Enrol(options) => runtime.block_on(devices::enrol(options))?,
        Load::Paced(options) => runtime.block_on(streams::paced(options))?,
        Load::Open(options) => runtime.block_on(streams::open(options))?,
        Load::Cancel(options) => runtime.block_on(streams::cancel(options))?,
        Load::Verify(options) => runtime.block_on(streams::verify(options))?,
    };
    println!("{}", serde_json::to_string(&seen)?);
    // Streams that are still open are not worth ending one by one.
    runtime.shutdown_background();
    Ok(())
}
