//! Export and import of conversations. The JSON of everything is the backup: imported into an empty Brasskey elsewhere, it is
//! there again, message for message and receipt for receipt. Neither needs a licence, a key or a connection, and no key is ever
//! in the file.
//!
//! An import gives everything new ids and overwrites nothing. What is here already, message for message, is not added again; a
//! receipt keeps its id and is kept once, because its call was made once.

mod export;
mod format;
mod import;
mod markdown;
mod read;
pub(crate) mod target;
#[cfg(test)]
mod tests;
pub mod view;

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::App;
use crate::error::Error;
use view::{ImportProblem, TransferProgress};

/// Hears how far it is.
pub type Progress = Box<dyn Fn(TransferProgress) + Send + Sync>;

/// The export or import that is running; there is one at a time.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    running: Mutex<Option<CancellationToken>>,
}

/// One that is running; it is over when this is dropped.
struct Running<'a> {
    transfers: &'a Transfers,
    stop: CancellationToken,
}

impl Transfers {
    fn begin(&self) -> Result<Running<'_>, Error> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return Err(Error::Busy);
        }
        let stop = CancellationToken::new();
        *running = Some(stop.clone());
        Ok(Running {
            transfers: self,
            stop,
        })
    }

    fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = &*running {
            stop.cancel();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut running = self
            .transfers
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *running = None;
    }
}

/// Reads an export to its end as an import does, and adds nothing. Tells how many items are in it.
///
/// # Errors
/// What is wrong with it; `damaged` also where it could not be read.
pub fn items(file: impl Read) -> Result<u32, ImportProblem> {
    let mut items = 0_u32;
    let read = read::read(file, &mut |_| {
        items = items.saturating_add(1);
        true
    });
    match read {
        Ok(()) => Ok(items),
        Err(read::Refused::File(problem, _)) => Err(problem),
        Err(read::Refused::Disk(_) | read::Refused::Stopped) => Err(ImportProblem::Damaged),
    }
}

impl App {
    /// Stops the export or import that is running. Stopping none is no error.
    pub fn stop_transfer(&self) {
        self.transfers.stop();
    }
}

/// A hundred announcements are enough for any number.
fn is_worth_telling(done: u32, total: u32) -> bool {
    done == total || done.is_multiple_of((total / 100).max(1))
}
