//! What a change of plan would mean, before anybody agrees to it: money, time, features, allowance.
//!
//! A preview is made as of a moment and carries a mark over all that it says. A change is made from the same moment and only while
//! its mark still comes out the same: nobody pays what was not shown.

use std::collections::BTreeSet;

use brasskey_licence::{Feature, Mode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SubscriptionError, sync};
use crate::billing::proration::{self, Paid};
use crate::billing::{Quote, money};
use crate::catalogue::{Catalogue, Interval, Plan};
use crate::credential;
use crate::service::Service;
use crate::store::Subscription;

/// How long a preview can be accepted.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanChangeWhen)]
pub(crate) enum When {
    /// At once, prorated.
    Now,
    /// With the end of the period that is paid.
    PeriodEnd,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanChangeKind)]
pub(crate) enum Kind {
    /// To more, or for longer.
    Upgrade,
    /// To less, or for a shorter time.
    Downgrade,
    /// To the other billing mode.
    Switch,
}

/// What a change would mean.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanChangePreview)]
pub(crate) struct Preview {
    /// To be sent back as `accepted_preview`, within a quarter of an hour.
    pub(crate) preview: String,
    pub(crate) kind: Kind,
    pub(crate) when: When,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) effective_at: Timestamp,
    /// None where the provider does not say which period is paid.
    estimate: Option<Estimate>,
    /// Whether the estimate is what will be charged.
    exact: bool,
    loses: Vec<Difference>,
    gains: Vec<Difference>,
    mode: Change,
    /// The model use that is included in each month.
    allowance: Change,
}

/// Money, decimal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanChangeEstimate)]
struct Estimate {
    /// For what was paid and is not used.
    credit: String,
    /// For the new plan.
    charge: String,
    /// What is charged now; below zero, it is kept for the next invoices.
    net: String,
    currency: String,
}

/// A feature that one plan has more of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanChangeFeature)]
struct Difference {
    feature: String,
    name: String,
    #[schema(value_type = Option<Object>)]
    from: Option<Feature>,
    #[schema(value_type = Option<Object>)]
    to: Option<Feature>,
}

/// What something is now and will be.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanChangeValue)]
struct Change {
    from: Option<String>,
    to: Option<String>,
}

/// Previews a change as of now.
pub(crate) async fn preview(
    service: &Service,
    account: &str,
    plan_code: &str,
    when: Option<When>,
) -> Result<Preview, SubscriptionError> {
    Ok(at(service, account, plan_code, when, service.now())
        .await?
        .0)
}

/// Makes the preview again that was accepted, with the subscription that it is of.
pub(super) async fn accepted(
    service: &Service,
    account: &str,
    plan_code: &str,
    when: When,
    mark: &str,
) -> Result<(Preview, Subscription), SubscriptionError> {
    let changed = || SubscriptionError::PreviewChanged;
    let as_of = mark
        .split_once('.')
        .and_then(|(at, _)| at.parse().ok())
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .ok_or_else(changed)?;
    let age = service.now().duration_since(as_of);
    if age.is_negative() || age > GOOD_FOR {
        return Err(changed());
    }
    let (preview, subscription) = at(service, account, plan_code, Some(when), as_of).await?;
    if preview.preview != mark {
        return Err(changed());
    }
    Ok((preview, subscription))
}

async fn at(
    service: &Service,
    account: &str,
    plan_code: &str,
    when: Option<When>,
    as_of: Timestamp,
) -> Result<(Preview, Subscription), SubscriptionError> {
    let denied = |reason: &str| Err(SubscriptionError::Denied(reason.to_owned()));
    let catalogue = service.catalogue();
    let subscription = sync(service, account)
        .await?
        .ok_or(SubscriptionError::SignInNeeded)?;
    let new = catalogue
        .plan(plan_code)
        .ok_or(SubscriptionError::NoSuchPlan)?;
    if subscription.agreement_id.is_none() {
        return denied("there is no plan to change yet: begin with a checkout");
    }
    if subscription.plan_code == new.code {
        return denied("this is the plan already");
    }
    if !new.is_sold(service.now()) {
        return denied("this plan is not sold any longer");
    }
    let (Some(old), Some(price)) = (
        catalogue.plan(&subscription.plan_code),
        new.price.as_deref().and_then(money::cents),
    ) else {
        return denied("this plan is agreed with each customer: write to us");
    };
    let kind = kind(catalogue, old, new);
    let when = when.unwrap_or(match kind {
        Kind::Downgrade => When::PeriodEnd,
        Kind::Upgrade | Kind::Switch => When::Now,
    });
    let (effective_at, quote, exact) = match when {
        When::Now => {
            let (quote, exact) =
                cost(service, account, &subscription, old, new, price, as_of).await?;
            (as_of, quote, exact)
        }
        When::PeriodEnd => {
            if subscription.ends_at.is_some() {
                return denied("the plan ends with its period: let it go on first");
            }
            match subscription.period_end.filter(|end| *end > service.now()) {
                Some(end) => (end, Some((0, price)), service.billing().is_exact()),
                None => {
                    return denied("the end of the period is not known yet: try again in a while");
                }
            }
        }
    };
    let (loses, gains) = features(catalogue, old, new);
    let mode = |plan: &Plan| catalogue.mode_of(plan).map(mode_word);
    let mut preview = Preview {
        preview: String::new(),
        kind,
        when,
        effective_at,
        estimate: quote.map(|(credit, charge)| Estimate {
            credit: money::text(credit),
            charge: money::text(charge),
            net: money::text(charge - credit),
            currency: catalogue.currency.clone(),
        }),
        exact,
        loses,
        gains,
        mode: Change {
            from: mode(old),
            to: mode(new),
        },
        allowance: Change {
            from: old.included.clone(),
            to: new.included.clone(),
        },
    };
    let all = serde_json::json!([account, plan_code, old.code, subscription.rev, preview]);
    let mark = credential::digest(all.to_string().as_bytes());
    preview.preview = format!("{}.{mark}", as_of.as_millisecond());
    Ok((preview, subscription))
}

/// Credit and charge in cents, and whether the provider said so itself.
async fn cost(
    service: &Service,
    account: &str,
    subscription: &Subscription,
    old: &Plan,
    new: &Plan,
    price: i64,
    as_of: Timestamp,
) -> Result<(Option<(i64, i64)>, bool), SubscriptionError> {
    let customer = service.store().customer(account).await?;
    let customer = customer.ok_or(SubscriptionError::SignInNeeded)?;
    let parts = |quote: Quote| (quote.credit, quote.charge);
    if let Some(quote) = service.billing().quote(&customer, &new.code, as_of).await? {
        return Ok((Some(parts(quote)), true));
    }
    let (Some(start), Some(end), Some(paid)) = (
        subscription.period_start,
        subscription.period_end.filter(|end| *end > as_of),
        old.price.as_deref().and_then(money::cents),
    ) else {
        return Ok((None, false));
    };
    let paid = Paid {
        price: paid,
        interval: old.interval,
        start,
        end,
    };
    let quote = proration::quote(&paid, new.interval, price, as_of).ok();
    Ok((quote.map(parts), false))
}

fn kind(catalogue: &Catalogue, old: &Plan, new: &Plan) -> Kind {
    let price = |plan: &Plan| plan.price.as_deref().and_then(money::cents).unwrap_or(0);
    if catalogue.mode_of(old) != catalogue.mode_of(new) {
        return Kind::Switch;
    }
    match (old.interval, new.interval) {
        (Interval::Month, Interval::Year) => Kind::Upgrade,
        (Interval::Year, Interval::Month) => Kind::Downgrade,
        _ if price(new) > price(old) => Kind::Upgrade,
        _ => Kind::Downgrade,
    }
}

fn mode_word(mode: Mode) -> String {
    match mode {
        Mode::Byok => "byok",
        Mode::VendorBilled => "vendor_billed",
        Mode::Unknown => "unknown",
    }
    .to_owned()
}

/// How much a grant is: nothing, so much, no limit.
fn amount(feature: Option<&Feature>) -> u128 {
    match feature {
        None | Some(Feature::Granted(false)) => 0,
        Some(Feature::Granted(true)) => 1,
        Some(Feature::Metered { max: Some(max) }) => 1 + u128::from(*max),
        Some(Feature::Metered { max: None }) => u128::MAX,
    }
}

/// What there is less of, and more of.
fn features(catalogue: &Catalogue, old: &Plan, new: &Plan) -> (Vec<Difference>, Vec<Difference>) {
    let codes: BTreeSet<&String> = old.features.keys().chain(new.features.keys()).collect();
    let mut loses = Vec::new();
    let mut gains = Vec::new();
    for code in codes {
        let (from, to) = (old.features.get(code), new.features.get(code));
        let list = match amount(from).cmp(&amount(to)) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => &mut loses,
            std::cmp::Ordering::Less => &mut gains,
        };
        let kind = catalogue.features.iter().find(|kind| kind.code == *code);
        list.push(Difference {
            name: kind.map_or(code, |kind| &kind.name).clone(),
            feature: code.clone(),
            from: from.cloned(),
            to: to.cloned(),
        });
    }
    (loses, gains)
}
