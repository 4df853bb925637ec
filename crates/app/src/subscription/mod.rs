//! The plan that the account has: looked at, ended, taken up again; changed in `change`, paid for in `pay`.
//!
//! What a plan allows is decided by the licence alone; what is read here is shown.

mod change;
mod pay;
mod portal;
mod preview;
mod uses;
pub mod view;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use brasskey_client::AsDevice;
use brasskey_client::views::{self, Interval};
use brasskey_licence::Feature;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::billing::offer::Offer;
use crate::clock::jittered;
use crate::error::Error;
use view::{FeatureView, IntervalView, PlanChangeState, PlanChangeView, SubscriptionView};

/// What a run remembers of plans.
#[derive(Default)]
pub(crate) struct Plans {
    /// One change or payment is sent at a time.
    sending: tokio::sync::Mutex<()>,
    /// The previews that were shown, newest last.
    shown: Mutex<Vec<Shown>>,
    /// Ends the wait for a payment.
    paying: Mutex<Option<CancellationToken>>,
    /// Something was sent whose outcome is not known.
    open: Notify,
}

/// A preview that was shown.
#[derive(Clone)]
struct Shown {
    plan: String,
    preview: views::Preview,
}

/// What is open.
enum Open {
    Nothing,
    Payment,
}

/// The first pause before a change without an answer is asked for again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Between two looks at a payment for which nobody waits any more.
const LOOK_AT_PAYMENT: Duration = Duration::from_secs(30);

/// Previews that are remembered: one for each choice of a dialog is enough.
const SHOWN: usize = 8;

impl Plans {
    /// What is open is asked for at once.
    pub(crate) fn wake(&self) {
        self.open.notify_one();
    }

    fn remember(&self, shown: Shown) {
        let mut all = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == SHOWN {
            all.remove(0);
        }
        all.push(shown);
    }

    fn shown(&self, mark: &str) -> Option<Shown> {
        let all = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .rev()
            .find(|shown| shown.preview.preview == mark)
            .cloned()
    }

    /// Takes the place of a wait for a payment; the one before ends.
    fn begin_paying(&self) -> CancellationToken {
        let stop = CancellationToken::new();
        let mut paying = self.paying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = paying.replace(stop.clone()) {
            before.cancel();
        }
        stop
    }

    fn stop_paying(&self) {
        let mut paying = self.paying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = paying.take() {
            stop.cancel();
        }
    }
}

impl App {
    /// Asks the platform as this device.
    pub(crate) async fn as_device<T>(
        &self,
        ask: impl AsyncFnOnce(AsDevice<'_>) -> Result<T, brasskey_client::Error>,
    ) -> Result<T, Error> {
        let credential = self.device_credential().await?;
        let platform = self.account.platform().await?;
        Ok(ask(platform.as_device(&credential)).await?)
    }

    /// The plan that the account has, as the platform says now.
    ///
    /// # Errors
    /// `sign_in_needed`, `platform_unreachable`, the credential store's states.
    pub async fn subscription(&self) -> Result<SubscriptionView, Error> {
        if self.offers.now().catalogue.is_none() {
            self.read_offer().await?;
        }
        let shown = self
            .as_device(async |device| futures::try_join!(device.account(), device.subscription()));
        let ((account, subscription), usage) = futures::try_join!(shown, self.count_uses())?;
        self.heed(subscription.change.as_ref()).await?;
        let offer = self.offers.now();
        let features = account.entitlements.iter().map(|(code, feature)| {
            let total = usage.totals.get(code);
            feature_view(&offer, code, *feature, total.map(|total| total.used))
        });
        let features = features.collect();
        Ok(subscription_view(&offer, &subscription, features))
    }

    /// Lets the plan end with its period.
    ///
    /// # Errors
    /// As [`App::subscription`]; `plan_denied` where there is nothing to end; `at_portal` where only the billing provider's own page
    /// does it.
    pub async fn cancel_plan(&self) -> Result<SubscriptionView, Error> {
        self.as_device(async |device| device.cancel().await).await?;
        self.plan_changed().await
    }

    /// Lets a plan that would end go on.
    ///
    /// # Errors
    /// As [`App::cancel_plan`].
    pub async fn reactivate_plan(&self) -> Result<SubscriptionView, Error> {
        self.as_device(async |device| device.reactivate().await)
            .await?;
        self.plan_changed().await
    }

    /// Asks for as long as Brasskey runs what became of changes and payments whose outcome is not known, and which models the
    /// plan pays for.
    pub(crate) async fn keep_plans(&self) {
        let mut tries = 0;
        loop {
            let pause = match self.resume_plans().await {
                Ok(Open::Nothing) => None,
                Ok(Open::Payment) => Some(LOOK_AT_PAYMENT),
                Err(error) => {
                    tracing::info!(code = error.code().as_str(), "the plan is asked for again");
                    tries = (tries + 1).min(16);
                    Some((FIRST_PAUSE * 2_u32.pow(tries - 1)).min(LONGEST_PAUSE))
                }
            };
            let rest = async {
                match pause {
                    Some(pause) => tokio::time::sleep(jittered(pause)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.plans.open.notified() => tries = 0,
                () = rest => {}
            }
        }
    }

    async fn resume_plans(&self) -> Result<Open, Error> {
        self.resume_change().await?;
        let open = self.resume_payment().await?;
        self.read_plan_models().await?;
        Ok(open)
    }

    /// The platform changed something: the licence follows, and the window shows what is true now.
    async fn plan_changed(&self) -> Result<SubscriptionView, Error> {
        // What was asked for is done; a licence that cannot be fetched now comes with the next renewal.
        if let Err(error) = self.renew().await {
            tracing::info!(code = error.code().as_str(), "the licence follows later");
        }
        self.subscription().await
    }
}

fn interval_view(interval: Interval) -> Option<IntervalView> {
    match interval {
        Interval::Month => Some(IntervalView::Month),
        Interval::Year => Some(IntervalView::Year),
        Interval::Unknown => None,
    }
}

/// How much of a feature there is: none is without limit, 0 is not at all.
fn amount(feature: Option<Feature>) -> Option<u64> {
    match feature {
        None | Some(Feature::Granted(false)) => Some(0),
        Some(Feature::Granted(true)) => None,
        Some(Feature::Metered { max }) => max,
    }
}

fn feature_view(offer: &Offer, code: &str, feature: Feature, used: Option<i64>) -> FeatureView {
    let kind = offer
        .catalogue
        .as_ref()
        .and_then(|catalogue| catalogue.features.iter().find(|kind| kind.code == code));
    FeatureView {
        code: code.to_owned(),
        name: kind.map_or_else(|| code.to_owned(), |kind| kind.name.clone()),
        max: amount(Some(feature)),
        used,
    }
}

fn subscription_view(
    offer: &Offer,
    subscription: &views::Subscription,
    mut features: Vec<FeatureView>,
) -> SubscriptionView {
    let code = &subscription.plan_code;
    let plan = offer.plan(code);
    if let Some(catalogue) = &offer.catalogue {
        let place = |feature: &FeatureView| {
            let mut kinds = catalogue.features.iter();
            kinds.position(|kind| kind.code == feature.code)
        };
        features.sort_by_key(|feature| place(feature).unwrap_or(usize::MAX));
    }
    SubscriptionView {
        plan: code.clone(),
        plan_name: offer.plan_name(code),
        mode: offer.mode_of(code),
        interval: plan.and_then(|plan| interval_view(plan.interval)),
        price: plan.and_then(|plan| plan.price.clone()),
        included: plan.and_then(|plan| plan.included.clone()),
        standing: subscription.standing.into(),
        period_start: subscription.period_start.map(|at| at.as_millisecond()),
        period_end: subscription.period_end.map(|at| at.as_millisecond()),
        ends_at: subscription.ends_at.map(|at| at.as_millisecond()),
        past_due_since: subscription.past_due_since.map(|at| at.as_millisecond()),
        change: subscription
            .change
            .as_ref()
            .map(|change| change_view(offer, change)),
        features,
    }
}

fn change_view(offer: &Offer, change: &views::PlanChange) -> PlanChangeView {
    use views::PlanChangeState as State;
    PlanChangeView {
        state: match change.state {
            State::Scheduled => PlanChangeState::Scheduled,
            State::Pending => PlanChangeState::Pending,
            State::Done => PlanChangeState::Done,
            State::Failed => PlanChangeState::Failed,
            State::Withdrawn => PlanChangeState::Withdrawn,
            State::Unknown => PlanChangeState::Unknown,
        },
        from_name: offer.plan_name(&change.from_plan),
        to_name: offer.plan_name(&change.to_plan),
        to_mode: offer.mode_of(&change.to_plan),
        effective_at: change.effective_at.as_millisecond(),
        reason: change.reason.clone(),
    }
}
