//! What a change of plan would mean, before it is confirmed.

use brasskey_client::views::{self, When};

use super::view::{EstimateOfChange, FeatureChange, PlanChangeKind, PlanPreviewView, SwitchTime};
use super::{Shown, amount, interval_view};
use crate::App;
use crate::error::Error;

impl App {
    /// What a change of plan would mean. Without a time, the platform's own: a downgrade with the period, all else at once.
    ///
    /// # Errors
    /// `plan_denied`, `change_pending`, `sign_in_needed`, `platform_unreachable`, the credential store's states.
    pub async fn preview_plan(
        &self,
        plan: &str,
        when: Option<SwitchTime>,
    ) -> Result<PlanPreviewView, Error> {
        let preview = self
            .as_device(async |device| device.preview(plan, when.map(When::from)).await)
            .await?;
        let view = self.preview_view(plan, &preview);
        self.plans.remember(Shown {
            plan: plan.to_owned(),
            preview,
        });
        Ok(view)
    }

    fn preview_view(&self, code: &str, preview: &views::Preview) -> PlanPreviewView {
        let offer = self.offers.now();
        let plan = offer.plan(code);
        let difference = |difference: &views::Difference| FeatureChange {
            code: difference.feature.clone(),
            name: difference.name.clone(),
            from: amount(difference.from),
            to: amount(difference.to),
        };
        PlanPreviewView {
            preview: preview.preview.clone(),
            plan: code.to_owned(),
            plan_name: offer.plan_name(code),
            mode: offer.mode_of(code),
            price: plan.and_then(|plan| plan.price.clone()),
            interval: plan.and_then(|plan| interval_view(plan.interval)),
            kind: match preview.kind {
                views::PlanChangeKind::Upgrade => PlanChangeKind::Upgrade,
                views::PlanChangeKind::Downgrade => PlanChangeKind::Downgrade,
                views::PlanChangeKind::Switch => PlanChangeKind::Switch,
                views::PlanChangeKind::Unknown => PlanChangeKind::Unknown,
            },
            when: preview.when.into(),
            effective_at: preview.effective_at.as_millisecond(),
            estimate: preview.estimate.as_ref().map(|estimate| EstimateOfChange {
                credit: estimate.credit.clone(),
                charge: estimate.charge.clone(),
                net: estimate.net.clone(),
            }),
            exact: preview.exact,
            loses: preview.loses.iter().map(difference).collect(),
            gains: preview.gains.iter().map(difference).collect(),
            allowance_from: preview.allowance.from.clone(),
            allowance_to: preview.allowance.to.clone(),
        }
    }
}
