//! Metered use, told to the billing provider: running totals of the period that runs, each at most every few minutes.
//!
//! A provider replaces what it knows by what it hears last and counts that in the period that runs at that moment. So a total of a
//! period that is over is never told: what it has beyond what was told is carried over and billed with the one that runs. In the
//! moments around the end of a period nothing is told, until the next one is known.

use jiff::{SignedDuration, Timestamp};

use crate::billing::{Billing, BillingError, UsageTotal};
use crate::service::Service;
use crate::store::{Period, StoreError, Unreported};

/// A total is reported at most this often.
const EVERY: SignedDuration = SignedDuration::from_mins(3);
/// The provider's clock and ours agree to within this.
const CLOCKS: SignedDuration = SignedDuration::from_mins(1);

/// What is to be done about a total.
enum Step<'a> {
    Tell,
    CarryTo(&'a Period),
    /// Until it is known which period runs.
    Wait,
}

/// What is to be done about a total. Whoever keeps exact books takes totals of any period.
fn step(total: &Unreported, is_exact: bool, now: Timestamp) -> Step<'_> {
    if is_exact {
        return Step::Tell;
    }
    let Some((running, end)) = &total.running else {
        return Step::Wait;
    };
    let is_ending = end.is_some_and(|end| end.duration_since(now) < CLOCKS);
    match *running == total.period {
        _ if is_ending => Step::Wait,
        true => Step::Tell,
        false => Step::CarryTo(running),
    }
}

impl Service {
    /// Tells the billing provider the totals that it does not know yet, each at most every few minutes. What cannot be told is
    /// logged and is due again.
    ///
    /// # Errors
    /// [`StoreError`] of the database; what the provider refuses is logged.
    pub async fn report_usage(&self, billing: &dyn Billing) -> Result<(), StoreError> {
        let now = self.now();
        let Ok(until) = now.checked_add(EVERY) else {
            return Ok(());
        };
        for total in self.store().unreported(None, now).await? {
            if !self.store().claim_report(&total, now, until).await? {
                continue;
            }
            if let Err(error) = self.report(billing, &total, now).await? {
                tracing::warn!(%error, feature = total.feature, "a total could not be reported");
            }
        }
        Ok(())
    }

    /// Tells the billing provider an account's totals at once: before its agreement is replaced.
    ///
    /// # Errors
    /// [`StoreError`] of the database; within it, what the provider refuses first.
    pub async fn report_usage_of(
        &self,
        billing: &dyn Billing,
        account: &str,
    ) -> Result<Result<(), BillingError>, StoreError> {
        // Once more for what the first pass carries over.
        for _ in 0..2 {
            let now = self.now();
            for total in self.store().unreported(Some(account), now).await? {
                if let Err(error) = self.report(billing, &total, now).await? {
                    return Ok(Err(error));
                }
            }
        }
        Ok(Ok(()))
    }

    async fn report(
        &self,
        billing: &dyn Billing,
        total: &Unreported,
        now: Timestamp,
    ) -> Result<Result<(), BillingError>, StoreError> {
        match step(total, billing.is_exact(), now) {
            Step::Tell => {}
            Step::CarryTo(running) => {
                return self.store().carry_over(total, running, now).await.map(Ok);
            }
            Step::Wait => return Ok(Ok(())),
        }
        let period_start = Timestamp::from_millisecond(total.period.start)
            .map_err(|_| StoreError::Unreadable("a period"))?;
        let report = UsageTotal {
            agreement_id: total.period.agreement.clone(),
            feature: total.feature.clone(),
            period_start,
            total: total.total,
        };
        if let Err(error) = billing.report_usage(&report).await {
            return Ok(Err(error));
        }
        self.store().reported(total).await?;
        Ok(Ok(()))
    }
}
