//! A home, its folders, a session bus without any service of the machine on it, and the variables that lead there.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::error::DesktopError;
use super::process::Program;

/// The session bus has no service folders: nothing starts on it unless the test starts it, the credential store least of all.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=RUNTIME/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Where the programs of one desktop live.
#[derive(Debug)]
pub(super) struct Environment {
    // The bus ends before its folder goes.
    _bus: Program,
    variables: Vec<(String, String)>,
    folder: TempDir,
}

impl Environment {
    /// Makes the folders and starts the bus.
    pub(super) async fn start(extra: &[(String, String)]) -> Result<Self, DesktopError> {
        let folder = tempfile::Builder::new()
            .prefix("brasskey-")
            .tempdir()
            .map_err(DesktopError::Files)?;
        let root = folder.path();
        let mut variables = vec![
            ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("TZ".to_owned(), "UTC".to_owned()),
            // The accessibility bus is not part of this world, and its absence is not worth a warning.
            ("NO_AT_BRIDGE".to_owned(), "1".to_owned()),
            ("GTK_A11Y".to_owned(), "none".to_owned()),
            // Not WEBKIT_DISABLE_DMABUF_RENDERER: with it a screenshot after the first click never returns (WebKitGTK 2.50).
        ];
        for (variable, name) in [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_STATE_HOME", "home/state"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            let path = root.join(name);
            fs::create_dir_all(&path)
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700)))
                .map_err(DesktopError::Files)?;
            variables.push((variable.to_owned(), path.display().to_string()));
        }
        fs::create_dir(root.join("logs")).map_err(DesktopError::Files)?;
        let run = root.join("run");
        let address = format!("unix:path={}/bus", run.display());
        variables.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        variables.extend_from_slice(extra);

        let configuration = root.join("bus.conf");
        let text = BUS.replace("RUNTIME", &run.display().to_string());
        fs::File::create(&configuration)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(DesktopError::Files)?;
        let mut command = held("dbus-daemon", &variables);
        command
            .arg("--nofork")
            .arg(format!("--config-file={}", configuration.display()));
        let mut bus = Program::start("dbus-daemon", command, Stdio::null(), &root.join("logs"))?;
        let socket = run.join("bus");
        bus.until(|_| socket.exists().then_some(())).await?;
        Ok(Self {
            _bus: bus,
            variables,
            folder,
        })
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.variables.push((name.to_owned(), value));
    }

    pub(super) fn home(&self) -> &Path {
        // The first folder that was made.
        self.variables
            .iter()
            .find(|(name, _)| name == "HOME")
            .map_or(self.folder.path(), |(_, home)| Path::new(home))
    }

    /// The folder around all others.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The session's run-time folder.
    pub(super) fn runtime(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// A command for a program that is to run beside the test and never longer. Start it on a thread that lives as long as
    /// the desktop does.
    pub(super) fn held_command(&self, program: &str) -> Command {
        held(program, &self.variables)
    }

    /// A command with this environment and no other.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        clean(program, &self.variables)
    }
}

/// A command that the kernel ends with the thread that starts it, so that nothing outlives a test run that is killed.
fn held(program: &str, variables: &[(String, String)]) -> Command {
    let mut command = clean("setpriv", variables);
    command.args(["--pdeathsig", "KILL", "--", program]);
    command
}

fn clean(program: impl AsRef<OsStr>, variables: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)));
    command
}

/// Every regular file below `folder` that contains `needle`.
pub(super) fn files_containing(folder: &Path, needle: &[u8]) -> Result<Vec<PathBuf>, DesktopError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(DesktopError::Files)? {
            let entry = entry.map_err(DesktopError::Files)?;
            let kind = entry.file_type().map_err(DesktopError::Files)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                // A file of the running program may vanish between the two looks.
                let bytes = fs::read(entry.path()).unwrap_or_default();
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    found.push(entry.path());
                }
            }
        }
    }
    found.sort();
    Ok(found)
}
