//! The search through folders: the name and the content of each file, one after the other.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::needle::{Hit, Needle};

/// A file in which the secret was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Where in it; empty when its name holds the secret.
    pub hits: Vec<Hit>,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Files that were read to their end.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be read: nothing is known of it.
    pub unread: Vec<PathBuf>,
    /// Where the secret is.
    pub found: Vec<Place>,
}

/// Looks through `folder` and everything below it, or at one file. Links are not followed, and what is no file or folder
/// (sockets, pipes) is passed over. `go_on` hears of the counts after each file and, inside a long one, of what was read; it
/// ends the search by returning false.
pub fn look_through(
    needle: &Needle,
    folder: &Path,
    go_on: &mut dyn FnMut(&Looked) -> bool,
) -> Looked {
    let mut looked = Looked::default();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if !go_on(&looked) {
            return looked;
        }
        let kind = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.file_type(),
            // It has gone since its folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => {
                looked.unread.push(path);
                continue;
            }
        };
        let name = path.file_name().unwrap_or_default();
        if !needle.find_in(name.as_encoded_bytes()).is_empty() {
            let (path, hits) = (path.clone(), Vec::new());
            looked.found.push(Place { path, hits });
        }
        let read = if kind.is_dir() {
            below(&path).map(|below| waiting.extend(below))
        } else if kind.is_file() {
            look_at(needle, &path, &mut looked, go_on)
        } else {
            continue;
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => looked.unread.push(path),
            Ok(()) => {}
        }
    }
    looked
}

fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    // The last is looked at first.
    paths.sort_by(|one, other| other.cmp(one));
    Ok(paths)
}

/// Reads a file to its end, unless the search is to end before.
fn look_at(
    needle: &Needle,
    path: &Path,
    looked: &mut Looked,
    go_on: &mut dyn FnMut(&Looked) -> bool,
) -> io::Result<()> {
    let mut file = Watched {
        inner: File::open(path)?,
        looked,
        go_on,
        is_over: false,
    };
    let hits = needle.find(&mut file)?;
    if !file.is_over {
        looked.files += 1;
    }
    if !hits.is_empty() {
        let path = path.to_owned();
        looked.found.push(Place { path, hits });
    }
    Ok(())
}

/// Counts what is read, and lets the reading end when it is to end.
struct Watched<'a> {
    inner: File,
    looked: &'a mut Looked,
    go_on: &'a mut dyn FnMut(&Looked) -> bool,
    is_over: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !(self.go_on)(self.looked) {
            self.is_over = true;
            return Ok(0);
        }
        loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.looked.bytes += read as u64;
                    return Ok(read);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
