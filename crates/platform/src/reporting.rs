//! Metered use, told to the billing provider: running totals of the period that runs, each at most every few minutes.
//!
//! A provider replaces what it knows by what it hears last and counts that in the period that runs at that moment. So a total of a
//! period that is over is never told: what it has beyond what was told is carried over and billed with the one that runs. In the
//! moments around the end of a period nothing is told, until the next one is known. One replica at a time tells a total: a smaller
//! one that is overtaken on its way would replace it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::billing::{Billing, BillingError, UsageTotal};
use crate::clock::new_id;
use crate::service::Service;
use crate::store::{Period, StoreError, Unreported};

/// A total is reported at most this often.
const EVERY: SignedDuration = SignedDuration::from_mins(3);
/// The provider's clock and ours, and a total on its way, keep within this.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);

/// For how long a total is left to whoever tells it. A change of plan waits longer.
const TELLING: SignedDuration = SignedDuration::from_secs(60);
/// How long telling may take: what is given up then arrives no more.
const LONGEST_TELLING: Duration = Duration::from_secs(45);

/// What is to be done about a total.
enum Step<'a> {
    Tell,
    CarryTo(&'a Period),
    /// Until it is known which period runs.
    Wait,
}

/// What became of a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The provider knows it, or will by another total; or there is nobody to tell it to.
    Settled,
    /// It waits for the next period to begin.
    Waits,
    /// Somebody tells an earlier state of it, or has and does not know whether it arrived.
    Busy,
}

/// What is to be done about a total. Whoever keeps exact books takes totals of any period.
fn step(total: &Unreported, is_exact: bool, now: Timestamp) -> Step<'_> {
    if is_exact {
        return Step::Tell;
    }
    let running = total.running.as_ref();
    let Some((period, end)) = running.and_then(|running| running.period.as_ref()) else {
        return Step::Wait;
    };
    match *period == total.period {
        _ if end.duration_since(now) < MARGIN => Step::Wait,
        true => Step::Tell,
        false => Step::CarryTo(period),
    }
}

impl Service {
    /// Tells the billing provider the totals that it does not know yet, each at most every few minutes. What cannot be told is
    /// logged and is due again.
    ///
    /// # Errors
    /// [`StoreError`] of the database; what the provider refuses is logged.
    pub async fn report_usage(&self, billing: &dyn Billing) -> Result<(), StoreError> {
        let due = self
            .store()
            .unreported(billing.is_exact(), self.now())
            .await?;
        for total in due {
            // Others may take long: each is judged by its own moment.
            let now = self.now();
            let Ok(until) = now.checked_add(EVERY) else {
                return Ok(());
            };
            if !self.store().claim_report(&total, now, until).await? {
                continue;
            }
            if let Err(error) = self.report(billing, &total).await? {
                tracing::warn!(%error, feature = total.feature, "a total could not be reported");
                if matches!(error, BillingError::Unavailable { .. }) {
                    // It would not take the others either.
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tells the billing provider an account's totals at once: before its agreement is replaced. A total that is refused keeps the
    /// others from nothing. Tells whether one has to wait.
    ///
    /// # Errors
    /// [`StoreError`] of the database; within it, what the provider refuses first.
    pub async fn report_usage_of(
        &self,
        billing: &dyn Billing,
        account: &str,
    ) -> Result<Result<Told, BillingError>, StoreError> {
        let mut waits = Told::Settled;
        let mut refused = None;
        // Once more for what the first pass carries over.
        for _ in 0..2 {
            for total in self.store().unreported_of(account).await? {
                match self.report(billing, &total).await? {
                    Ok(Told::Settled) => {}
                    Ok(told) => waits = told,
                    Err(
                        error @ (BillingError::Unavailable { .. } | BillingError::Unreadable(_)),
                    ) => {
                        return Ok(Err(error));
                    }
                    Err(error) => {
                        refused.get_or_insert(error);
                    }
                }
            }
        }
        Ok(refused.map_or(Ok(waits), Err))
    }

    async fn report(
        &self,
        billing: &dyn Billing,
        total: &Unreported,
    ) -> Result<Result<Told, BillingError>, StoreError> {
        let (by, now) = (new_id("tel"), self.now());
        let until = now.checked_add(TELLING).unwrap_or(now);
        if !self.store().claim_telling(total, &by, now, until).await? {
            return Ok(Ok(Told::Busy));
        }
        let told = self.tell(billing, total).await?;
        // What may have arrived, or may still be on its way, keeps the others away until it is surely over.
        if !matches!(
            told,
            Err(BillingError::Unavailable { .. } | BillingError::Unreadable(_))
        ) {
            self.store().end_telling(total, &by).await?;
        }
        Ok(told)
    }

    async fn tell(
        &self,
        billing: &dyn Billing,
        total: &Unreported,
    ) -> Result<Result<Told, BillingError>, StoreError> {
        let Some(total) = self.store().unreported_still(total).await? else {
            return Ok(Ok(Told::Settled));
        };
        let now = self.now();
        match step(&total, billing.is_exact(), now) {
            Step::Tell => {}
            Step::CarryTo(running) => {
                if total.sent > total.reported {
                    tracing::error!(
                        alarm = true,
                        account = total.account_id,
                        "a total was sent and never confirmed: it may not be billed"
                    );
                }
                self.store().carry_over(&total, running, now).await?;
                return Ok(Ok(Told::Settled));
            }
            Step::Wait => {
                let running = total.running.as_ref();
                let will_be_known = running.is_some_and(|running| running.period.is_some());
                return Ok(Ok(if will_be_known {
                    Told::Waits
                } else {
                    Told::Settled
                }));
            }
        }
        let period_start = Timestamp::from_millisecond(total.period.start)
            .map_err(|_| StoreError::Unreadable("a period"))?;
        let report = UsageTotal {
            agreement_id: total.period.agreement.clone(),
            feature: total.feature.clone(),
            period_start,
            total: total.total,
        };
        self.store().sending(&total, false).await?;
        let told = tokio::time::timeout(LONGEST_TELLING, billing.report_usage(&report)).await;
        let told = told.unwrap_or_else(|_| {
            Err(BillingError::Unavailable {
                detail: "it does not answer".to_owned(),
                retry_after: None,
            })
        });
        if let Err(error) = told {
            if !matches!(
                error,
                BillingError::Unavailable { .. } | BillingError::Unreadable(_)
            ) {
                self.store().sending(&total, true).await?;
            }
            return Ok(Err(error));
        }
        self.store().reported(&total).await?;
        Ok(Ok(Told::Settled))
    }
}
