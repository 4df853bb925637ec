//! What the service counts about itself, in Prometheus' words. Labels come from small sets alone: route templates, methods,
//! classes of status, kinds of work. Never an id, an address or a text of a client's.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::store::PoolState;

/// From a millisecond to the longest answer.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    /// `2xx`.
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct On {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// The counts. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    answered: Family<Answered, Counter>,
    seconds: Family<On, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    rate_limited: Family<Kind, Counter>,
    work_runs: Family<Kind, Counter>,
    work_failures: Family<Kind, Counter>,
    work_succeeded_at: Family<Kind, Gauge>,
    licences: Counter,
    streams: Gauge,
    pool_size: Gauge,
    pool_idle: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Self {
            registry: Arc::default(),
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            in_flight: Gauge::default(),
            rate_limited: Family::default(),
            work_runs: Family::default(),
            work_failures: Family::default(),
            work_succeeded_at: Family::default(),
            licences: Counter::default(),
            streams: Gauge::default(),
            pool_size: Gauge::default(),
            pool_idle: Gauge::default(),
        };
        let mut registry = Registry::with_prefix("brasskey");
        registry.register("requests", "Answered requests", all.answered.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from a request's head to its answer's",
            Unit::Seconds,
            all.seconds.clone(),
        );
        registry.register(
            "requests_in_flight",
            "Requests without an answer yet",
            all.in_flight.clone(),
        );
        registry.register(
            "rate_limited",
            "Requests refused for coming too often",
            all.rate_limited.clone(),
        );
        registry.register("work_runs", "Looks for due work", all.work_runs.clone());
        registry.register(
            "work_failures",
            "Due work that failed",
            all.work_failures.clone(),
        );
        registry.register_with_unit(
            "work_last_success_timestamp",
            "When due work last succeeded",
            Unit::Seconds,
            all.work_succeeded_at.clone(),
        );
        registry.register("licences_issued", "Signed licences", all.licences.clone());
        registry.register(
            "gateway_streams",
            "Open streams of the gateway",
            all.streams.clone(),
        );
        registry.register(
            "database_connections",
            "Open connections to the database",
            all.pool_size.clone(),
        );
        registry.register(
            "database_connections_idle",
            "Those that nothing uses",
            all.pool_idle.clone(),
        );
        all.registry = Arc::new(registry);
        all
    }
}

/// Something that is counted for as long as it lasts.
#[must_use]
#[derive(Debug)]
pub struct Lasting(Gauge<i64, AtomicI64>);

impl Lasting {
    fn of(gauge: &Gauge<i64, AtomicI64>) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// A request without an answer yet.
    pub(crate) fn request(&self) -> Lasting {
        Lasting::of(&self.in_flight)
    }

    /// An open stream of the gateway.
    pub(crate) fn stream(&self) -> Lasting {
        Lasting::of(&self.streams)
    }

    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let status = match status {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        let route = route.to_owned();
        self.seconds
            .get_or_create(&On {
                route: route.clone(),
            })
            .observe(took.as_secs_f64());
        let labels = Answered {
            method,
            route,
            status,
        };
        self.answered.get_or_create(&labels).inc();
    }

    pub(crate) fn rate_limited(&self, kind: &'static str) {
        self.rate_limited.get_or_create(&Kind { kind }).inc();
    }

    pub(crate) fn licence_issued(&self) {
        self.licences.inc();
    }

    pub(crate) fn worked(&self, kind: &'static str, now: Timestamp, is_done: bool) {
        let kind = Kind { kind };
        self.work_runs.get_or_create(&kind).inc();
        // Made either way, so that an alarm has something to compare with.
        let failures = self.work_failures.get_or_create(&kind).clone();
        if is_done {
            self.work_succeeded_at
                .get_or_create(&kind)
                .set(now.as_second());
        } else {
            failures.inc();
        }
    }

    /// All of it as Prometheus reads it.
    pub(crate) fn text(&self, pool: PoolState) -> Result<String, std::fmt::Error> {
        self.pool_size.set(pool.size.into());
        self.pool_idle.set(pool.idle.into());
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
