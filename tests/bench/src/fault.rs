//! Why a measurement could not be made. Its only reader is the person at the terminal.

use std::io;
use std::path::{Path, PathBuf};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A program could not be started or waited for.
    #[error("could not run `{command}`: {source}")]
    Start {
        /// The program.
        command: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A program ran and failed.
    #[error("`{command}` failed: {said}")]
    Failed {
        /// The program.
        command: String,
        /// The end of what it wrote.
        said: String,
    },
    /// A file or folder.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Standard input or output.
    #[error("standard input or output: {0}")]
    Pipe(io::Error),
    /// The network.
    #[error("the network: {0}")]
    Network(#[from] io::Error),
    /// A connection.
    #[error("a connection: {0}")]
    Http(#[from] hyper::Error),
    /// A request that cannot be made.
    #[error("a request: {0}")]
    Request(#[from] hyper::http::Error),
    /// The yardstick's client.
    #[error("the yardstick's client: {0}")]
    Client(#[from] reqwest::Error),
    /// JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A database.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The application's database.
    #[error("the application's database: {0}")]
    Ledger(#[from] brasskey_ledger::LedgerError),
    /// The application refused.
    #[error("the application: {0}")]
    App(#[from] brasskey_app::error::Error),
    /// A browser's driver.
    #[cfg(target_os = "linux")]
    #[error("the browser's driver: {0}")]
    Browser(#[from] fantoccini::error::CmdError),
    /// A desktop of the bench's own.
    #[cfg(target_os = "linux")]
    #[error("the desktop: {0}")]
    Desktop(#[from] brasskey_tests::desktop::DesktopError),
    /// A licence.
    #[error("the licence: {0}")]
    Licence(#[from] brasskey_licence::TokenError),
    /// A key.
    #[error("the key: {0}")]
    Key(#[from] brasskey_licence::KeyError),
    /// Anything that is not as it has to be.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// Binds a file's error to its path, for `map_err`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
