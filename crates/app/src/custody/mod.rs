//! Custody, shown: where a key is, who got it and how often, and the same search for leaks that the tests make, over the
//! application's own files.
//!
//! It must never return, log or keep the key or anything of it: places and counts are all that leaves.

pub mod view;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use brasskey_custody::{Looked, Needle, look_through};
use brasskey_vault::Patience;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::error::Error;
use view::{
    CustodyView, HandoverView, LeakView, LeaksSoFar, LeaksView, LookedIn, RecipientView, WayView,
};

/// How many handovers of a key are shown.
const HANDOVERS: u32 = 50;

/// Progress is told after so many bytes at the latest.
const TOLD_AFTER: u64 = 4 << 20;

impl App {
    /// Where a key is and which hosts got it, from the records and receipts: the credential store is not asked.
    ///
    /// # Errors
    /// `not_found`; `storage`.
    pub async fn key_custody(&self, id: &str) -> Result<CustodyView, Error> {
        let key = self.key(id).await?;
        let recipients = self.ledger.receipts().recipients(&key.id).await?;
        let handovers = self.ledger.key_handovers().of(&key.id, HANDOVERS).await?;
        Ok(CustodyView {
            place: self.place(&key),
            bound_to: key.endpoint.base_url.origin().to_string(),
            way: WayView::of(&key.access),
            recipients: recipients
                .into_iter()
                .map(|recipient| RecipientView {
                    origin: recipient.origin,
                    calls: recipient.calls,
                    last_at: recipient.last_at,
                })
                .collect(),
            handovers: handovers
                .into_iter()
                .map(|handover| HandoverView {
                    program: handover.program,
                    at: handover.at,
                })
                .collect(),
            last_checked_at: key.last_checked_at,
        })
    }

    /// Looks for a key in every form in all files of these folders, and tells how far it is. It is ended by
    /// [`App::stop_leak_check`].
    ///
    /// # Errors
    /// `not_found`; the credential store's states; `other_mode` where no key may be read; `invalid_input` for an endpoint
    /// without a key, and for a key so short that it cannot be told from chance.
    pub async fn check_for_leaks(
        &self,
        id: &str,
        folders: Vec<PathBuf>,
        so_far: impl Fn(LeaksSoFar) + Send + 'static,
    ) -> Result<LeaksView, Error> {
        let key = self.key(id).await?;
        let stored = self.stored(&key, Patience::User).await?;
        let stored = stored.ok_or(Error::InvalidInput("this endpoint has no key"))?;
        let needle = Needle::of(&stored.secret)
            .map_err(|_| Error::InvalidInput("the key is too short to be looked for"))?;
        drop(stored);
        let stop = CancellationToken::new();
        // One search at a time for a key: this one takes the place of one that runs.
        self.key_notes.with(|notes| {
            let before = notes.looking_for.insert(key.id.clone(), stop.clone());
            if let Some(before) = before {
                before.cancel();
            }
        });
        let ended = stop.clone();
        // Reading takes as long as the disk does.
        let looking = tokio::task::spawn_blocking(move || look(&needle, &folders, &stop, &so_far));
        let looked = looking
            .await
            .map_err(|_| Error::InvalidInput("the search broke off"))?;
        self.key_notes.with(|notes| {
            // One that was ended may have left its place to another already.
            if !ended.is_cancelled() {
                notes.looking_for.remove(&key.id);
            }
        });
        Ok(looked)
    }

    /// Ends a search for leaks. One that is over is no error.
    pub fn stop_leak_check(&self, id: &str) {
        self.key_notes.with(|notes| {
            if let Some(stop) = notes.looking_for.get(&brasskey_ledger::KeyId::new(id)) {
                stop.cancel();
            }
        });
    }
}

fn look(
    needle: &Needle,
    folders: &[PathBuf],
    stop: &CancellationToken,
    so_far: &dyn Fn(LeaksSoFar),
) -> LeaksView {
    let mut view = LeaksView::default();
    let told = AtomicU64::new(0);
    for folder in distinct(folders) {
        let (files, bytes) = (view.files, view.bytes);
        let looked = look_through(needle, folder, &mut |looked| {
            let now = bytes + looked.bytes;
            if now >= told.load(Ordering::Relaxed) {
                told.store(now + TOLD_AFTER, Ordering::Relaxed);
                so_far(LeaksSoFar {
                    files: files + looked.files,
                    bytes: now,
                });
            }
            !stop.is_cancelled()
        });
        view.add(folder, looked);
        if stop.is_cancelled() {
            view.stopped = true;
            break;
        }
    }
    view
}

/// The folders that are there, without those that lie in another of them.
fn distinct(folders: &[PathBuf]) -> Vec<&Path> {
    let mut distinct: Vec<&Path> = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let lies_inside = folders
            .iter()
            .any(|other| folder != other && folder.starts_with(other));
        if !lies_inside && !distinct.contains(&&**folder) {
            distinct.push(folder);
        }
    }
    distinct
}

impl LeaksView {
    fn add(&mut self, folder: &Path, looked: Looked) {
        let text = |path: &Path| path.display().to_string();
        self.files += looked.files;
        self.bytes += looked.bytes;
        self.looked_in.push(LookedIn {
            folder: text(folder),
            files: looked.files,
        });
        self.unread
            .extend(looked.unread.iter().map(|path| text(path)));
        self.found.extend(looked.found.iter().map(|place| LeakView {
            // A name may hold the key itself, and no view does.
            place: if place.hits.is_empty() {
                text(place.path.parent().unwrap_or(folder))
            } else {
                text(&place.path)
            },
            in_name: place.hits.is_empty(),
            times: u32::try_from(place.hits.len()).unwrap_or(u32::MAX),
        }));
    }
}
