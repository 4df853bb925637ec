//! The memory of running processes, as root or their parent may read it: what a core file of them would hold.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// A process of the desktop's world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: i32,
    /// The name of its program.
    pub name: String,
}

impl Process {
    /// The parts of its memory that it has written to or can write to. What it has mapped of files and cannot change lies in
    /// those files.
    ///
    /// # Errors
    /// When it may not be read, or is gone.
    pub fn memory(&self) -> io::Result<Vec<Part>> {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", self.id))?;
        Ok(maps.lines().filter_map(Part::read).collect())
    }

    /// The pages of one part that are in memory or swapped out.
    ///
    /// # Errors
    /// When it may not be read, or is gone.
    pub fn pages(&self, part: &Part) -> io::Result<Pages> {
        Ok(Pages {
            memory: File::open(format!("/proc/{}/mem", self.id))?,
            map: File::open(format!("/proc/{}/pagemap", self.id))?,
            page: rustix::param::page_size() as u64,
            at: part.from,
            until: part.until,
        })
    }
}

/// Every process that was started in the world whose environment names `mark`.
pub(super) fn processes(mark: &str) -> io::Result<Vec<Process>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        // Others may end while they are looked at, and belong to somebody else.
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let is_ours = environment
            .windows(mark.len())
            .any(|window| window == mark.as_bytes());
        if is_ours && let Ok(program) = std::fs::read_link(format!("/proc/{id}/exe")) {
            let name = program.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            found.push(Process { id, name });
        }
    }
    found.sort_by_key(|process| process.id);
    Ok(found)
}

/// A part of a process's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    from: u64,
    until: u64,
    /// What it is: `[heap]`, `[stack]`, a file; nothing for memory of the process's own.
    pub name: String,
}

impl Part {
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let (from, until) = fields.next()?.split_once('-')?;
        let rights = fields.next()?;
        let is_of_a_file = fields.nth(2)? != "0";
        let name = fields.collect::<Vec<_>>().join(" ");
        let is_kept = rights.starts_with('r')
            && (rights.contains('w') || !is_of_a_file)
            && !matches!(&*name, "[vvar]" | "[vvar_vclock]" | "[vdso]" | "[vsyscall]");
        is_kept.then_some(Self {
            from: u64::from_str_radix(from, 16).ok()?,
            until: u64::from_str_radix(until, 16).ok()?,
            name,
        })
    }
}

/// Reads the pages of one part that there are.
#[derive(Debug)]
pub struct Pages {
    memory: File,
    map: File,
    page: u64,
    at: u64,
    until: u64,
}

impl Pages {
    /// As many pages as are looked up at once.
    const AHEAD: u64 = 65_536;

    /// Goes to the next page that there is, and says how many bytes of such pages follow.
    fn next(&mut self) -> io::Result<u64> {
        while self.at < self.until {
            let pages = ((self.until - self.at).div_ceil(self.page)).min(Self::AHEAD);
            let mut entries = vec![0; usize::try_from(pages * 8).unwrap_or(usize::MAX)];
            self.map
                .read_exact_at(&mut entries, self.at / self.page * 8)?;
            // The two highest bits: in memory, swapped out.
            let mut is_there = entries.chunks_exact(8).map(|entry| entry[7] & 0xC0 != 0);
            let absent = is_there.by_ref().take_while(|is_there| !is_there).count() as u64;
            if absent < pages {
                let more = is_there.take_while(|is_there| *is_there).count() as u64;
                self.at = (self.at / self.page + absent) * self.page;
                return Ok((more + 1) * self.page);
            }
            self.at += pages * self.page;
        }
        Ok(0)
    }
}

impl Read for Pages {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Inside a page that was begun the rest of it is there as well.
            let begun = self.at % self.page;
            let there = if begun != 0 {
                self.page - begun
            } else {
                self.next()?
            };
            if there == 0 {
                return Ok(0);
            }
            let length = buffer
                .len()
                .min(usize::try_from(there).unwrap_or(usize::MAX));
            match self.memory.read_at(&mut buffer[..length], self.at) {
                Ok(read) if read > 0 => {
                    self.at += read as u64;
                    return Ok(read);
                }
                // Unmapped since, or memory of a device.
                _ => self.at = (self.at / self.page + 1) * self.page,
            }
        }
    }
}
