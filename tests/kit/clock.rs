//! Another time of day for a program: it and all that it starts find the computer's clock ahead, by libfaketime. What they wait for
//! lasts as long as ever. Never for a part of a program, and never built into one: the programs under test know nothing of it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Where distributions put the library, for the loader to read.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/// A clock that goes ahead while the programs that follow it run.
#[derive(Debug)]
pub struct MovingClock(TempDir);

impl MovingClock {
    /// One that shows the time of this computer.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn new() -> io::Result<Self> {
        let clock = Self(TempDir::new()?);
        clock.move_to(0)?;
        Ok(clock)
    }

    /// Puts it as many days ahead of this computer's.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn move_to(&self, days: u32) -> io::Result<()> {
        // Whoever reads it finds the whole of the old or of the new.
        let new = self.0.path().join("new");
        fs::File::create(&new)?.write_all(offset(days).as_bytes())?;
        fs::rename(new, self.0.path().join("offset"))
    }

    /// The variables of the environment of a program that follows it.
    ///
    /// # Errors
    /// When `faketime`, which `cargo xtask setup` installs, is not there.
    pub fn variables(&self) -> io::Result<Vec<(String, String)>> {
        let file = self.0.path().join("offset").display().to_string();
        let at_once = ("FAKETIME_NO_CACHE", "1");
        variables(&[("FAKETIME_TIMESTAMP_FILE", &file), at_once])
    }
}

/// The variables of a program's environment that put its clock `days` ahead.
///
/// # Errors
/// When `faketime`, which `cargo xtask setup` installs, is not there.
pub fn ahead(days: u32) -> io::Result<Vec<(String, String)>> {
    variables(&[("FAKETIME", &offset(days))])
}

fn offset(days: u32) -> String {
    format!("+{days}d")
}

fn variables(how: &[(&str, &str)]) -> io::Result<Vec<(String, String)>> {
    // Only that it is there: its own way of starting a program stays between, where a kill does not reach what it started.
    let installed = Command::new("faketime").arg("--version").output();
    installed.map_err(|error| io::Error::new(error.kind(), format!("faketime: {error}")))?;
    remove_leftovers()?;
    let always = [
        ("LD_PRELOAD", LIBRARY),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let all = always.iter().chain(how);
    Ok(all
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect())
}

/// Removes what programs that were killed left of their shared memory: another one that gets the same number would end at its
/// start.
fn remove_leftovers() -> io::Result<()> {
    for entry in fs::read_dir("/dev/shm")? {
        let entry = entry?;
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| {
            name.strip_prefix("faketime_shm_")
                .or_else(|| name.strip_prefix("sem.faketime_sem_"))
        });
        if of.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Another test may be first.
            fs::remove_file(entry.path()).ok();
        }
    }
    Ok(())
}
