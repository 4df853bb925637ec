//! Commits, counted in SQLite's write-ahead log: whatever the application wrote is there, and looking at it disturbs nothing.
//!
//! The format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::path::Path;

use crate::fault::Fault;

const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// The commits of a log since it was begun.
pub(super) struct Commits {
    /// Changes when the log is begun anew.
    salts: [u8; 8],
    count: usize,
}

impl Commits {
    /// Commits between two looks.
    pub(super) fn since(&self, before: &Self) -> Result<usize, Fault> {
        match self.salts == before.salts {
            true => Ok(self.count - before.count),
            false => Err(Fault::Other("the log was begun anew meanwhile".into())),
        }
    }
}

/// The commits in a log.
pub(super) fn count(log: &Path) -> Result<Commits, Fault> {
    let bytes = std::fs::read(log).map_err(Fault::file(log))?;
    let cut = || Fault::Other("the log is cut".into());
    let (head, frames) = bytes.split_at_checked(HEAD).ok_or_else(cut)?;
    let number = |bytes: &[u8], at: usize| {
        let four = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(four))
    };
    let page = number(head, 8).ok_or_else(cut)? as usize;
    let salts: [u8; 8] = head
        .get(16..24)
        .and_then(|salts| salts.try_into().ok())
        .ok_or_else(cut)?;
    let count = frames
        .chunks_exact(FRAME_HEAD + page)
        // What an older log left behind has other salts.
        .take_while(|frame| frame.get(8..16) == Some(&salts[..]))
        .filter(|frame| number(frame, 4).is_some_and(|pages| pages > 0))
        .count();
    Ok(Commits { salts, count })
}
