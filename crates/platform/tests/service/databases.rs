//! Databases of the tests' own: a file for SQLite, and a PostgreSQL cluster on a socket in a folder, started once a process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// A database that nobody else uses.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

/// A new one of each kind.
pub(crate) fn both() -> [Database; 2] {
    [sqlite(), postgres()]
}

/// A file in a folder.
pub(crate) fn sqlite() -> Database {
    let folder = TempDir::new().unwrap();
    Database {
        url: format!("sqlite:{}", folder.path().join("platform.db").display()),
        _folder: Some(folder),
    }
}

/// A database in the cluster.
pub(crate) fn postgres() -> Database {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("platform_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let cluster = &*CLUSTER;
    cluster.run(
        "createdb",
        &["--host", cluster.path(), "--username", "brasskey", &name],
    );
    Database {
        url: format!(
            "postgres://brasskey@localhost/{name}?host={}",
            cluster.path()
        ),
        _folder: None,
    }
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// A PostgreSQL cluster that listens on a socket in its folder and nowhere else. It ends with the process, because the folder's
/// shell watches for that.
struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
}

impl Cluster {
    fn start() -> Self {
        let folder = TempDir::new().unwrap().keep();
        let cluster = Self {
            bin: programs(),
            folder,
        };
        if is_root() {
            // PostgreSQL refuses to run as root.
            let owner = format!("{}:", USER);
            let status = Command::new("chown")
                .args([&owner, cluster.path()])
                .status();
            assert!(status.unwrap().success());
        }
        let data = format!("{}/data", cluster.path());
        cluster.run(
            "initdb",
            &[
                "--pgdata",
                &data,
                "--username",
                "brasskey",
                "--auth",
                "trust",
                "--no-sync",
                "--encoding",
                "UTF8",
            ],
        );
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c max_connections=200",
            cluster.path()
        );
        let log = format!("{}/log", cluster.path());
        cluster.run(
            "pg_ctl",
            &[
                "start",
                "--wait",
                "--silent",
                "--pgdata",
                &data,
                "--log",
                &log,
                "--options",
                &options,
            ],
        );
        // Stops the cluster when this process is gone, however it went.
        let watch = format!(
            "(while [ -d /proc/{} ]; do sleep 1; done; {}/pg_ctl stop --silent --mode immediate --pgdata {data}; rm -rf {}) &",
            std::process::id(),
            cluster.bin.display(),
            cluster.path(),
        );
        let mut watcher = cluster.as_user("sh");
        watcher.args(["-c", &watch]);
        watcher
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        assert!(watcher.status().unwrap().success());
        cluster
    }

    fn path(&self) -> &str {
        self.folder.to_str().unwrap()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let output = self
            .as_user(program.to_str().unwrap())
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        assert!(
            output.status.success(),
            "{}: {}",
            program.display(),
            String::from_utf8_lossy(&said)
        );
    }

    fn as_user(&self, program: &str) -> Command {
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--", program]);
        command
    }
}

/// Whom Debian's package makes for PostgreSQL.
const USER: &str = "postgres";

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Debian keeps PostgreSQL's programs by version and off PATH.
fn programs() -> PathBuf {
    let versions = Path::new("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = std::fs::read_dir(versions)
        .expect("the set-up installs postgresql")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL's server programs")
}
