//! Renewing the licence: daily, quietly, one at a time, and never on the path of a message.

use std::time::Duration;

use brasskey_client::Code;
use brasskey_licence::State;
use brasskey_providers::Payer;
use jiff::SignedDuration;

use super::view::AccountView;
use crate::App;
use crate::clock::jittered;
use crate::error::{Error, ErrorCode};

/// The first pause after a renewal that failed; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The first pause after one that does not show a switch yet whose time has come; it doubles, too.
const SWITCH_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause. Sleep and suspension count little on a timer, so a look at the clock is never far.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

impl App {
    /// Renews the licence now.
    ///
    /// # Errors
    /// `sign_in_needed`, `licence_revoked`, `platform_unreachable`, the credential store's states.
    pub async fn check_licence(&self) -> Result<AccountView, Error> {
        // Whoever asks wants to know what became of a change or a payment, too.
        self.plans.wake();
        self.renew().await?;
        Ok(self.account())
    }

    /// Renews the licence at once and off the path of whoever has found it wanting.
    pub(crate) fn renew_soon(&self) {
        let app = self.clone();
        self.jobs.spawn(async move {
            let renewed = tokio::select! {
                () = app.closing.cancelled() => return,
                renewed = app.renew() => renewed,
            };
            if let Err(error) = renewed {
                tracing::info!(code = error.code().as_str(), "the licence was not renewed");
            }
        });
    }

    /// The place of the credential has opened: a renewal that it had stopped is made up for.
    pub(crate) fn make_up_for_renewal(&self) {
        if self.account.with(|held| held.check_failed.is_some()) {
            self.renew_soon();
        }
    }

    /// What the gateway refuses this computer, its licence does not know of yet: the window has to hear why the next message waits.
    pub(crate) fn doubt_licence(&self, payer: &Payer, refused: Option<ErrorCode>) {
        if let Payer::Plan { .. } = payer
            && let Some(ErrorCode::SignInNeeded | ErrorCode::LicenceRevoked) = refused
        {
            self.renew_soon();
        }
    }

    /// What can wait until after an answer to the person: the platform hears what was accepted and used here, and its offer is
    /// read.
    pub(crate) fn catch_up(&self) {
        let app = self.clone();
        self.jobs.spawn(async move {
            tokio::select! {
                () = app.closing.cancelled() => {}
                () = app.catch_up_now() => {}
            }
        });
    }

    async fn catch_up_now(&self) {
        if let Err(error) = self.read_offer().await {
            tracing::info!(code = error.code().as_str(), "the offer was not read");
        }
        if let Err(error) = self.read_plan_models().await {
            let code = error.code().as_str();
            tracing::info!(code, "the plan's models were not read");
            // They are asked for again from time to time.
            self.plans.wake();
        }
        self.tell_terms().await;
        self.tell_uses().await;
    }

    /// Renews the licence when it is time, for as long as Brasskey runs.
    pub(crate) async fn keep_licence(&self) {
        let mut failed = 0;
        let mut unseen = 0;
        let longer = |first: Duration, times: u32| {
            let times = 2_u32.pow(times.saturating_sub(1).min(16));
            first.saturating_mul(times).min(LONGEST_PAUSE)
        };
        loop {
            let pause = if self.is_renewal_due() || self.switch_is_due().await {
                // Broken off anywhere, the credential that is named stays good: its successor was never shown.
                let renewed = tokio::select! {
                    () = self.closing.cancelled() => return,
                    renewed = self.renew() => renewed,
                };
                match renewed {
                    Ok(()) => {
                        failed = 0;
                        if self.switch_is_due().await {
                            self.look_for_switch().await;
                            unseen += 1;
                            longer(SWITCH_PAUSE, unseen)
                        } else {
                            unseen = 0;
                            LONGEST_PAUSE
                        }
                    }
                    Err(error) => {
                        tracing::info!(code = error.code().as_str(), "the licence was not renewed");
                        failed += 1;
                        longer(FIRST_PAUSE, failed)
                    }
                }
            } else {
                LONGEST_PAUSE
            };
            if let Err(error) = self.mark_time().await {
                tracing::warn!(code = error.code().as_str(), "the time was not marked");
            }
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = tokio::time::sleep(jittered(pause)) => {}
            }
        }
    }

    /// Whether a switch that was agreed should have taken place, and the licence does not say so.
    async fn switch_is_due(&self) -> bool {
        let scheduled = self.scheduled_switch().await;
        matches!(scheduled, Ok(Some(switch)) if switch.at <= self.clock.now_ms())
    }

    /// The platform makes a switch a moment after its time, and may have had to give it up.
    async fn look_for_switch(&self) {
        if let Err(error) = self.subscription().await {
            tracing::info!(
                code = error.code().as_str(),
                "the switch is looked for later"
            );
        }
    }

    fn is_renewal_due(&self) -> bool {
        self.account.with(|held| {
            let Some(licence) = &held.licence else {
                return false;
            };
            let local = self.clock.now();
            // A clock that was set back would otherwise put a renewal off: once a day by either clock.
            let since = local.duration_since(licence.claims().iat);
            let is_old = since.abs() > SignedDuration::from_hours(24);
            match licence.state(held.kept.now(local)) {
                State::Active { renew } => renew || is_old,
                State::RenewalDue { .. } | State::Limited => true,
                State::Revoked => false,
            }
        })
    }

    /// Remembers how late it was, so that a clock that is set back gains nothing.
    async fn mark_time(&self) -> Result<(), Error> {
        // Not while the credential changes: what is written here must not name the one before.
        let _one = self.account.exchanging().await;
        let local = self.clock.now();
        let moved = self.account.with(|held| {
            let grace = held.licence.as_ref()?.claims().grace;
            let marks = held.kept.marks?;
            let after = marks.after(local, grace);
            (after != marks).then(|| {
                held.kept.marks = Some(after);
                held.kept.clone()
            })
        });
        match moved {
            Some(kept) => self.write_account(&kept).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn renew(&self) -> Result<(), Error> {
        let _one = self.account.exchanging().await;
        self.account.with(|held| held.checking = true);
        self.account_changed();
        let renewed = self.renew_once().await;
        self.account.with(|held| {
            held.checking = false;
            held.check_failed = renewed.as_ref().err().map(Error::code);
        });
        self.account_changed();
        renewed?;
        self.follow_switch().await?;
        self.catch_up();
        Ok(())
    }

    async fn renew_once(&self) -> Result<(), Error> {
        let credential = self.device_credential().await?;
        let device = self.account.platform().await?.as_device(&credential);
        match device.renew(env!("CARGO_PKG_VERSION")).await {
            Ok(renewed) => self.take(renewed.issued, None).await,
            Err(brasskey_client::Error::Refused(problem))
                if problem.code == Code::DeviceRevoked =>
            {
                // Only a signed statement lowers rights: without one this is a refusal like any other.
                if let Some(signed) = problem.more.get("licence").and_then(|it| it.as_str()) {
                    self.take_revocation(signed).await?;
                }
                Err(Error::Refused(ErrorCode::LicenceRevoked))
            }
            Err(error) => Err(error.into()),
        }
    }
}
