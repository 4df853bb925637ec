//! Secrets of this machine: files that only their owner may read, and, for development, the environment.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::{FetchError, Step};
use crate::secret::{Secret, Version};

/// More than any key is long.
const LONGEST_FILE: u64 = 64 * 1024;

/// Reads a file that nobody but its owner may read, as a service's first secret (its secret id, say) is delivered. One line
/// break at the end is dropped. On Windows the folder's rights decide, and nothing is checked.
///
/// # Errors
/// [`FetchError::NotFound`], [`FetchError::FileOpenToOthers`], [`FetchError::File`], [`FetchError::NotText`] or [`FetchError::Empty`].
pub fn read_private_file(path: &Path) -> Result<SecretString, FetchError> {
    Ok(file(path)?.value().clone())
}

pub(crate) fn file(path: &Path) -> Result<Secret, FetchError> {
    // What was opened is what is judged: a path can be exchanged between two looks.
    let file = File::open(path).map_err(|error| failed(&error))?;
    let metadata = file.metadata().map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(FetchError::File("it is no ordinary file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
        return Err(FetchError::FileOpenToOthers);
    }
    if metadata.len() > LONGEST_FILE {
        return Err(FetchError::File("it is too long"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_FILE as usize));
    file.take(LONGEST_FILE)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| FetchError::NotText)?;
    let changed_ms = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or_else(String::new, |since| since.as_millis().to_string());
    Secret::new(text, Version::new(changed_ms))
}

/// Reads a variable. Its version is always the same: a program's environment does not change.
pub(crate) fn environment(name: &str) -> Result<Secret, FetchError> {
    match std::env::var(name) {
        Ok(value) => Secret::new(&Zeroizing::new(value), Version::new("environment")),
        Err(std::env::VarError::NotPresent) => Err(FetchError::NotFound),
        Err(std::env::VarError::NotUnicode(_)) => Err(FetchError::NotText),
    }
}

fn failed(error: &std::io::Error) -> FetchError {
    match error.kind() {
        std::io::ErrorKind::NotFound => FetchError::NotFound,
        std::io::ErrorKind::PermissionDenied => FetchError::Denied(Step::Read),
        _ => FetchError::File("reading failed"),
    }
}
