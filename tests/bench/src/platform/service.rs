//! The real service: the build that ships, with its own keys, over a database.

use std::fs::File;
use std::path::PathBuf;

use super::Bench;
use super::contest::{load, words};
use super::postgres::Cluster;
use crate::fault::Fault;
use crate::process::{Running, program, told};

/// All requests come from one address here, which no real crowd's do.
const ONE_CLIENT: [&str; 6] = [
    "BRASSKEY_PLATFORM_RATES__TRIALS_PER_MINUTE",
    "BRASSKEY_PLATFORM_RATES__TRIALS_PER_DAY",
    "BRASSKEY_PLATFORM_RATES__ANONYMOUS_PER_MINUTE",
    "BRASSKEY_PLATFORM_RATES__PRESENTED_PER_MINUTE",
    "BRASSKEY_PLATFORM_RATES__DEVICE_PER_MINUTE",
    "BRASSKEY_PLATFORM_RATES__ACCOUNT_PER_MINUTE",
];

/// A running service.
pub(super) struct Service {
    pub(super) address: String,
    running: Running,
}

impl Service {
    /// Starts one over a database. All that are named alike share their keys.
    pub(super) fn start(
        bench: &Bench,
        name: &str,
        number: usize,
        database: &str,
    ) -> Result<Self, Fault> {
        Self::start_with(bench, name, number, database, &[])
    }

    /// The same with more in its environment.
    pub(super) fn start_with(
        bench: &Bench,
        name: &str,
        number: usize,
        database: &str,
        environment: &[(&str, &str)],
    ) -> Result<Self, Fault> {
        if !bench.service.is_file() {
            return Err(Fault::Other(format!(
                "there is no {}",
                bench.service.display()
            )));
        }
        let folder = bench.folder.path();
        let path = folder.join(format!("{name}-{number}.log"));
        let log = File::create(&path).map_err(Fault::file(&path))?;
        let mut command = program(&bench.service);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("NO_COLOR", "1")
            .envs(ONE_CLIENT.map(|name| (name, "1000000000")))
            .envs(environment.iter().copied())
            .args(["--database", database, "--keys"])
            .arg(folder.join(format!("{name}-keys")))
            .args(["serve", "--embedded", "--listen", "127.0.0.1:0"])
            .stderr(log);
        let running = Running::start(&mut command)?;
        let address = told(&path, "address=")?;
        Ok(Self {
            address: address
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned(),
            running,
        })
    }

    pub(super) fn process(&self) -> u32 {
        self.running.id()
    }

    /// Makes devices, and gives the file with their credentials.
    pub(super) fn enrol(
        &self,
        bench: &Bench,
        name: &str,
        devices: usize,
    ) -> Result<PathBuf, Fault> {
        let file = bench.folder.path().join(format!("{name}.json"));
        let line = format!(
            "enrol --to {} --credentials {} --devices {devices}",
            self.address,
            file.display()
        );
        load(&words(&line), &[])?;
        Ok(file)
    }
}

/// The two kinds of database.
pub(super) enum Database {
    Sqlite,
    Postgres(Cluster),
}

impl Database {
    /// Both, PostgreSQL's cluster running.
    pub(super) fn both(bench: &Bench) -> Result<[Self; 2], Fault> {
        Ok([
            Self::Postgres(Cluster::start(bench.folder.path())?),
            Self::Sqlite,
        ])
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The process that works for it besides the service's own.
    pub(super) fn process(&self) -> Option<u32> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(cluster) => Some(cluster.process),
        }
    }

    /// A new database's URL.
    pub(super) fn make(&self, bench: &Bench, name: &str) -> Result<String, Fault> {
        match self {
            Self::Sqlite => Ok(format!(
                "sqlite:{}",
                bench.folder.path().join(format!("{name}.db")).display()
            )),
            Self::Postgres(cluster) => cluster.database(name),
        }
    }
}
