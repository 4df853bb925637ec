//! The record of every read: which secret, which version, by whom, why, with which result, when. Never the value.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::FetchError;
use crate::reference::Reference;
use crate::secret::Version;

/// Why a manager was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was needed and not held.
    Needed,
    /// What is held was no longer fresh.
    NoLongerFresh,
    /// A provider refused what is held.
    Refused,
}

/// One read of a secret from its manager.
#[derive(Clone, Debug)]
pub struct Read<'read> {
    /// When it ended, in milliseconds since 1970.
    pub time_ms: i64,
    /// Who read, as the program calls itself.
    pub who: &'read str,
    /// Why.
    pub why: Why,
    /// What was read.
    pub reference: &'read Reference,
    /// Which version came, or why none did.
    pub result: Result<&'read Version, &'read FetchError>,
}

/// A read could not be put on record. Its result is dropped then.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file could not be written.
    #[error("the audit file could not be written")]
    Write(#[source] io::Error),
    /// Others than its owner may read the file.
    #[error("the audit file may be read by others than its owner: chmod 600")]
    OpenToOthers,
}

/// Keeps the records.
pub trait Audit: Send + Sync {
    /// Puts one read on record before its result is used.
    ///
    /// # Errors
    /// [`AuditError`]; the result of the read is dropped then.
    fn record(&self, read: &Read<'_>) -> Result<(), AuditError>;
}

/// Both keep it, and both have to.
impl<A: Audit, B: Audit> Audit for (A, B) {
    fn record(&self, read: &Read<'_>) -> Result<(), AuditError> {
        self.0.record(read)?;
        self.1.record(read)
    }
}

/// The record as one line of JSON.
#[derive(Serialize)]
struct Line<'read> {
    time_ms: i64,
    who: &'read str,
    why: Why,
    reference: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl<'read> Line<'read> {
    fn of(read: &Read<'read>) -> Self {
        Self {
            time_ms: read.time_ms,
            who: read.who,
            why: read.why,
            reference: read.reference.to_string(),
            result: read.result.map_or_else(FetchError::code, |_| "read"),
            version: read.result.ok().map(Version::to_string),
        }
    }
}

/// Appends lines of JSON to a file of mode 0600: `{"time_ms","who","why","reference","result"[,"version"]}`.
///
/// The file is opened for each line, so that it can be moved away for rotation, and is on the disk before the read counts.
#[derive(Debug)]
pub struct AuditFile {
    path: PathBuf,
}

impl AuditFile {
    /// Makes the file if need be, and shows that it can be written.
    ///
    /// # Errors
    /// [`AuditError`] when it cannot, or when others may read it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, AuditError> {
        let file = Self {
            path: path.as_ref().to_owned(),
        };
        file.append(b"")?;
        Ok(file)
    }

    fn append(&self, line: &[u8]) -> Result<(), AuditError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(AuditError::Write)?;
        #[cfg(unix)]
        {
            let metadata = file.metadata().map_err(AuditError::Write)?;
            if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
                return Err(AuditError::OpenToOthers);
            }
        }
        // One write: lines of several programs do not mix.
        file.write_all(line).map_err(AuditError::Write)?;
        file.sync_data().map_err(AuditError::Write)
    }
}

impl Audit for AuditFile {
    fn record(&self, read: &Read<'_>) -> Result<(), AuditError> {
        let mut line =
            serde_json::to_vec(&Line::of(read)).map_err(|error| AuditError::Write(error.into()))?;
        line.push(b'\n');
        self.append(&line)
    }
}

/// Tells the log, under the target `brasskey::audit`.
#[derive(Clone, Copy, Debug)]
pub struct AuditTrace;

impl Audit for AuditTrace {
    fn record(&self, read: &Read<'_>) -> Result<(), AuditError> {
        let line = Line::of(read);
        tracing::info!(
            target: "brasskey::audit",
            who = line.who,
            why = ?line.why,
            reference = line.reference,
            result = line.result,
            version = line.version,
            "a secret was asked for"
        );
        Ok(())
    }
}
