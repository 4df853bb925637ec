//! How a measurement of the application is run: what can be asked of it, in what order rounds take turns, how it is told.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::process::load_average;
use crate::rows::{HEAD, Report};

#[derive(Args)]
pub(crate) struct Options {
    /// Fewer and shorter rounds, and less of everything: to see that it runs.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measures only what begins with this; may be given more than once.
    #[arg(long)]
    only: Vec<String>,
    /// Also writes what was found to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A run of one bench.
pub(crate) struct Run<'a> {
    bench: &'static str,
    options: &'a Options,
    load_before: String,
    pub(crate) report: Report,
}

impl<'a> Run<'a> {
    pub(crate) fn begin(bench: &'static str, options: &'a Options) -> Self {
        let load_before = load_average();
        println!("load average {load_before}\n{HEAD}");
        Self {
            bench,
            options,
            load_before,
            report: Report::default(),
        }
    }

    pub(crate) fn quick(&self) -> bool {
        self.options.quick
    }

    /// As many rounds, or three of a quick run.
    pub(crate) fn rounds(&self, whole: usize) -> usize {
        if self.quick() { whole.min(3) } else { whole }
    }

    /// Whether rows that begin with `BENCH.name` are asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let row = format!("{}.{name}", self.bench);
        let asked = |only: &String| row.starts_with(only.as_str()) || only.starts_with(&row);
        self.options.only.is_empty() || self.options.only.iter().any(asked)
    }

    /// Says what is not met, and writes all of it.
    pub(crate) fn end(self, more: &Value) -> Result<(), Fault> {
        self.report.conclude();
        let after = load_average();
        println!("load average {} to {after}", self.load_before);
        if let Some(path) = &self.options.json {
            let about = json!({
                "bench": self.bench,
                "quick": self.options.quick,
                "only": self.options.only,
                "load_average": [self.load_before, after],
                "of": more,
            });
            self.report.write(path, &about)?;
            println!("written to {}", path.display());
        }
        Ok(())
    }
}

/// The runtime of a measurement.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Fault::Pipe)
}

/// A temporary folder of the bench.
pub(crate) fn folder() -> Result<tempfile::TempDir, Fault> {
    tempfile::Builder::new()
        .prefix("brasskey-bench-")
        .tempdir()
        .map_err(Fault::Pipe)
}

/// The value below which so many of a hundred lie; nothing of none.
pub(crate) fn percentile(values: &mut [f64], of: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let at = (values.len() * of / 100).min(values.len().saturating_sub(1));
    values.get(at).copied().unwrap_or(0.0)
}
