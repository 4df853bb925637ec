//! A screen where there is none: Xvfb, and, for whoever has no desktop session, a D-Bus session with a keyring.
//!
//! A private session never touches the user's own keyring, home or settings.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::process::{self, Running};

/// The size of the virtual screen, which is that of the window in the mockups.
const SCREEN: &str = "1280x800x24";
/// Opens the private keyring. It guards nothing: the keyring is for sandbox keys.
const KEYRING_PASSWORD: &str = "brasskey";
const DEADLINE: Duration = Duration::from_secs(20);

/// A virtual screen and what a program needs to live on it. Fields end in the order they stand in.
pub(crate) struct Session {
    private: Option<PrivateSession>,
    _screen: Running,
    display: String,
}

struct PrivateSession {
    _keyring: Running,
    _bus: Running,
    bus_address: String,
    home: PathBuf,
    runtime: RuntimeFolder,
}

impl Session {
    /// A virtual screen in the user's own session: its D-Bus, its keyring, its home.
    pub(crate) fn of_the_user() -> Result<Self, Error> {
        let (screen, display) = start_screen()?;
        Ok(Self {
            private: None,
            _screen: screen,
            display,
        })
    }

    /// A virtual screen, a D-Bus session and an unlocked keyring, with everything they keep in `home`.
    pub(crate) fn private(home: &Path) -> Result<Self, Error> {
        let (screen, display) = start_screen()?;
        fs::create_dir_all(home).map_err(Error::file(home))?;
        let runtime = RuntimeFolder::make()?;
        let (bus, bus_address) = start_bus(home, &runtime)?;
        let keyring = start_keyring(home, &runtime, &bus_address)?;
        let private = PrivateSession {
            _keyring: keyring,
            _bus: bus,
            bus_address,
            home: home.to_owned(),
            runtime,
        };
        Ok(Self {
            private: Some(private),
            _screen: screen,
            display,
        })
    }

    /// The X display, such as `:99`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// A command that runs in this session.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env("DISPLAY", &self.display)
            .env("GDK_BACKEND", "x11")
            .env_remove("WAYLAND_DISPLAY");
        if let Some(private) = &self.private {
            live_in(&mut command, &private.home, &private.runtime);
            command
                .env("DBUS_SESSION_BUS_ADDRESS", &private.bus_address)
                .env("NO_AT_BRIDGE", "1");
        }
        command
    }
}

/// Points a command at a home of its own.
fn live_in(command: &mut Command, home: &Path, runtime: &RuntimeFolder) {
    command.env("HOME", home).env("XDG_RUNTIME_DIR", &runtime.0);
    for name in [
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
    ] {
        command.env_remove(name);
    }
}

/// Xvfb picks a free display by itself and names it once it accepts clients. Without `-noreset` it starts over when its
/// last client leaves, which may be the one that took a picture before the window was there.
fn start_screen() -> Result<(Running, String), Error> {
    let mut command = Command::new("Xvfb");
    command
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
        ])
        .stderr(Stdio::null());
    let (screen, number) = start_and_read_line("Xvfb", &mut command)?;
    Ok((screen, format!(":{number}")))
}

fn start_bus(home: &Path, runtime: &RuntimeFolder) -> Result<(Running, String), Error> {
    let mut command = Command::new("dbus-daemon");
    command
        .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
        .stderr(Stdio::null());
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    live_in(&mut command, home, runtime);
    start_and_read_line("dbus-daemon", &mut command)
}

fn start_keyring(
    home: &Path,
    runtime: &RuntimeFolder,
    bus_address: &str,
) -> Result<Running, Error> {
    let mut command = Command::new("gnome-keyring-daemon");
    command.args(["--foreground", "--unlock", "--components=secrets"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.env("DBUS_SESSION_BUS_ADDRESS", bus_address);
    live_in(&mut command, home, runtime);
    let line = process::line(&command);
    let mut keyring = Running::start("gnome-keyring-daemon", &mut command)?;
    if let Some(mut input) = keyring.child().stdin.take() {
        input
            .write_all(KEYRING_PASSWORD.as_bytes())
            .map_err(|source| Error::Start {
                command: line.clone(),
                source,
            })?;
    }
    // Asking the bus whether the name is owned does not start a second keyring, as calling it would.
    let mut is_owned = Command::new("dbus-send");
    is_owned.env("DBUS_SESSION_BUS_ADDRESS", bus_address).args([
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus.NameHasOwner",
        "string:org.freedesktop.secrets",
    ]);
    let started = Instant::now();
    while started.elapsed() < DEADLINE {
        if process::read(&mut is_owned)?.contains("boolean true") {
            return Ok(keyring);
        }
        if let Some(status) = keyring.ended()? {
            return Err(Error::Failed {
                command: line,
                status,
            });
        }
        sleep(Duration::from_millis(50));
    }
    Err(Error::TooLate {
        what: "the keyring is not on the bus",
        seconds: DEADLINE.as_secs(),
    })
}

/// Starts a program that says on its first line where it can be reached.
fn start_and_read_line(
    name: &'static str,
    command: &mut Command,
) -> Result<(Running, String), Error> {
    let mut running = Running::start(name, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut line = String::new();
    if let Some(output) = running.child().stdout.take() {
        BufReader::new(output)
            .read_line(&mut line)
            .map_err(|source| Error::Start {
                command: name.into(),
                source,
            })?;
    }
    match line.trim() {
        "" => Err(Error::Answer {
            command: process::line(command),
            answer: "it ended without a word".into(),
        }),
        line => Ok((running, line.to_owned())),
    }
}

/// A folder for sockets, private to this user and short: the path of a socket has room for 108 bytes.
struct RuntimeFolder(PathBuf);

impl RuntimeFolder {
    fn make() -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("brasskey-run-{}", std::process::id()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(Error::file(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for RuntimeFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
