//! What a program holds: secrets by reference, from the cache while that is right, else from their manager, and on record.
//!
//! Reads run in tasks of their own. A caller that goes away cannot break one off between the manager's answer and its
//! record, nor between the unwrapping of a secret id and its keeping.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::audit::{Audit, Read, Why};
use crate::clock::Clock;
use crate::error::FetchError;
use crate::flight::{Entry, Look};
use crate::managers::Managers;
use crate::reference::Reference;
use crate::secret::Secret;

/// How long what was read may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For this long nobody asks again: ten minutes.
    pub fresh: Duration,
    /// For this long after it was read it serves on while its manager has a pause: 24 hours.
    pub usable: Duration,
    /// For this long after a failure, or after a refresh that found nothing newer, nobody asks again: five seconds.
    pub pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(10 * 60),
            usable: Duration::from_secs(24 * 60 * 60),
            pause: Duration::from_secs(5),
        }
    }
}

impl Policy {
    /// A clock that went back makes nothing fresh for longer.
    pub(crate) fn is_fresh(&self, read_ms: i64, now_ms: i64) -> bool {
        now_ms >= read_ms && now_ms.saturating_sub(read_ms) < millis(self.fresh)
    }

    pub(crate) fn is_usable(&self, read_ms: i64, now_ms: i64) -> bool {
        now_ms.saturating_sub(read_ms) < millis(self.usable)
    }

    pub(crate) fn paused_until(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(millis(self.pause))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The secrets of a program. Cloning shares them.
#[derive(Clone)]
pub struct Secrets {
    shared: Arc<Shared>,
}

struct Shared {
    managers: Managers,
    policy: Policy,
    clock: Clock,
    who: String,
    audit: Box<dyn Audit>,
    entries: Mutex<BTreeMap<Reference, Arc<Entry>>>,
    tasks: TaskTracker,
}

impl Secrets {
    /// `who` is what the program calls itself in the audit.
    pub fn new(
        managers: Managers,
        policy: Policy,
        clock: Clock,
        who: impl Into<String>,
        audit: impl Audit + 'static,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                managers,
                policy,
                clock,
                who: who.into(),
                audit: Box::new(audit),
                entries: Mutex::default(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// The managers behind it: for the check of a configuration, and the warning about the environment.
    pub fn managers(&self) -> &Managers {
        &self.shared.managers
    }

    /// The secret. Within [`Policy::fresh`] nobody is asked; after that what is held is given at once and a read is started
    /// in the background; where nothing is held the manager is asked, once for all who wait.
    ///
    /// # Errors
    /// [`FetchError`]. One that is [final](FetchError::is_final) has also ended what was held before.
    pub async fn get(&self, reference: &Reference) -> Result<Secret, FetchError> {
        let entry = self.entry(reference);
        match entry.look(&self.shared.policy, self.shared.clock.now_ms()) {
            Look::Fresh(secret) => Ok(secret),
            Look::Old(secret) => {
                self.start(reference, entry, Why::NoLongerFresh);
                Ok(secret)
            }
            Look::Failed(failure) => Err(failure),
            Look::Nothing => self.read(reference, entry, Why::Needed).await,
        }
    }

    /// After a provider refused `refused`: a secret with another value where there is one by now, else what the manager
    /// says now. Try once more only if it is not the [same value](Secret::same_value). However many are refused at once, the
    /// manager is asked once, and where it has nothing newer, not again within [`Policy::pause`].
    ///
    /// # Errors
    /// [`FetchError`] of the read.
    pub async fn refresh(
        &self,
        reference: &Reference,
        refused: &Secret,
    ) -> Result<Secret, FetchError> {
        let entry = self.entry(reference);
        match entry.look_for_newer(refused, self.shared.clock.now_ms()) {
            Look::Fresh(secret) | Look::Old(secret) => Ok(secret),
            Look::Failed(failure) => Err(failure),
            Look::Nothing => self.read(reference, entry, Why::Refused).await,
        }
    }

    /// Renews the manager's token where that is due, and reads anew what is no longer fresh. To be called about once a
    /// minute: without it a token dies in an idle night, and a secret id that worked once gives no other.
    ///
    /// # Errors
    /// [`FetchError`] of the token. Reads that fail are on record and leave what is held as it is.
    pub async fn tend(&self) -> Result<(), FetchError> {
        let shared = Arc::clone(&self.shared);
        let token = self
            .shared
            .tasks
            .spawn(async move { shared.managers.tend().await })
            .await
            .unwrap_or(Err(BROKEN_OFF));
        let entries = self.entries().clone();
        for (reference, entry) in entries {
            if let Look::Old(_) = entry.look(&self.shared.policy, self.shared.clock.now_ms())
                && let Err(failure) = self.read(&reference, entry, Why::NoLongerFresh).await
            {
                tracing::debug!(%reference, %failure, "not read anew");
            }
        }
        token
    }

    /// Waits for the reads that are under way. For the end of a program.
    pub async fn close(&self) {
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    async fn read(
        &self,
        reference: &Reference,
        entry: Arc<Entry>,
        why: Why,
    ) -> Result<Secret, FetchError> {
        self.start(reference, entry, why)
            .await
            .unwrap_or(Err(BROKEN_OFF))
    }

    /// Asks the manager in a task of its own.
    fn start(
        &self,
        reference: &Reference,
        entry: Arc<Entry>,
        why: Why,
    ) -> tokio::task::JoinHandle<Result<Secret, FetchError>> {
        let (shared, reference) = (Arc::clone(&self.shared), reference.clone());
        // Counted here and not in the task, which may begin when the read of another has ended already.
        let before = entry.landed();
        self.shared.tasks.spawn(async move {
            entry
                .fly(before, async || {
                    let outcome = shared.ask(&reference, why).await;
                    let now_ms = shared.clock.now_ms();
                    entry.land(&outcome, why, &shared.policy, now_ms);
                    outcome
                })
                .await
        })
    }

    fn entry(&self, reference: &Reference) -> Arc<Entry> {
        Arc::clone(self.entries().entry(reference.clone()).or_default())
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<Reference, Arc<Entry>>> {
        self.shared
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task of ours panicked, or the runtime is ending.
const BROKEN_OFF: FetchError = FetchError::Unreachable("the read was broken off");

impl Shared {
    /// Reads, and puts it on record before anybody gets the result.
    async fn ask(&self, reference: &Reference, why: Why) -> Result<Secret, FetchError> {
        let outcome = self.managers.fetch(reference).await;
        if let Err(failure) = &outcome {
            tracing::warn!(%reference, %failure, "a secret could not be read");
        }
        let record = Read {
            time_ms: self.clock.now_ms(),
            who: &self.who,
            why,
            reference,
            result: outcome.as_ref().map(Secret::version),
        };
        match self.audit.record(&record) {
            Ok(()) => outcome,
            Err(error) => {
                tracing::error!(%reference, %error, "a read of a secret could not be put on record");
                // A refusal stays one: it ends what is held.
                outcome.and(Err(FetchError::NotOnRecord))
            }
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("managers", &self.shared.managers)
            .field("policy", &self.shared.policy)
            .finish_non_exhaustive()
    }
}
