//! `POST /v1/usage`: what was used of metered features, counted exactly once by names that the client makes.
//!
//! Counting is never refused for a limit: it happened on a computer that was perhaps offline, where limits are advice. The
//! answer tells the totals with their limits.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use brasskey_licence::Feature;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Body;
use super::caller::Caller;
use super::problem::{Code, Problem};
use crate::keeping::REMEMBER_EVENTS;
use crate::service::Service;
use crate::store::{Counting, StoreError, UsageEvent};
use crate::wallet::CREDIT;

pub(super) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(count))
}

const MOST_EVENTS: usize = 500;
const LONGEST_ID: usize = 100;
/// More of one thing at once is a mistake.
const MOST_AT_ONCE: i64 = 1_000_000;

#[derive(Deserialize, ToSchema)]
#[schema(as = UsageAsked)]
struct Asked {
    /// At most 500.
    events: Vec<Event>,
}

/// Something that was used.
#[derive(Deserialize, ToSchema)]
#[schema(as = UsageEvent)]
struct Event {
    /// The client's own name for it, up to 100 bytes: the same name is counted once.
    id: String,
    /// A metered feature of the catalogue.
    #[schema(example = "projects")]
    feature: String,
    /// At least one.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// What was counted.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageCounted)]
struct Counted {
    /// Events that were counted now.
    accepted: u64,
    /// Events that were counted before.
    duplicates: u64,
    /// Events from so long ago that whether they were counted is not known any more. They are not counted.
    too_old: u64,
    /// By feature: what was used in the period that runs.
    totals: BTreeMap<String, Total>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UsageTotal)]
struct Total {
    used: i64,
    /// None: without limit.
    max: Option<u64>,
    /// Whether the plan has the feature, and not more was used than it allows.
    is_within: bool,
}

/// Counts what was used of metered features.
#[utoipa::path(post, path = "/v1/usage", tag = "usage", request_body = Asked, security(("device" = [])), responses((status = 200, body = Counted), Problem))]
async fn count(
    State(service): State<Service>,
    caller: Caller,
    Body(asked): Body<Asked>,
) -> Result<Json<Counted>, Problem> {
    if asked.events.len() > MOST_EVENTS {
        return Err(Problem::new(
            Code::InvalidRequest,
            "More than 500 events at once.",
        ));
    }
    let now = service.now();
    let oldest = now
        .checked_sub(REMEMBER_EVENTS)
        .map_err(|_| Problem::internal())?;
    let mut events = Vec::with_capacity(asked.events.len());
    let mut too_old = 0;
    for event in asked.events {
        check(&service, &event)?;
        if event.at <= oldest {
            too_old += 1;
            continue;
        }
        events.push(UsageEvent {
            id: event.id,
            feature: event.feature,
            quantity: event.quantity,
            at: event.at,
        });
    }
    let subscription = service.store().subscription(&caller.account_id).await?;
    let subscription =
        subscription.ok_or(StoreError::Unreadable("a device without a subscription"))?;
    let period_start = subscription
        .period_start
        .map_or(0, Timestamp::as_millisecond);
    let counting = Counting {
        account_id: caller.account_id,
        agreement: subscription.agreement_id.unwrap_or_default(),
        period_start,
    };
    let sent = u64::try_from(events.len()).map_err(|_| Problem::internal())?;
    let accepted = service
        .store()
        .count_usage(counting.clone(), events, now)
        .await?;
    let plan = service.catalogue().plan(&subscription.plan_code);
    let mut totals = BTreeMap::new();
    for (feature, used) in service.store().usage_totals(&counting).await? {
        if !is_metered(&service, &feature) {
            continue;
        }
        let granted = match plan.and_then(|plan| plan.features.get(&feature)) {
            Some(Feature::Metered { max }) => Some(*max),
            _ => None,
        };
        let is_within = granted.is_some_and(|max| {
            max.is_none_or(|max| u64::try_from(used).is_ok_and(|used| used <= max))
        });
        let max = granted.unwrap_or(Some(0));
        totals.insert(
            feature,
            Total {
                used,
                max,
                is_within,
            },
        );
    }
    Ok(Json(Counted {
        accepted,
        duplicates: sent.saturating_sub(accepted),
        too_old,
        totals,
    }))
}

fn is_metered(service: &Service, feature: &str) -> bool {
    let mut features = service.catalogue().features.iter();
    // Money is counted by the wallet alone.
    features.any(|kind| kind.code == feature && kind.metered && kind.code != CREDIT)
}

fn check(service: &Service, event: &Event) -> Result<(), Problem> {
    if event.id.is_empty() || event.id.len() > LONGEST_ID || event.id.contains('\0') {
        return Err(Problem::new(
            Code::InvalidRequest,
            "An event's id is empty, too long or no text.",
        ));
    }
    if !is_metered(service, &event.feature) {
        let unknown = Problem::new(Code::InvalidRequest, "An event is of no metered feature.");
        return Err(unknown
            .with("event", event.id.as_str())
            .with("feature", event.feature.as_str()));
    }
    if !(1..=MOST_AT_ONCE).contains(&event.quantity) {
        let wrong = Problem::new(
            Code::InvalidRequest,
            "An event's quantity is not from 1 to 1,000,000.",
        );
        return Err(wrong.with("event", event.id.as_str()));
    }
    Ok(())
}
