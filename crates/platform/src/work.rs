//! What falls due by itself: looked for again and again, by every replica. Each kind of work claims what it does in the
//! database, so that nothing is done twice, and a replica that dies leaves its work to the next.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Service;
use crate::subscriptions;

/// How often due work is looked for.
const PAUSE: Duration = Duration::from_secs(2);

/// How often the key set is looked at: a rotation is taken up within this time.
const KEY_SET: Duration = Duration::from_secs(60);
/// How often old answers are thrown away.
const OLD_ANSWERS: Duration = Duration::from_secs(600);

/// When work that is not looked for at every turn is due again.
#[derive(Default)]
pub(crate) struct Paces {
    key_set: Pace,
    old_answers: Pace,
}

/// When something is due again, in milliseconds of the clock's own count.
#[derive(Default)]
pub(crate) struct Pace(AtomicU64);

impl Pace {
    /// Whether it is due; it is then not for as long as `every`.
    pub(crate) fn is_due(&self, elapsed: Duration, every: Duration) -> bool {
        let now = millis(elapsed);
        let due = self.0.load(Ordering::Relaxed);
        let next = now.saturating_add(millis(every));
        now >= due
            && self
                .0
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Service {
    /// Does due work until it is told to stop.
    pub async fn work_until(&self, stop: CancellationToken) {
        while stop
            .run_until_cancelled(tokio::time::sleep(PAUSE))
            .await
            .is_some()
        {
            self.do_due_work().await;
        }
    }

    /// Does all that is due now, once. What fails is logged and is due again.
    pub async fn do_due_work(&self) {
        // First what customers asked for, then what goes on without them, then what came of both.
        self.work("plan-changes", subscriptions::change::carry_out_due(self))
            .await;
        self.work("billing", self.billing().do_due_work()).await;
        self.work("inbox", self.work_off_inbox()).await;
        self.work("subscriptions", subscriptions::reconcile(self))
            .await;
        self.work("months", self.turn_due_wallets()).await;
        self.work("orphans", self.free_orphans()).await;
        self.work("audit", self.audit_when_due()).await;
        self.work("usage", self.report_usage(self.billing())).await;
        let elapsed = self.clock().elapsed();
        if self.paces().key_set.is_due(elapsed, KEY_SET) {
            self.work("key-set", self.signing().look(self.store()))
                .await;
        }
        if self.paces().old_answers.is_due(elapsed, OLD_ANSWERS) {
            self.work("old-answers", self.store().forget_requests(self.now()))
                .await;
        }
    }

    /// Does one kind of work, counts it, and logs that it failed.
    async fn work<E: Display>(
        &self,
        kind: &'static str,
        work: impl Future<Output = Result<(), E>>,
    ) {
        let done = work.await;
        self.metrics().worked(kind, self.now(), done.is_ok());
        if let Err(error) = done {
            tracing::error!(kind, %error, "due work failed");
        }
    }
}
