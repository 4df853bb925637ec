//! gnome-keyring, the real Secret Service, in the state that a test asks for.

use std::io::Write;
use std::process::Stdio;

use super::environment::Environment;
use super::error::DesktopError;
use super::process::Program;

/// Unlocks the collection that the harness creates.
pub const KEYRING_PASSWORD: &str = "a password for tests";

/// The state of the credential store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// A default collection, open.
    Unlocked,
    /// A default collection, locked. There is no prompter on the bus, so an unlock prompt fails at once.
    Locked,
    /// The service without any collection.
    NoCollection,
    /// No service on the bus.
    None,
}

/// A running gnome-keyring-daemon.
#[derive(Debug)]
pub(super) struct KeyringDaemon {
    _daemon: Program,
}

impl KeyringDaemon {
    /// Starts the daemon so that it is in the state `keyring`; `None` for none.
    pub(super) async fn start(
        environment: &Environment,
        keyring: Keyring,
    ) -> Result<Option<Self>, DesktopError> {
        match keyring {
            Keyring::None => Ok(None),
            Keyring::NoCollection => Self::run(environment, false).await.map(Some),
            Keyring::Unlocked => Self::run(environment, true).await.map(Some),
            Keyring::Locked => {
                let collection = environment.home().join("data/keyrings/login.keyring");
                if !collection.exists() {
                    drop(Self::run(environment, true).await?);
                }
                Self::run(environment, false).await.map(Some)
            }
        }
    }

    async fn run(environment: &Environment, unlock: bool) -> Result<Self, DesktopError> {
        let mut command = environment.held_command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command
            .arg("--control-directory")
            .arg(environment.runtime().join("keyring"));
        let stdin = if unlock {
            command.arg("--unlock");
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut daemon =
            Program::start("gnome-keyring-daemon", command, stdin, &environment.logs())?;
        if let Some(mut stdin) = daemon.stdin() {
            stdin
                .write_all(KEYRING_PASSWORD.as_bytes())
                .map_err(DesktopError::Files)?;
        }
        daemon
            .until(|_| answers(environment, unlock).then_some(()))
            .await?;
        Ok(Self { _daemon: daemon })
    }
}

/// The service answers on the bus, and with `collection` has an open default collection.
fn answers(environment: &Environment, collection: bool) -> bool {
    let alias = environment
        .command("gdbus")
        .args(["call", "--session", "--timeout", "5"])
        .args(["--dest", "org.freedesktop.secrets"])
        .args(["--object-path", "/org/freedesktop/secrets"])
        .args([
            "--method",
            "org.freedesktop.Secret.Service.ReadAlias",
            "default",
        ])
        .output();
    let Ok(alias) = alias else { return false };
    let text = String::from_utf8_lossy(&alias.stdout);
    alias.status.success() && (!collection || text.contains("/collection/"))
}
