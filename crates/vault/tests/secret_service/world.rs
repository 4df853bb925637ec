//! A desktop session of its own for one test: a bus that starts nothing by itself, a home folder, a GNOME Keyring.
//!
//! The address of the bus is part of a process's environment, so the test runs itself again in a child process that has
//! the right one.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const MARK: &str = "BRASSKEY_VAULT_TEST";
const PASSWORD: &str = "correct horse";
const SECRETS: &str = "org.freedesktop.secrets";

pub(crate) struct World {
    pub(crate) home: PathBuf,
}

/// Runs `scenario` in a session of its own. `bus` says whether the session has a bus from the start.
#[expect(
    clippy::print_stdout,
    reason = "how the child process tells its parent"
)]
pub(crate) fn run<F: Future<Output = ()>>(
    name: &str,
    bus: bool,
    scenario: impl FnOnce(World) -> F,
) {
    if std::env::var(MARK).is_ok_and(|wanted| wanted == name) {
        let home = PathBuf::from(std::env::var("HOME").expect("HOME"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(scenario(World { home }));
        drop(runtime);
        println!("finished {name}");
        return;
    }

    let folder = tempfile::Builder::new()
        .prefix("vault-")
        .tempdir()
        .expect("a folder for the session");
    let home = folder.path();
    let run = home.join("run");
    std::fs::create_dir(&run).expect("a runtime folder");
    restrict(&run);
    let daemon = bus.then(|| start_bus(home));
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(MARK, name)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", &run)
        .env("XDG_DATA_HOME", home.join(".local/share"))
        .env("XDG_DATA_DIRS", home.join("empty"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("GNOME_KEYRING_CONTROL")
        .stdin(Stdio::null());
    if bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", address(home));
    }
    let output = command.output().expect("the child process");
    drop(daemon);
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    // A child that ran no test also ends well.
    let finished = told.contains(&format!("finished {name}"));
    assert!(
        output.status.success() && finished,
        "{name} failed:\n{told}"
    );
}

/// A process that ends with the test.
pub(crate) struct Daemon(Child);

impl Daemon {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        match command.spawn() {
            Ok(child) => Self(child),
            Err(error) => panic!(
                "{program} does not start ({error}); the tests of the credential store need it: \
                 apt-get install dbus gnome-keyring"
            ),
        }
    }

    pub(crate) fn kill(mut self) {
        self.end();
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.0.id().to_string()])
            .status();
        assert!(sent.expect("kill").success());
    }

    fn end(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        // A second panic would hide why the test failed.
        assert!(
            ended.is_ok() || std::thread::panicking(),
            "a process of the test did not end"
        );
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

fn address(home: &Path) -> String {
    format!("unix:path={}", home.join("run/bus").display())
}

fn start_bus(home: &Path) -> Daemon {
    let config = home.join("bus.xml");
    let text = format!(
        "<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        address(home)
    );
    write(&config, &text);
    let mut bus = Daemon::start(
        Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    );
    // It prints its address once it listens.
    let mut first = [0_u8; 1];
    let mut printed = bus.0.stdout.take().expect("the bus's output");
    printed.read_exact(&mut first).expect("the bus's address");
    bus.0.stdout = Some(printed);
    bus
}

impl World {
    /// Starts a bus where a session without an address in its environment looks for one.
    pub(crate) fn start_bus(&self) -> Daemon {
        start_bus(&self.home)
    }

    pub(crate) async fn start_unlocked_keyring(&self) -> Daemon {
        let mut command = self.keyring(&["--foreground", "--unlock"]);
        let mut keyring = Daemon::start(command.stdin(Stdio::piped()));
        let mut input = keyring.0.stdin.take().expect("the keyring's input");
        input
            .write_all(PASSWORD.as_bytes())
            .expect("the keyring's password");
        drop(input);
        self.until("the keyring is unlocked", async || {
            !is_locked().await.unwrap_or(true)
        })
        .await;
        keyring
    }

    /// Starts a keyring that nobody unlocks; it is empty when the home folder is new.
    pub(crate) async fn start_keyring(&self) -> Daemon {
        let mut command = self.keyring(&["--foreground"]);
        let keyring = Daemon::start(command.stdin(Stdio::null()));
        self.until("the keyring is on the bus", async || is_owned().await)
            .await;
        keyring
    }

    /// Unlocks the running keyring, as a person does at its prompt. GNOME Keyring has a door for that, which its own tests
    /// use; there is no display to show the prompt on.
    pub(crate) async fn unlock_keyring(&self) {
        let bus = zbus::Connection::session().await.expect("a bus");
        let path = "/org/freedesktop/secrets";
        let service = zbus::Proxy::new(&bus, SECRETS, path, "org.freedesktop.Secret.Service")
            .await
            .expect("a service");
        let (_, session): (OwnedValue, OwnedObjectPath) = service
            .call("OpenSession", &("plain", Value::from("")))
            .await
            .expect("a session");
        let collection =
            OwnedObjectPath::try_from("/org/freedesktop/secrets/collection/login").expect("a path");
        let password = (
            session,
            Vec::<u8>::new(),
            PASSWORD.as_bytes().to_vec(),
            "text/plain",
        );
        let door = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
        let door = zbus::Proxy::new(&bus, SECRETS, path, door)
            .await
            .expect("a door");
        let () = door
            .call("UnlockWithMasterPassword", &(collection, password))
            .await
            .expect("the right password");
    }

    pub(crate) async fn keyring_is_gone(&self) {
        self.until("the keyring is off the bus", async || !is_owned().await)
            .await;
    }

    fn keyring(&self, options: &[&str]) -> Command {
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(options)
            .arg("--components=secrets")
            .env("DBUS_SESSION_BUS_ADDRESS", address(&self.home))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        for _ in 0..600 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("waited in vain: {what}");
    }
}

async fn is_owned() -> bool {
    let Ok(bus) = zbus::Connection::session().await else {
        return false;
    };
    let Ok(daemon) = zbus::fdo::DBusProxy::new(&bus).await else {
        return false;
    };
    let name = SECRETS.try_into().expect("a bus name");
    daemon.name_has_owner(name).await.unwrap_or(false)
}

async fn is_locked() -> Option<bool> {
    use secret_service::{EncryptionType, SecretService};
    if !is_owned().await {
        return None;
    }
    let service = SecretService::connect(EncryptionType::Dh).await.ok()?;
    let collection = service.get_default_collection().await.ok()?;
    collection.is_locked().await.ok()
}

fn restrict(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .expect("a private folder");
}

#[expect(clippy::disallowed_methods, reason = "a test's own configuration file")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file of the test's");
}
