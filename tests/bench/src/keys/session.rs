//! A session bus with an unlocked GNOME Keyring on it, in which the bench runs itself once more.

use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;

use crate::fault::Fault;
use crate::process::succeeds;
use crate::run::folder;

const INSIDE: &str = "BRASSKEY_BENCH_KEYRING";

/// Runs a command while an unlocked keyring serves the bus, and tells it which process that is.
const WITH_KEYRING: &str = r#"
printf %s password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
BRASSKEY_BENCH_KEYRING=$keyring "$@"
status=$?
kill $keyring
exit $status
"#;

pub(super) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs this very command in such a session, with a home of its own.
pub(super) fn again_inside() -> Result<(), Fault> {
    let home = folder()?;
    let own = std::env::current_exe().map_err(Fault::Pipe)?;
    let ran = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", WITH_KEYRING, "sh"])
        .arg(own)
        .args(std::env::args_os().skip(1))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .status()
        .map_err(|source| Fault::Start {
            command: "dbus-run-session".into(),
            source,
        })?;
    match ran.success() {
        true => Ok(()),
        false => Err(Fault::Other("it failed in a session of its own".into())),
    }
}

/// Waits until the store has its collection.
pub(super) async fn until_unlocked() -> Result<(), Fault> {
    for _ in 0..200 {
        let alias = Command::new("dbus-send")
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
            ])
            .args([
                "/org/freedesktop/secrets",
                "org.freedesktop.Secret.Service.ReadAlias",
            ])
            .arg("string:default")
            .output()
            .map_err(Fault::Pipe)?;
        if String::from_utf8_lossy(&alias.stdout).contains("/collection/") {
            return Ok(());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err(Fault::Other("the keyring does not answer".into()))
}

/// The store while it does not answer; it goes on when this is dropped.
pub(super) struct Stopped(String);

/// Lets the store hang.
pub(super) fn stop_store() -> Result<Stopped, Fault> {
    let process = std::env::var(INSIDE).map_err(|error| Fault::Other(error.to_string()))?;
    succeeds(Command::new("kill").args(["-STOP", &process]))?;
    Ok(Stopped(process))
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Err(fault) = succeeds(Command::new("kill").args(["-CONT", &self.0])) {
            eprintln!("{fault}");
        }
    }
}
