//! A PostgreSQL cluster of the bench's own: on a socket in a folder and nowhere else, with its commits on the disk, as in
//! production.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::fault::Fault;
use crate::process::succeeds;

/// Whom Debian's package makes for PostgreSQL, which refuses to run as root.
const USER: &str = "postgres";

/// A cluster that is stopped with this value, and with this process, however it ends.
pub(super) struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    is_root: bool,
    /// Its first process.
    pub(super) process: u32,
}

/// Lets other users into a folder: a server that will not run as root has to pass it.
pub(super) fn open_to_all(folder: &Path) -> Result<(), Fault> {
    succeeds(Command::new("chmod").arg("755").arg(folder)).map(|_| ())
}

impl Cluster {
    pub(super) fn start(folder: &Path) -> Result<Self, Fault> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = folder.join(format!(
            "postgres-{}",
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&folder).map_err(Fault::file(&folder))?;
        let mut cluster = Self {
            bin: programs()?,
            is_root: succeeds(Command::new("id").arg("-u"))?.trim() == "0",
            folder,
            process: 0,
        };
        if cluster.is_root {
            succeeds(
                Command::new("chown")
                    .arg(format!("{USER}:"))
                    .arg(&cluster.folder),
            )?;
        }
        let (at, data) = (cluster.folder.display().to_string(), cluster.data());
        let make = [
            "--pgdata",
            &data,
            "--username",
            "brasskey",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
        ];
        cluster.run("initdb", &make)?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{at}' -c max_connections=300 -c shared_buffers=256MB \
             -c max_wal_size=4GB"
        );
        let log = format!("{at}/log");
        let start = [
            "start",
            "--wait",
            "--silent",
            "--pgdata",
            &data,
            "--log",
            &log,
            "--options",
            &options,
        ];
        cluster.run("pg_ctl", &start)?;
        // Stops the cluster when this process is gone.
        let watch = format!(
            "(while [ -d /proc/{} ]; do sleep 1; done; {}/pg_ctl stop --silent --mode immediate --pgdata {data}) &",
            std::process::id(),
            cluster.bin.display(),
        );
        let mut watcher = cluster.as_user(Path::new("sh"));
        watcher
            .args(["-c", &watch])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        watcher.status().map_err(|source| Fault::Start {
            command: "sh".into(),
            source,
        })?;
        let id = cluster
            .as_user(Path::new("head"))
            .args(["-n1", &format!("{data}/postmaster.pid")])
            .output();
        let id = id.map_err(|source| Fault::Start {
            command: "head".into(),
            source,
        })?;
        cluster.process = String::from_utf8_lossy(&id.stdout)
            .trim()
            .parse()
            .map_err(|_| Fault::Other("PostgreSQL says no process".into()))?;
        Ok(cluster)
    }

    /// A new database's URL.
    pub(super) fn database(&self, name: &str) -> Result<String, Fault> {
        let at = self.folder.display().to_string();
        self.run("createdb", &["--host", &at, "--username", "brasskey", name])?;
        Ok(format!("postgres://brasskey@localhost/{name}?host={at}"))
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), Fault> {
        let mut command = self.as_user(&self.bin.join(program));
        // Its output goes on with the server that it leaves behind, so that a pipe would never end.
        let log = self.folder.join(format!("{program}.out"));
        let file = std::fs::File::create(&log).map_err(Fault::file(&log))?;
        let errors = file.try_clone().map_err(Fault::file(&log))?;
        let status = command
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .status()
            .map_err(|source| Fault::Start {
                command: program.to_owned(),
                source,
            })?;
        if status.success() {
            return Ok(());
        }
        Err(Fault::Failed {
            command: program.to_owned(),
            said: std::fs::read_to_string(&log).map_err(Fault::file(&log))?,
        })
    }

    fn as_user(&self, program: &Path) -> Command {
        if !self.is_root {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(fault) = self.run(
            "pg_ctl",
            &["stop", "--silent", "--mode", "immediate", "--pgdata", &data],
        ) {
            eprintln!("{fault}");
        }
    }
}

/// Debian keeps PostgreSQL's programs by version and off PATH.
fn programs() -> Result<PathBuf, Fault> {
    let versions = Path::new("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| {
        Fault::Other("PostgreSQL is missing; `cargo xtask setup` installs it".into())
    })
}
