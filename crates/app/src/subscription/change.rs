//! Changing the plan, and with it the billing mode: as it was shown, or not at all.
//!
//! A change is written down before it is sent and sent under one name, so that whatever happens in between, the platform does it
//! once and this computer learns what came of it: the mode in force follows the plan, and never the other way round.

use std::time::Duration;

use brasskey_client::AsDevice;
use brasskey_client::views::{PlanChange, PlanChangeFailure, PlanChangeState, When};
use serde::{Deserialize, Serialize};

use super::view::{SubscriptionView, SwitchTime};
use crate::App;
use crate::billing::view::{BillingMode, ScheduledSwitch};
use crate::changed::Changed;
use crate::clock::new_id;
use crate::error::{Error, ErrorCode};

/// The setting: a change that was sent and whose outcome is not known.
const OPEN: &str = "plan_change";
/// The setting: a switch that waits for the end of the period.
const SCHEDULED: &str = "scheduled_switch";

/// Pauses before a change that got no answer is asked for again, while the person waits.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];
/// How long a change is sent again under its name. Later only what became of it is read.
const SENT_AGAIN_MS: i64 = 60 * 60 * 1000;

/// A change as it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OpenChange {
    /// The name that it was sent under.
    request: String,
    /// By whose account.
    profile: String,
    plan: String,
    /// What was shown and accepted.
    preview: String,
    when: SwitchTime,
    /// The mode of the plan.
    mode: Option<BillingMode>,
    sent_at: i64,
    /// When it takes effect, at the earliest.
    effective_at: i64,
}

/// A switch that waits, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// Of which account.
    profile: String,
    switch: ScheduledSwitch,
}

/// What became of a change.
enum Outcome {
    Settled,
    /// Nothing has changed.
    Refused(Error),
    /// The platform did not say.
    Unknown(Error),
}

impl From<When> for SwitchTime {
    fn from(when: When) -> Self {
        match when {
            When::Now => Self::Now,
            When::PeriodEnd => Self::PeriodEnd,
        }
    }
}

impl From<SwitchTime> for When {
    fn from(when: SwitchTime) -> Self {
        match when {
            SwitchTime::Now => Self::Now,
            SwitchTime::PeriodEnd => Self::PeriodEnd,
        }
    }
}

impl App {
    /// Changes the plan exactly as it was shown, and the billing mode with it: at once, or when the period ends.
    ///
    /// # Errors
    /// Nothing has changed: `preview_changed`, `plan_denied`, `payment_failed`, `change_pending`, `sign_in_needed`, the credential
    /// store's states. Not known: `platform_unreachable` while [`BillingView::switching`](crate::billing::view::BillingView) says so;
    /// Brasskey goes on asking.
    pub async fn change_plan(&self, preview: &str) -> Result<SubscriptionView, Error> {
        let _one = self.plans.sending.lock().await;
        if self.open_change().await?.is_some() {
            return Err(Error::Refused(ErrorCode::ChangePending));
        }
        let shown = self
            .plans
            .shown(preview)
            .ok_or(Error::Refused(ErrorCode::PreviewChanged))?;
        // What cannot be asked at all is found out before anything is written down.
        self.device_credential().await?;
        let change = OpenChange {
            request: new_id(),
            profile: self.account.profile(),
            mode: self.offers.now().mode_of(&shown.plan),
            plan: shown.plan,
            preview: shown.preview.preview,
            when: shown.preview.when.into(),
            sent_at: self.clock.now_ms(),
            effective_at: shown.preview.effective_at.as_millisecond(),
        };
        self.ledger.settings().set(OPEN, &change).await?;
        self.announce(Changed::Billing);
        let mut outcome = self.send_change(&change).await;
        for pause in PAUSES {
            if !matches!(outcome, Outcome::Unknown(_)) {
                break;
            }
            tokio::time::sleep(pause).await;
            outcome = self.ask_again(&change).await;
        }
        match outcome {
            Outcome::Settled => self.subscription().await,
            Outcome::Refused(error) => {
                self.forget_change().await?;
                Err(error)
            }
            Outcome::Unknown(error) => {
                self.plans.wake();
                Err(error)
            }
        }
    }

    /// Takes a change back that waits for the end of the period.
    ///
    /// # Errors
    /// As [`App::subscription`]; `not_found` when none waits.
    pub async fn withdraw_plan_change(&self) -> Result<SubscriptionView, Error> {
        self.as_device(async |device| device.withdraw_change().await)
            .await?;
        self.subscription().await
    }

    /// Asks what became of a change that got no answer, also in a run before.
    ///
    /// # Errors
    /// `platform_unreachable` while it is still not known; `storage`.
    pub(crate) async fn resume_change(&self) -> Result<(), Error> {
        let _one = self.plans.sending.lock().await;
        let Some(change) = self.open_change().await? else {
            return Ok(());
        };
        // Another account's change is not asked for with this one's credential.
        if change.profile != self.account.profile() {
            return Ok(());
        }
        let outcome = self.ask_again(&change).await;
        match outcome {
            Outcome::Settled => Ok(()),
            Outcome::Refused(error) => {
                tracing::info!(
                    code = error.code().as_str(),
                    "a change of plan was not made"
                );
                self.forget_change().await
            }
            Outcome::Unknown(error) => Err(error),
        }
    }

    /// The mode of a change whose outcome is not known.
    pub(crate) async fn open_switch(&self) -> Result<Option<BillingMode>, Error> {
        let change = self.open_change().await?;
        let ours = change.filter(|change| change.profile == self.account.profile());
        Ok(ours.and_then(|change| change.mode))
    }

    /// The switch that waits for the end of the period.
    pub(crate) async fn scheduled_switch(&self) -> Result<Option<ScheduledSwitch>, Error> {
        let waiting: Option<Waiting> = self.ledger.settings().get(SCHEDULED).await?;
        let ours = waiting.filter(|waiting| waiting.profile == self.account.profile());
        Ok(ours.map(|waiting| waiting.switch))
    }

    /// The mode in force follows a switch that was agreed, once the licence says that it has taken place.
    ///
    /// # Errors
    /// `storage`.
    pub(crate) async fn follow_switch(&self) -> Result<(), Error> {
        let Some(scheduled) = self.scheduled_switch().await? else {
            return Ok(());
        };
        if self.account.allows(scheduled.mode) && !self.account.allows(scheduled.mode.other()) {
            // The mode first: without it a crash in between would lose the switch.
            self.put_in_force(scheduled.mode).await?;
            self.forget_scheduled().await?;
        }
        Ok(())
    }

    /// Takes note of what the platform says of the newest change.
    pub(super) async fn heed(&self, change: Option<&PlanChange>) -> Result<(), Error> {
        // One that was sent from here is settled by who sent it.
        if self.open_change().await?.is_some() {
            return Ok(());
        }
        match change.map(|change| (change.state, change)) {
            Some((PlanChangeState::Scheduled, change)) => self.schedule(change).await,
            Some((PlanChangeState::Pending | PlanChangeState::Unknown, _)) => Ok(()),
            Some((PlanChangeState::Done, _)) => self.follow_switch().await,
            Some((PlanChangeState::Failed | PlanChangeState::Withdrawn, _)) | None => {
                self.forget_scheduled().await
            }
        }
    }

    async fn open_change(&self) -> Result<Option<OpenChange>, Error> {
        Ok(self.ledger.settings().get(OPEN).await?)
    }

    async fn forget_change(&self) -> Result<(), Error> {
        self.ledger.settings().clear(OPEN).await?;
        self.announce(Changed::Billing);
        Ok(())
    }

    async fn forget_scheduled(&self) -> Result<(), Error> {
        if self.scheduled_switch().await?.is_some() {
            self.ledger.settings().clear(SCHEDULED).await?;
            self.announce(Changed::Billing);
        }
        Ok(())
    }

    async fn send_change(&self, change: &OpenChange) -> Outcome {
        let OpenChange {
            plan,
            when,
            preview,
            request,
            ..
        } = change;
        let sent = async |device: AsDevice<'_>| {
            let when = When::from(*when);
            device.change(plan, when, preview, request).await
        };
        match self.told(sent).await {
            Ok(made) => self.settle(change, &made).await,
            Err(outcome) => outcome,
        }
    }

    /// Asks what became of a change. One that the platform knows nothing of is sent again under its name, so that it is done once
    /// whatever is still on its way.
    async fn ask_again(&self, change: &OpenChange) -> Outcome {
        let read = self.told(async |device| device.subscription().await).await;
        let subscription = match read {
            Ok(subscription) => subscription,
            // Who may not look has heard nothing of the change.
            Err(Outcome::Refused(error)) => return Outcome::Unknown(error),
            Err(outcome) => return outcome,
        };
        let is_this = |made: &&PlanChange| {
            made.to_plan == change.plan && made.effective_at.as_millisecond() >= change.effective_at
        };
        if let Some(made) = subscription.change.as_ref().filter(is_this) {
            self.settle(change, made).await
        } else if subscription.plan_code == change.plan {
            self.take_effect(change).await
        } else if self.clock.now_ms().saturating_sub(change.sent_at) < SENT_AGAIN_MS {
            self.send_change(change).await
        } else {
            Outcome::Refused(Error::Refused(ErrorCode::PlanDenied))
        }
    }

    /// Asks the platform; what it does not say, whyever, is not known.
    async fn told<T>(
        &self,
        ask: impl AsyncFnOnce(AsDevice<'_>) -> Result<T, brasskey_client::Error>,
    ) -> Result<T, Outcome> {
        let credential = self.device_credential().await.map_err(Outcome::Unknown)?;
        let platform = self.account.platform().await.map_err(Outcome::Unknown)?;
        ask(platform.as_device(&credential))
            .await
            .map_err(|error| match error {
                brasskey_client::Error::Refused(_) if !error.is_passing() => {
                    Outcome::Refused(error.into())
                }
                _ => Outcome::Unknown(error.into()),
            })
    }

    /// What the platform says of a change takes effect here.
    async fn settle(&self, change: &OpenChange, made: &PlanChange) -> Outcome {
        match made.state {
            PlanChangeState::Done => self.take_effect(change).await,
            PlanChangeState::Scheduled => self.take_note(made).await,
            PlanChangeState::Pending | PlanChangeState::Unknown => {
                Outcome::Unknown(Error::Refused(ErrorCode::ChangePending))
            }
            PlanChangeState::Failed => {
                use PlanChangeFailure as Failure;
                Outcome::Refused(Error::Refused(match made.failure {
                    Some(Failure::PaymentRequired) => ErrorCode::PaymentFailed,
                    Some(Failure::ProviderFailed) => ErrorCode::PlatformUnreachable,
                    Some(Failure::AtPortal) => ErrorCode::AtPortal,
                    Some(Failure::Denied | Failure::Unknown) | None => ErrorCode::PlanDenied,
                }))
            }
            PlanChangeState::Withdrawn => Outcome::Refused(Error::Refused(ErrorCode::PlanDenied)),
        }
    }

    async fn take_effect(&self, change: &OpenChange) -> Outcome {
        let followed = async {
            self.renew().await?;
            if let Some(mode) = change.mode {
                self.put_in_force(mode).await?;
            }
            // A switch that waited is replaced by the one that was made.
            self.forget_scheduled().await?;
            self.forget_change().await
        };
        followed
            .await
            .map_or_else(Outcome::Unknown, |()| Outcome::Settled)
    }

    async fn take_note(&self, made: &PlanChange) -> Outcome {
        let noted = async {
            self.schedule(made).await?;
            self.forget_change().await
        };
        noted
            .await
            .map_or_else(Outcome::Unknown, |()| Outcome::Settled)
    }

    async fn schedule(&self, made: &PlanChange) -> Result<(), Error> {
        let offer = self.offers.now();
        let mode = offer.mode_of(&made.to_plan);
        let switch = mode.filter(|mode| offer.mode_of(&made.from_plan) != Some(*mode));
        let Some(mode) = switch else {
            // Only the interval changes: there is no mode to follow.
            return self.forget_scheduled().await;
        };
        let waiting = Waiting {
            profile: self.account.profile(),
            switch: ScheduledSwitch {
                mode,
                plan_name: offer.plan_name(&made.to_plan),
                at: made.effective_at.as_millisecond(),
            },
        };
        if self.scheduled_switch().await?.as_ref() != Some(&waiting.switch) {
            self.ledger.settings().set(SCHEDULED, &waiting).await?;
            self.announce(Changed::Billing);
        }
        Ok(())
    }
}
