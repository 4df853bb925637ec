//! A PostgreSQL cluster on a socket in a folder. Every test is a process with a cluster of its own, and `initdb` takes seconds of a
//! processor: so the files of a new cluster are made once, beside what is built, and each process copies them.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

/// The cluster of this process.
pub(crate) static CLUSTER: LazyLock<Cluster> =
    LazyLock::new(|| Cluster::start(Path::new(env!("CARGO_TARGET_TMPDIR"))));

/// What a cluster is made with.
const MADE_WITH: &[&str] = &[
    "--username",
    "brasskey",
    "--auth",
    "trust",
    "--no-sync",
    "--encoding",
    "UTF8",
];

/// Whom Debian's package makes for PostgreSQL, which refuses to run as root.
const USER: &str = "postgres";

/// A PostgreSQL cluster that listens on a socket in its folder and nowhere else. It ends with the process, because the folder's
/// shell watches for that.
pub(crate) struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
}

impl Cluster {
    /// Starts one on a copy of what stands in a folder for templates, or is made there.
    pub(crate) fn start(templates: &Path) -> Self {
        let cluster = Self::stopped();
        copy(&template(templates), &cluster.data());
        cluster.hand_over();
        let data = cluster.data().display().to_string();
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
        let mut watcher = as_user("sh");
        watcher.args(["-c", &watch]);
        watcher
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        assert!(watcher.status().unwrap().success());
        cluster
    }

    /// One without files, in a folder of its own that PostgreSQL's user can reach, as what is built often cannot be.
    fn stopped() -> Self {
        let cluster = Self {
            folder: TempDir::new().unwrap().keep(),
            bin: programs(),
        };
        cluster.hand_over();
        cluster
    }

    /// Makes the folder with all in it that of the user that PostgreSQL runs as.
    fn hand_over(&self) {
        if is_root() {
            let owner = format!("{USER}:");
            let mut chown = Command::new("chown");
            succeeds(chown.args(["--recursive", &owner, self.path()]));
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.folder.to_str().unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs one of PostgreSQL's programs in the folder, as the user that the server runs as.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let mut command = as_user(program.to_str().unwrap());
        succeeds(command.args(arguments).current_dir(&self.folder));
    }
}

/// The files of a cluster that was never started. Whoever comes first makes them and the others wait. They appear under their name
/// when they are whole, so that a process that is killed leaves none that are half made.
fn template(folder: &Path) -> PathBuf {
    let version = programs();
    let version = version.parent().and_then(Path::file_name).unwrap();
    let mut made_with = DefaultHasher::new();
    MADE_WITH.hash(&mut made_with);
    let name = format!("postgres-{}-{:x}", version.display(), made_with.finish());
    let template = folder.join(&name);
    fs::create_dir_all(folder).unwrap();
    // Let go of when the file is closed, also by a process that is killed.
    let lock = File::create(folder.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if template.is_dir() {
        return template;
    }
    let half_made = folder.join(format!("{name}.half-made"));
    if half_made.exists() {
        fs::remove_dir_all(&half_made).unwrap();
    }
    let new = Cluster::stopped();
    let data = new.data().display().to_string();
    new.run("initdb", &[&["--pgdata", &data][..], MADE_WITH].concat());
    copy(&new.data(), &half_made);
    fs::remove_dir_all(&new.folder).unwrap();
    fs::rename(&half_made, &template).unwrap();
    template
}

/// Copies a folder to a place where there is none.
fn copy(from: &Path, to: &Path) {
    succeeds(Command::new("cp").arg("--recursive").args([from, to]));
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{command:?}: {said}");
}

fn as_user(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", USER, "--", program]);
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Debian keeps PostgreSQL's programs by version and off PATH.
fn programs() -> PathBuf {
    let versions = Path::new("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = fs::read_dir(versions)
        .expect("the set-up installs postgresql")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL's server programs")
}
