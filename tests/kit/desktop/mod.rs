//! The real program in a world of its own: a fresh home, a session bus, a credential store in the state that a test asks for,
//! a display, and WebKitWebDriver to look at the window and to use it.
//!
//! Several can run at once: nothing is shared, no port and no display number is fixed. The environment of the test run does
//! not reach the program, so a provider key in it is not found there. Everything that was started is ended when a
//! [`Desktop`] is dropped, by process group, and nothing else is.

mod display;
mod driver;
mod element;
mod environment;
mod error;
mod keyring;
mod memory;
mod process;
mod secrets;
mod window;

use std::path::{Path, PathBuf};

use display::Display;
use driver::Driver;
use environment::Environment;
use keyring::KeyringDaemon;

pub use element::{Find, Found};
pub use error::DesktopError;
pub use keyring::{KEYRING_PASSWORD, Keyring};
pub use memory::{Pages, Part, Process};
pub use secrets::StoredSecret;
pub use window::Window;

/// What a [`Desktop`] is made of.
#[derive(Clone, Debug)]
pub struct DesktopOptions {
    /// The program; `None` is the one that `BRASSKEY_BINARY` names, or else `brasskey` beside the test's own folder.
    pub binary: Option<PathBuf>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables of its environment, on top of the few that every program needs.
    pub environment: Vec<(String, String)>,
    /// The credential store.
    pub keyring: Keyring,
    /// Width and height of the display in pixels.
    pub screen: (u32, u32),
}

impl Default for DesktopOptions {
    fn default() -> Self {
        Self {
            binary: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            keyring: Keyring::Unlocked,
            screen: (1280, 800),
        }
    }
}

/// A running desktop with the program in it.
#[derive(Debug)]
pub struct Desktop {
    // Dropped in this order: each stands on those below it.
    driver: Option<Driver>,
    keyring: Option<KeyringDaemon>,
    _display: Display,
    environment: Environment,
    binary: PathBuf,
    options: DesktopOptions,
}

impl Desktop {
    /// Makes the world and opens the program's window in it.
    ///
    /// # Errors
    /// [`DesktopError`] names what did not start, with the end of its output.
    pub async fn start(options: DesktopOptions) -> Result<Self, DesktopError> {
        let binary = match &options.binary {
            Some(binary) => binary.clone(),
            None => brasskey_binary()?,
        };
        if !binary.is_file() {
            return Err(DesktopError::NoBinary { binary });
        }
        let mut desktop = Self::bare(binary, options).await?;
        desktop.open().await?;
        Ok(desktop)
    }

    /// The world without the program: bus, store and display.
    async fn bare(binary: PathBuf, options: DesktopOptions) -> Result<Self, DesktopError> {
        let mut environment = Environment::start(&options.environment).await?;
        let display = Display::start(&environment, options.screen).await?;
        environment.set("DISPLAY", display.name());
        let keyring = KeyringDaemon::start(&environment, options.keyring).await?;
        Ok(Self {
            driver: None,
            keyring,
            _display: display,
            environment,
            binary,
            options,
        })
    }

    /// Opens the program; it must not be running.
    ///
    /// # Errors
    /// [`DesktopError`] when it or its driver does not start.
    pub async fn open(&mut self) -> Result<(), DesktopError> {
        // A driver serves one session, and after a crash not even that: each start has its own.
        self.driver = None;
        let driver =
            Driver::start(&self.environment, &self.binary, &self.options.arguments).await?;
        self.driver = Some(driver);
        Ok(())
    }

    /// Closes the window as a person does and waits until the program has ended.
    ///
    /// # Errors
    /// [`DesktopError::StillRunning`] when it does not end.
    pub async fn quit(&mut self) -> Result<(), DesktopError> {
        match self.driver.take() {
            Some(driver) => driver.quit().await,
            None => Ok(()),
        }
    }

    /// Ends the program as `kill -9` does and waits until it is gone.
    ///
    /// # Errors
    /// [`DesktopError::StillRunning`] when it does not go.
    pub async fn kill(&mut self) -> Result<(), DesktopError> {
        match self.driver.take() {
            Some(driver) => driver.kill().await,
            None => Ok(()),
        }
    }

    /// Quits and opens again: same home, same credential store.
    ///
    /// # Errors
    /// As [`Desktop::quit`] and [`Desktop::open`].
    pub async fn restart(&mut self) -> Result<(), DesktopError> {
        self.quit().await?;
        self.open().await
    }

    /// Gives what starts from now on a variable of its environment. The program that runs does not hear of it.
    pub fn set(&mut self, name: &str, value: String) {
        self.environment.set(name, value);
    }

    /// The window.
    ///
    /// # Errors
    /// [`DesktopError::NotOpen`] while the program is not running.
    pub fn window(&self) -> Result<&Window, DesktopError> {
        match &self.driver {
            Some(driver) => Ok(driver.window()),
            None => Err(DesktopError::NotOpen),
        }
    }

    /// The home of the program. All its `XDG_*` folders are inside.
    pub fn home(&self) -> &Path {
        self.environment.home()
    }

    /// The program, for a test that starts it a second time (with [`Desktop::command`]).
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// A command that runs in this world.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> std::process::Command {
        self.environment.command(program)
    }

    /// Ends the credential store's daemon at once, as a crash would. What it stored stays.
    pub fn stop_keyring(&mut self) {
        self.keyring = None;
    }

    /// Starts the credential store's daemon, in place of the one that runs.
    ///
    /// # Errors
    /// [`DesktopError`] when it does not start.
    pub async fn start_keyring(&mut self, keyring: Keyring) -> Result<(), DesktopError> {
        self.keyring = None;
        self.keyring = KeyringDaemon::start(&self.environment, keyring).await?;
        Ok(())
    }

    /// The entries of `service` in the credential store, as another program sees them.
    ///
    /// # Errors
    /// [`DesktopError`] when `secret-tool` cannot be run.
    pub fn secrets(&self, service: &str) -> Result<Vec<StoredSecret>, DesktopError> {
        secrets::of_service(&self.environment, service)
    }

    /// The folder that everything of this world lies in: home, run-time folder, temporary files, the logs of its programs.
    pub fn folder(&self) -> &Path {
        self.environment.folder()
    }

    /// Every process that runs in this world: bus, store, display, driver, the program and those that it started.
    ///
    /// # Errors
    /// [`DesktopError::Files`] when the system does not list them.
    pub fn processes(&self) -> Result<Vec<Process>, DesktopError> {
        let mark = self.environment.folder().to_string_lossy();
        memory::processes(&mark).map_err(DesktopError::Files)
    }

    /// Every file below the home whose bytes contain `needle`, the credential store's own files included.
    ///
    /// # Errors
    /// [`DesktopError::Files`] when a folder cannot be read.
    pub fn files_containing(&self, needle: impl AsRef<[u8]>) -> Result<Vec<PathBuf>, DesktopError> {
        environment::files_containing(self.environment.home(), needle.as_ref())
    }
}

/// The program that is tested when a test names none.
fn brasskey_binary() -> Result<PathBuf, DesktopError> {
    if let Some(binary) = std::env::var_os("BRASSKEY_BINARY") {
        return Ok(binary.into());
    }
    let test = std::env::current_exe().map_err(DesktopError::Files)?;
    // target/debug/deps/<test> lies two below the folder of the program.
    let folder = test.ancestors().nth(2).unwrap_or(&test);
    Ok(folder.join("brasskey-desktop"))
}
