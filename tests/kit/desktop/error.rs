//! What can go wrong around the program under test, with what a person needs to see why.

use std::io;
use std::path::PathBuf;

/// Why the harness could not do what a test asked.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// A program that the harness needs is not installed, or does not run.
    #[error("{program} cannot be started (`cargo xtask setup` installs it): {source}")]
    Program {
        /// Its name.
        program: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A program was started and did not become ready.
    #[error("{program} did not become ready; the end of its output:\n{output}")]
    NotReady {
        /// Its name.
        program: String,
        /// The last lines of its output.
        output: String,
    },
    /// The program under test is not there.
    #[error("{binary} is not there: build it, or name another in BRASSKEY_BINARY")]
    NoBinary {
        /// Where it was looked for.
        binary: PathBuf,
    },
    /// The program under test is not running.
    #[error("the program is not open")]
    NotOpen,
    /// The program under test did not end.
    #[error("the program is still running: process {process}")]
    StillRunning {
        /// Its process id.
        process: i32,
    },
    /// No session with the program; the end of the driver's output tells why.
    #[error("no WebDriver session: {reason}\n{output}")]
    NoSession {
        /// The driver's answer.
        reason: String,
        /// The last lines of its output, the program's own included.
        output: String,
    },
    /// The program was started and its web view never reported to the driver.
    #[error("the program did not report to the driver (it has ended: {ended})\n{output}")]
    NoReport {
        /// Whether it runs no more.
        ended: bool,
        /// The last lines of the driver's output, the program's own included.
        output: String,
    },
    /// A WebDriver command failed.
    #[error("WebDriver: {0:?}")]
    Command(#[from] fantoccini::error::CmdError),
    /// A WebDriver command was not answered: the page or the program does not react.
    #[error("the window does not react")]
    Silent,
    /// What was waited for did not come.
    #[error("waited in vain for {what}; the window shows:\n{shows}")]
    NeverCame {
        /// What it was.
        what: String,
        /// The text of the page.
        shows: String,
    },
    /// A script in the page answered with something else than asked.
    #[error("the page answered with {0}")]
    Page(serde_json::Value),
    /// No key of that name.
    #[error("no key is called {0}")]
    NoSuchKey(String),
    /// A file or folder of the harness could not be used.
    #[error("the harness's own files: {0}")]
    Files(#[source] io::Error),
}
