//! What can go wrong at Kinde, switched on by tests.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::world::Shared;

/// The switches. Those that count go down with each use.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// Nothing answers but with 503.
    pub(crate) down: bool,
    /// So many requests get 429, with so many seconds to wait.
    pub(crate) too_many_requests: u32,
    pub(crate) rate_limit_reset: u32,
    /// So many requests get 500 and are not done.
    pub(crate) server_errors: u32,
    /// So many requests are done, and their answers break off.
    pub(crate) lose_answers: u32,
    /// So many changes of plan are done, and their answers break off.
    pub(crate) lose_changes: u32,
    /// Every event is delivered so many times more.
    pub(crate) duplicate: u32,
    /// So many events are never delivered.
    pub(crate) drop: u32,
    /// Deliveries wait so long.
    pub(crate) delay_ms: i64,
    /// Deliveries wait until the control port sends them, in the order that it says.
    pub(crate) hold: bool,
    /// Ids of events are numbers.
    pub(crate) numeric_event_id: bool,
    /// Times are written in Sydney, with an offset that is no RFC 3339.
    pub(crate) offset_11: bool,
    /// Agreements have no period.
    pub(crate) null_periods: bool,
    /// Periods end in the past.
    pub(crate) period_end_in_past: bool,
    /// Pages are no longer, whatever is asked for.
    pub(crate) page_cap: Option<usize>,
    /// `has_more` is text.
    pub(crate) has_more_string: bool,
    /// Every page is the first.
    pub(crate) stuck_cursor: bool,
    /// A new agreement does not show in so many reads.
    pub(crate) slow_reads: u32,
    /// So many agreements are promised and fail on payment.
    pub(crate) fail_agreements: u32,
    /// Changes of plan are denied, with this reason.
    pub(crate) deny_change: Option<String>,
    /// Changes of plan need a card.
    pub(crate) no_card: bool,
    /// Agreements cannot be deleted.
    pub(crate) delete_missing: bool,
    /// A deleted agreement ends at once, not with its period.
    pub(crate) delete_at_once: bool,
    /// Only the one spelling of the portal's page is understood.
    pub(crate) only_sub_nav: bool,
    pub(crate) only_subnav: bool,
}

impl Faults {
    /// A time as Kinde writes it.
    pub(crate) fn write_time(&self, at: Timestamp) -> String {
        if self.offset_11 {
            let local = Offset::constant(11).to_datetime(at);
            return format!("{local}+11");
        }
        at.to_string()
    }
}

/// Takes one of a counted fault.
pub(crate) fn take(count: &mut u32) -> bool {
    let is_on = *count > 0;
    *count = count.saturating_sub(1);
    is_on
}

/// An error in Kinde's shape.
pub(crate) fn refuse(status: u16, code: &str, message: &str) -> Response {
    let body = json!({"errors": [{"code": code, "message": message}]});
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

/// A route that is not known: `errors` is no list then.
pub(crate) async fn no_route() -> Response {
    let body =
        json!({"errors": {"code": "ROUTE_NOT_FOUND", "message": "The route does not exist."}});
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}

/// Nothing works.
pub(crate) async fn down(State(world): State<Shared>, request: Request, next: Next) -> Response {
    {
        let mut world = world.lock();
        let path = format!("{} {}", request.method(), request.uri().path());
        *world.asked.entry(path).or_default() += 1;
        if world.faults.down {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    next.run(request).await
}

/// The faults of the interfaces, and whether the caller's token is good.
pub(crate) async fn interface(
    State(world): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    {
        let mut world = world.lock();
        if take(&mut world.faults.too_many_requests) {
            let mut response = refuse(429, "TOO_MANY_REQUESTS", "Too many requests.");
            let reset = HeaderValue::from(world.faults.rate_limit_reset);
            response.headers_mut().insert("ratelimit-reset", reset);
            return response;
        }
        if take(&mut world.faults.server_errors) {
            return refuse(500, "INTERNAL", "Something went wrong.");
        }
        let bearer = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .unwrap_or_default();
        let is_good = if request.uri().path().starts_with("/account_api") {
            world.user_tokens.contains_key(bearer)
        } else {
            let now = world.now();
            world.tokens.get(bearer).is_some_and(|until| *until > now)
        };
        if !is_good {
            return refuse(403, "INVALID_CREDENTIALS", "The token is not good.");
        }
    }
    let is_change = request.method() == "POST" && request.uri().path().ends_with("/agreements");
    let response = next.run(request).await;
    let is_lost = {
        let faults = &mut world.lock().faults;
        take(&mut faults.lose_answers) || is_change && take(&mut faults.lose_changes)
    };
    if is_lost {
        let broken = futures::stream::once(async {
            Err::<Vec<u8>, _>(std::io::Error::other("the answer breaks off"))
        });
        return Body::from_stream(broken).into_response();
    }
    response
}

/// A page of a list, in Kinde's way: entries after the one that is named, 10 unless more are asked for.
pub(crate) fn page(
    faults: &Faults,
    entries: &[Value],
    size: Option<&str>,
    after: Option<&str>,
) -> (Vec<Value>, Value) {
    let asked = size.and_then(|size| size.parse().ok()).unwrap_or(10);
    let size = faults.page_cap.unwrap_or(usize::MAX).min(asked).min(500);
    let start = match after {
        Some(after) if !faults.stuck_cursor => entries
            .iter()
            .position(|entry| entry["id"] == after)
            .map_or(entries.len(), |at| at + 1),
        _ => 0,
    };
    let shown: Vec<Value> = entries.iter().skip(start).take(size).cloned().collect();
    let has_more = start + shown.len() < entries.len();
    let has_more = if faults.has_more_string {
        json!(has_more.to_string())
    } else {
        json!(has_more)
    };
    (shown, has_more)
}
