//! The vault's file: read whole, replaced whole, readable by its owner alone. At every instant the old or the new one is there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::PassphraseError;
use super::sealed::Sealed;

/// The largest file that is read: some ten thousand keys.
const LARGEST: u64 = 16 << 20;

pub(super) struct VaultFile {
    path: PathBuf,
}

/// Held while the file is read, changed and written: processes take turns. Let go when dropped, or with its process.
pub(super) struct Lock {
    _file: File,
}

impl VaultFile {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is something at its place. What cannot be looked at counts as there: it must not be written over.
    pub(super) fn exists(&self) -> bool {
        self.path.try_exists().unwrap_or(true)
    }

    pub(super) fn lock(&self) -> Result<Lock, PassphraseError> {
        fs::create_dir_all(self.folder()?)?;
        let mut beside = self.path.clone().into_os_string();
        beside.push(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(PathBuf::from(beside))?;
        file.lock()?;
        Ok(Lock { _file: file })
    }

    pub(super) fn read(&self) -> Result<Sealed, PassphraseError> {
        let mut text = Vec::new();
        File::open(&self.path)?
            .take(LARGEST)
            .read_to_end(&mut text)?;
        Sealed::parse(&text)
    }

    pub(super) fn write(&self, sealed: &Sealed) -> Result<(), PassphraseError> {
        let folder = self.folder()?;
        // A temporary file of this library is readable by its owner alone.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&sealed.to_text()?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|failed| failed.error)?;
        sync_folder(folder)?;
        Ok(())
    }

    /// Gives the file another name beside its own, which no other has.
    pub(super) fn set_aside(&self) -> Result<PathBuf, PassphraseError> {
        let aside = (1..=999)
            .map(|number| self.path.with_extension(format!("aside-{number}")))
            .find(|aside| !aside.try_exists().unwrap_or(true))
            .ok_or(PassphraseError::Disk(io::ErrorKind::AlreadyExists))?;
        fs::rename(&self.path, &aside)?;
        sync_folder(self.folder()?)?;
        Ok(aside)
    }

    fn folder(&self) -> Result<&Path, PassphraseError> {
        self.path
            .parent()
            .ok_or(PassphraseError::Disk(io::ErrorKind::InvalidInput))
    }
}

/// A new name is on the disk once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _: &Path = folder;
    Ok(())
}
