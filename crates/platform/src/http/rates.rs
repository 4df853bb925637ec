//! How often requests may come: by address where nobody has shown who it is, by device and account where somebody has. Each
//! replica allows its part, and remembers a bounded number of places.

use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{Extensions, HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::GATEWAY;
use super::edge::Front;
use super::origin::place;
use super::problem::{Code, Problem};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::settings;
use crate::work::Pace;

/// Where clients of the gateway put their credential besides `Authorization`.
const KEYS: [HeaderName; 2] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// So many places are told apart, about 10 MB; whoever comes beyond shares one place.
const MOST: usize = 100_000;
/// How often places that have not been seen of late are forgotten.
const TIDY: Duration = Duration::from_secs(30);

/// The service's clock, as the limits read it.
#[derive(Clone)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// One limit.
struct Limit<K: Hash + Eq + Clone> {
    kind: &'static str,
    limiter: RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>,
    /// The place of those who are too many to be told apart.
    crowd: K,
    clock: Clock,
    tidied: Pace,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(
        kind: &'static str,
        allowed: u32,
        within: Duration,
        replicas: u32,
        crowd: K,
        clock: &Clock,
    ) -> Self {
        let burst = NonZeroU32::new(allowed / replicas.max(1)).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(within / burst.get())
            .unwrap_or(Quota::per_second(burst))
            .allow_burst(burst);
        Self {
            kind,
            limiter: RateLimiter::new(quota, HashMapStateStore::default(), Ticks(clock.clone())),
            crowd,
            clock: clock.clone(),
            tidied: Pace::default(),
        }
    }

    fn check(&self, key: &K, metrics: &Metrics) -> Result<(), Problem> {
        let now = self.clock.elapsed();
        if self.tidied.is_due(now, TIDY) {
            self.limiter.retain_recent();
        }
        let key = if self.limiter.len() < MOST {
            key
        } else {
            &self.crowd
        };
        self.limiter.check_key(key).map_err(|refused| {
            metrics.rate_limited(self.kind);
            Problem::new(
                Code::RateLimited,
                "Come back after the time in Retry-After.",
            )
            .retry_after(refused.wait_time_from(now))
        })
    }
}

struct Limits {
    trials_in_a_minute: Limit<IpAddr>,
    trials_in_a_day: Limit<IpAddr>,
    anonymous: Limit<IpAddr>,
    presented: Limit<IpAddr>,
    device: Limit<String>,
    account: Limit<String>,
    metrics: Metrics,
}

/// The limits in force; none for a service that only tests reach.
#[derive(Clone, Default)]
pub(crate) struct Rates(Option<Arc<Limits>>);

impl Rates {
    pub(crate) fn new(rates: &settings::Rates, clock: &Clock, metrics: &Metrics) -> Self {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let by_place = |kind, allowed, within| {
            Limit::new(kind, allowed, within, rates.replicas, nowhere, clock)
        };
        let by_name =
            |kind, allowed| Limit::new(kind, allowed, MINUTE, rates.replicas, String::new(), clock);
        Self(Some(Arc::new(Limits {
            trials_in_a_minute: by_place("trials-minute", rates.trials_per_minute, MINUTE),
            trials_in_a_day: by_place("trials-day", rates.trials_per_day, DAY),
            anonymous: by_place("anonymous", rates.anonymous_per_minute, MINUTE),
            presented: by_place("presented", rates.presented_per_minute, MINUTE),
            device: by_name("device", rates.device_per_minute),
            account: by_name("account", rates.account_per_minute),
            metrics: metrics.clone(),
        })))
    }

    /// The limits that a request came under.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Counts a request of a device that has shown who it is.
    pub(crate) fn known(&self, device: &str, account: &str) -> Result<(), Problem> {
        let Some(limits) = &self.0 else {
            return Ok(());
        };
        limits.device.check(&device.to_owned(), &limits.metrics)?;
        self.account(account)
    }

    /// Counts a request of an account's owner.
    pub(crate) fn account(&self, account: &str) -> Result<(), Problem> {
        self.0.as_ref().map_or(Ok(()), |limits| {
            limits.account.check(&account.to_owned(), &limits.metrics)
        })
    }

    fn arrived(&self, asks: Asks, address: Option<IpAddr>) -> Result<(), Problem> {
        let Some(limits) = &self.0 else {
            return Ok(());
        };
        let place = place(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        let check = |limit: &Limit<IpAddr>| limit.check(&place, &limits.metrics);
        match asks {
            Asks::Health => Ok(()),
            Asks::Trial => {
                check(&limits.trials_in_a_minute)?;
                check(&limits.trials_in_a_day)
            }
            Asks::Openly => check(&limits.anonymous),
            Asks::WithCredential => check(&limits.presented),
        }
    }
}

/// What a request asks for, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Health,
    Trial,
    Openly,
    WithCredential,
}

fn asks(request: &Request) -> Asks {
    let route = request.extensions().get::<MatchedPath>();
    match route.map_or("", MatchedPath::as_str) {
        "/healthz" | "/readyz" => Asks::Health,
        "/v1/trials" if request.method() == Method::POST => Asks::Trial,
        // Signed by who sends them, from few addresses, in bursts.
        route if route.starts_with("/v1/webhooks/") => Asks::WithCredential,
        _ if request.headers().contains_key(AUTHORIZATION) => Asks::WithCredential,
        // Clients of the protocols that it speaks send their key in headers of their own.
        route
            if route.starts_with(GATEWAY)
                && KEYS.iter().any(|key| request.headers().contains_key(key)) =>
        {
            Asks::WithCredential
        }
        _ => Asks::Openly,
    }
}

/// Refuses what comes too often, before anything is done for it.
pub(super) async fn limited(
    State(front): State<Front>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = front.origin(&request).address;
    if let Err(refused) = front.rates().arrived(asks(&request), address) {
        return refused.into_response();
    }
    request.extensions_mut().insert(front.rates().clone());
    next.run(request).await
}
