//! Renewing the licence: daily, quietly, one at a time, and never on the path of a message.

use std::time::Duration;

use brasskey_client::Code;
use brasskey_licence::State;
use jiff::SignedDuration;

use super::view::AccountView;
use crate::App;
use crate::clock::{jittered, now, now_ms};
use crate::error::{Error, ErrorCode};

/// The first pause after a renewal that failed; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
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

    /// What can wait until after an answer to the person: the platform hears what was accepted here, and its offer is read.
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
    }

    /// Renews the licence when it is time, for as long as Brasskey runs.
    pub(crate) async fn keep_licence(&self) {
        let mut failed = 0;
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
                        LONGEST_PAUSE
                    }
                    Err(error) => {
                        tracing::info!(code = error.code().as_str(), "the licence was not renewed");
                        failed = (failed + 1).min(16);
                        (FIRST_PAUSE * 2_u32.pow(failed - 1)).min(LONGEST_PAUSE)
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

    /// Whether a switch that was agreed should have taken place since the licence was made.
    async fn switch_is_due(&self) -> bool {
        let Ok(Some(switch)) = self.scheduled_switch().await else {
            return false;
        };
        let made = self.account.with(|held| {
            let licence = held.licence.as_ref()?;
            Some(licence.claims().iat.as_millisecond())
        });
        switch.at <= now_ms() && made.is_some_and(|made| made < switch.at)
    }

    fn is_renewal_due(&self) -> bool {
        self.account.with(|held| {
            let Some(licence) = &held.licence else {
                return false;
            };
            let local = now();
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
        let _one = self.account.exchanging.lock().await;
        let local = now();
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
        let _one = self.account.exchanging.lock().await;
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
