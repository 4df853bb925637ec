//! The programs that these tests run against: where the set-up (`crates/xtask/src/setup/python.rs`) puts them, and how they
//! are started on a free port and ended.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What a program is called here, its list of what is installed, and the program in it.
pub(crate) struct Program {
    name: &'static str,
    list: &'static str,
    program: &'static str,
}

pub(crate) const OPENBAO: Program = Program {
    name: "OpenBao",
    list: include_str!("../../../xtask/python/openbao.txt"),
    program: "bao",
};
pub(crate) const MOTO: Program = Program {
    name: "moto",
    list: include_str!("../../../xtask/python/moto.txt"),
    program: "moto_server",
};

impl Program {
    /// Where it is, or what to do about it.
    pub(crate) fn find(&self, caches: &Path) -> Result<PathBuf, String> {
        let pinned = self.list.lines().find(|line| !line.starts_with('#'));
        let (package, rest) = pinned.unwrap().split_once("==").unwrap();
        let version = rest.split_whitespace().next().unwrap();
        let programs = if cfg!(windows) { "Scripts" } else { "bin" };
        let program = caches
            .join("brasskey/tools")
            .join(format!("{package}-{version}"))
            .join(programs)
            .join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            Ok(program)
        } else {
            Err(format!(
                "{} {version} is not at {}: run `cargo xtask setup`",
                self.name,
                program.display()
            ))
        }
    }

    pub(crate) fn command(&self) -> Command {
        match self.find(&caches()) {
            Ok(program) => Command::new(program),
            Err(advice) => panic!("{advice}"),
        }
    }
}

/// The user's folder of caches, as the set-up finds it.
fn caches() -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    }
    .unwrap()
}

/// A program that runs, with a folder of its own. Both end with it.
pub(crate) struct Running {
    child: Child,
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
}

impl Running {
    /// Starts what `command` makes for a port and a folder, and waits until something listens there. Another program may take
    /// the port in between: then once more.
    pub(crate) async fn start(command: impl Fn(u16, &Path) -> Command) -> Self {
        let mut log = String::new();
        for _ in 0..5 {
            let port = free_port();
            let folder = TempDir::new().unwrap();
            let output = std::fs::File::create(folder.path().join("log")).unwrap();
            let mut command = command(port, folder.path());
            let child = command
                .env("HOME", folder.path())
                .current_dir(folder.path())
                .stdin(Stdio::null())
                .stdout(output.try_clone().unwrap())
                .stderr(output)
                .spawn()
                .unwrap();
            let mut running = Self {
                child,
                folder,
                port,
            };
            if running.is_up().await {
                return running;
            }
            log = running.log();
        }
        panic!("it did not start, five times: {log}");
    }

    async fn is_up(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing listens: {}", self.log());
    }

    /// All it has written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Ends it; the port answers nobody then.
    pub(crate) fn stop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_program_that_is_not_installed_is_named_with_what_to_do() {
    let nothing = TempDir::new().unwrap();
    for (program, names) in [(OPENBAO, "OpenBao 2.7.2"), (MOTO, "moto 5.2.5")] {
        let advice = program.find(nothing.path()).unwrap_err();
        assert!(advice.starts_with(names), "{advice}");
        assert!(advice.contains("cargo xtask setup"), "{advice}");
    }
}
