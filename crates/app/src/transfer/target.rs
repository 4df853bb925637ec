//! A file that is written beside its place and gets its name only when it is whole and on the disk. What stood there before
//! stays until then, and whatever is not finished leaves nothing.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::error::Error;

/// Pieces that wait for the disk.
const AHEAD: usize = 4;

enum Piece {
    Bytes(Vec<u8>),
    End,
}

/// A file that is being written, on a thread that may wait for the disk.
pub(crate) struct Target {
    pieces: mpsc::Sender<Piece>,
    writing: JoinHandle<io::Result<()>>,
}

impl Target {
    pub(crate) fn begin(path: &Path) -> Self {
        let (pieces, queue) = mpsc::channel(AHEAD);
        let path = path.to_owned();
        let writing = tokio::task::spawn_blocking(move || write(&path, queue));
        Self { pieces, writing }
    }

    pub(crate) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        if self.pieces.send(Piece::Bytes(bytes)).await.is_ok() {
            return Ok(());
        }
        // The thread has ended, and says why.
        Err(self.ended().await.err().unwrap_or_else(cut))
    }

    /// Gives the file its name.
    pub(crate) async fn finish(mut self) -> Result<(), Error> {
        // Where it cannot be sent the thread has ended, and says why.
        self.pieces.send(Piece::End).await.ok();
        self.ended().await
    }

    async fn ended(&mut self) -> Result<(), Error> {
        match (&mut self.writing).await {
            Ok(written) => written.map_err(Error::Disk),
            Err(_) => Err(cut()),
        }
    }
}

fn cut() -> Error {
    Error::Disk(io::ErrorKind::Interrupted.into())
}

fn write(path: &Path, mut queue: mpsc::Receiver<Piece>) -> io::Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    while let Some(piece) = queue.blocking_recv() {
        match piece {
            Piece::Bytes(bytes) => file.write_all(&bytes)?,
            Piece::End => {
                file.as_file().sync_all()?;
                file.persist(path).map_err(|failed| failed.error)?;
                return sync_folder(&folder);
            }
        }
    }
    // Dropped before its end: the unfinished file goes with it.
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    // A folder cannot be synced here; the file system journals the rename.
    Ok(())
}
