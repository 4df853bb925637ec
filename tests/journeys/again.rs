//! A test that runs once more in a process of its own: to be killed, to have a network of its own, or to hear every log line.

use std::path::Path;
use std::process::Command;

const MARK: &str = "BRASSKEY_JOURNEY_AGAIN";

/// Whether this is the second run, in its own process.
pub(crate) fn is_second() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The command that runs the named test alone in a process of its own, through `before` (such as `unshare --net`).
pub(crate) fn command(before: &[&str], test: &str) -> Command {
    let executable = std::env::current_exe().unwrap();
    let mut command = match before {
        [] => Command::new(executable),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(executable);
            command
        }
    };
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, "1");
    command
}

/// The command that runs the named test alone in a process of its own, with a home and a session bus of its own on which an
/// unlocked keyring serves.
pub(crate) fn with_keyring(home: &Path, test: &str) -> Command {
    let mut command = command(
        &["dbus-run-session", "--", "sh", "-c", WITH_KEYRING, "sh"],
        test,
    );
    command
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home);
    command
}

/// Runs a command while an unlocked keyring serves the session bus.
const WITH_KEYRING: &str = r#"
printf %s password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
"$@"
status=$?
kill $keyring
exit $status
"#;
