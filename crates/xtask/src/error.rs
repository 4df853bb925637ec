//! Why a command of the xtask ended early. One enum: its only reader is the person at the terminal.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// A failure, told so that the reader can act on it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A program could not be started or waited for.
    #[error("could not run `{command}`: {source}")]
    Start {
        /// The command line.
        command: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A program ran and failed; its own output stands above.
    #[error("`{command}` ended with {status}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A program answered something else than it should.
    #[error("`{command}` answered something unexpected: {answer}")]
    Answer {
        /// The command line, or what was asked.
        command: String,
        /// What came back, or why it could not be read.
        answer: String,
    },
    /// Something that a person has to install.
    #[error("{0}")]
    Missing(String),
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No step of `cargo xtask test` has this name.
    #[error("no step is called `{0}`; `cargo xtask test --list` names them")]
    UnknownStep(String),
    /// The sandbox provider's port belongs to another program.
    #[error("port {port} is taken by a program that is not {what}; stop it and try again")]
    PortTaken {
        /// The TCP port on 127.0.0.1.
        port: u16,
        /// The program that should have it.
        what: &'static str,
    },
    /// A program that was started does not answer.
    #[error("{what} does not answer after {seconds} seconds")]
    NoAnswer {
        /// The program.
        what: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Something that was waited for did not come.
    #[error("{what} after {seconds} seconds")]
    TooLate {
        /// What did not happen.
        what: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The price list could not be made.
    #[error(transparent)]
    Prices(#[from] crate::prices::PricesError),
    /// The handler for Ctrl-C could not be installed.
    #[error("cannot listen for Ctrl-C: {0}")]
    Signal(#[from] ctrlc::Error),
}

impl Error {
    /// Binds a file error to its path, for `map_err`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
