//! The database's files: made for this user alone, and named only when complete.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::LedgerError;

/// The path of a file beside the database: its name and `suffix`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether there is a database at `path`.
///
/// # Errors
/// [`LedgerError::Corrupt`] when there is something else or what is left of one: an empty file (a new database gets its
/// name only when complete, so this one was cut), or a log without its database (a new file would take it for its own).
pub(crate) fn exists(path: &Path) -> Result<bool, LedgerError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() > 0 => Ok(true),
        Ok(_) => Err(LedgerError::Corrupt),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            match fs::metadata(beside(path, "-wal")) {
                Ok(log) if log.len() > 0 => Err(LedgerError::Corrupt),
                _ => Ok(false),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// The size of the database in bytes.
pub(crate) fn size(path: &Path) -> Result<u64, LedgerError> {
    Ok(fs::metadata(path)?.len())
}

/// An empty file in which a new database is built. What an unfinished attempt left is thrown away.
pub(crate) fn begin(path: &Path) -> Result<PathBuf, LedgerError> {
    let unfinished = beside(path, ".new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?;
    Ok(unfinished)
}

/// Gives a complete new database its name.
pub(crate) fn finish(unfinished: &Path, path: &Path) -> Result<(), LedgerError> {
    OpenOptions::new()
        .write(true)
        .open(unfinished)?
        .sync_all()?;
    fs::rename(unfinished, path)?;
    sync_folder(path)
}

/// Makes the folder of the database, for this user alone, when it is not there.
pub(crate) fn make_folder(path: &Path) -> Result<(), LedgerError> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

/// Keeps other users out of the database.
#[cfg(unix)]
pub(crate) fn keep_private(path: &Path) -> Result<(), LedgerError> {
    use std::os::unix::fs::PermissionsExt;
    // SQLite gives the log and its index the permissions of the file.
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}

/// Keeps other users out of the database.
#[cfg(not(unix))]
pub(crate) fn keep_private(_path: &Path) -> Result<(), LedgerError> {
    // The user's own folders already keep other users out.
    Ok(())
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => Ok(File::open(folder)?.sync_all()?),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> Result<(), LedgerError> {
    // A folder cannot be synced here; the file system journals the rename.
    Ok(())
}
