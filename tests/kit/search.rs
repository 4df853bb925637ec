//! The search for a marked key in all that a test can lay its hands on: what it has looked at, and where it found the key.

use std::path::Path;

use brasskey_custody::{Needle, TooShort, look_through};
use secrecy::SecretString;

#[cfg(target_os = "linux")]
use crate::desktop::Process;

/// A search for one marked key. It says places and forms, and never what stands there.
#[derive(Debug)]
pub struct Search {
    needle: Needle,
    found: Vec<String>,
    bytes: u64,
}

impl Search {
    /// For the part of a key that nothing else has in common with it.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn of(mark: &str) -> Result<Self, TooShort> {
        Ok(Self {
            needle: Needle::of(&SecretString::from(mark))?,
            found: Vec::new(),
            bytes: 0,
        })
    }

    /// Looks at bytes that are at hand.
    pub fn bytes(&mut self, place: &str, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for hit in self.needle.find_in(bytes) {
            self.found
                .push(format!("{place}: {} at {}", hit.form, hit.at));
        }
    }

    /// Looks at the names and contents of all files below `folder`. One that cannot be read counts as found: nothing is known
    /// of it.
    pub fn folder(&mut self, folder: &Path) {
        let looked = look_through(&self.needle, folder, &mut |_| true);
        self.bytes += looked.bytes;
        for path in looked.unread {
            self.found.push(format!("{}: unread", path.display()));
        }
        for place in looked.found {
            let forms: Vec<&str> = place.hits.iter().map(|hit| hit.form.code()).collect();
            // The name itself may hold the key.
            let name = place.path.to_string_lossy();
            let name = if self.needle.find_in(name.as_bytes()).is_empty() {
                &*name
            } else {
                "a file's name"
            };
            self.found.push(format!("{name}: {}", forms.join(", ")));
        }
    }

    /// Looks at what a process holds in memory, and at the words that it was started with.
    ///
    /// # Errors
    /// When it may not be read, or is gone.
    #[cfg(target_os = "linux")]
    pub fn process(&mut self, process: &Process) -> std::io::Result<()> {
        for file in ["cmdline", "environ"] {
            let words = std::fs::read(format!("/proc/{}/{file}", process.id))?;
            self.bytes(&format!("{file} of {}", process.name), &words);
        }
        for part in process.memory()? {
            let mut pages = Counted(process.pages(&part)?, 0);
            for hit in self.needle.find(&mut pages)? {
                let name = if part.name.is_empty() {
                    "its own memory"
                } else {
                    &part.name
                };
                self.found
                    .push(format!("{}: {} in {name}", process.name, hit.form));
            }
            self.bytes += pages.1;
        }
        Ok(())
    }

    /// Where it was found so far.
    #[must_use]
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// How many bytes were looked at so far.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.bytes
    }
}

#[cfg(target_os = "linux")]
struct Counted<R>(R, u64);

#[cfg(target_os = "linux")]
impl<R: std::io::Read> std::io::Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read as u64;
        Ok(read)
    }
}
