//! Everything that the double knows.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{Span, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::faults::Faults;
use crate::signing::Keys;
use crate::webhooks::Outbox;

/// The one world of the process.
#[derive(Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
}

impl Shared {
    pub(crate) fn new(issuer: &str) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(issuer))),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap();
        world.roll();
        world
    }
}

pub(crate) struct World {
    pub(crate) issuer: String,
    pub(crate) keys: Keys,
    pub(crate) faults: Faults,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) customers: BTreeMap<String, Customer>,
    pub(crate) agreements: Vec<Agreement>,
    /// By agreement, feature and the start of the cycle.
    pub(crate) usage: BTreeMap<(String, String, i64), i64>,
    pub(crate) outbox: Outbox,
    /// Bearer tokens that are good, and until when.
    pub(crate) tokens: BTreeMap<String, Timestamp>,
    /// User tokens, and whose they are.
    pub(crate) user_tokens: BTreeMap<String, String>,
    pub(crate) links: BTreeMap<String, Link>,
    /// How often each path was asked.
    pub(crate) asked: BTreeMap<String, u64>,
    started: (Timestamp, Instant),
    ahead_ms: i64,
    /// How much faster than real time the clock goes.
    pub(crate) factor: f64,
    next_id: u64,
}

#[derive(Clone, Serialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// Whether its next charges fail.
    pub(crate) card_fails: bool,
}

#[derive(Clone, Serialize)]
pub(crate) struct Agreement {
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) plan: String,
    pub(crate) since: Timestamp,
    pub(crate) period_start: Timestamp,
    pub(crate) period_end: Timestamp,
    pub(crate) expires_on: Option<Timestamp>,
    /// So many more reads of the list do not show it yet.
    pub(crate) hidden_reads: u32,
    /// The one that took its place.
    pub(crate) replaced_by: Option<String>,
    /// Whether its end was told.
    pub(crate) end_told: bool,
}

/// A one-time link to the portal.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) user_id: String,
    pub(crate) area: String,
    pub(crate) return_url: String,
}

/// The plans that are for sale; the code says the interval.
pub(crate) const PLANS: &[&str] = &[
    "free",
    "byok_monthly",
    "byok_annual",
    "byok_enterprise",
    "standard_monthly",
    "standard_annual",
];

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "the double's own clock begins at the real time"
    )]
    fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            keys: Keys::new(),
            faults: Faults::default(),
            users: BTreeMap::new(),
            customers: BTreeMap::new(),
            agreements: Vec::new(),
            usage: BTreeMap::new(),
            outbox: Outbox::default(),
            tokens: BTreeMap::new(),
            user_tokens: BTreeMap::new(),
            links: BTreeMap::new(),
            asked: BTreeMap::new(),
            started: (Timestamp::now(), Instant::now()),
            ahead_ms: 0,
            factor: 1.0,
            next_id: 1,
        }
    }

    /// Now, in whole milliseconds.
    pub(crate) fn now(&self) -> Timestamp {
        let (at, instant) = self.started;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds of one process"
        )]
        let passed = (instant.elapsed().as_secs_f64() * 1000.0 * self.factor) as i64;
        Timestamp::from_millisecond(at.as_millisecond() + passed + self.ahead_ms).unwrap()
    }

    pub(crate) fn advance(&mut self, milliseconds: i64) {
        self.ahead_ms += milliseconds;
        self.roll();
    }

    pub(crate) fn new_id(&mut self, kind: &str) -> String {
        let id = format!("{kind}_{:06}", self.next_id);
        self.next_id += 1;
        id
    }

    /// The customer of a user, made where there is none.
    pub(crate) fn customer_of(&mut self, user_id: &str) -> String {
        let known = self.customers.values().find(|it| it.user_id == user_id);
        if let Some(customer) = known {
            return customer.id.clone();
        }
        let id = self.new_id("customer");
        let customer = Customer {
            id: id.clone(),
            user_id: user_id.to_owned(),
            card_fails: false,
        };
        self.customers.insert(id.clone(), customer);
        id
    }

    /// Lets pass what the clock has passed: periods, ends.
    pub(crate) fn roll(&mut self) {
        let now = self.now();
        let mut told = Vec::new();
        for agreement in &mut self.agreements {
            let card_fails = self
                .customers
                .get(&agreement.customer_id)
                .is_some_and(|customer| customer.card_fails);
            let end = agreement.expires_on.unwrap_or(Timestamp::MAX);
            while agreement.period_end <= now && agreement.period_end < end {
                let at = agreement.period_end;
                agreement.period_start = at;
                agreement.period_end = period_end(&agreement.plan, at);
                let kind = if card_fails {
                    "customer.payment_failed"
                } else {
                    "customer.payment_succeeded"
                };
                told.push((kind, at, agreement.clone()));
            }
            if end <= now && !agreement.end_told {
                agreement.end_told = true;
                told.push(("customer.agreement_cancelled", end, agreement.clone()));
            }
        }
        for (kind, at, agreement) in told {
            self.tell(kind, at, &agreement);
        }
    }

    /// Queues an event about an agreement.
    pub(crate) fn tell(&mut self, kind: &str, at: Timestamp, agreement: &Agreement) {
        let user = self.customers[&agreement.customer_id].user_id.clone();
        let data = json!({
            "customer_id": agreement.customer_id,
            "user_id": user,
            "agreement_id": agreement.id,
            "plan": {"code": agreement.plan},
        });
        self.emit(kind, at, &data);
    }

    /// Queues an event.
    pub(crate) fn emit(&mut self, kind: &str, at: Timestamp, data: &Value) {
        let id = self.new_id("event");
        let event_id = if self.faults.numeric_event_id {
            json!(id.trim_start_matches("event_").parse::<u64>().unwrap())
        } else {
            json!(id)
        };
        let payload = json!({
            "type": kind,
            "event_id": event_id,
            "source": "api",
            "timestamp": self.faults.write_time(at),
            "data": data,
        });
        let token = self.keys.sign(&payload);
        let now = self.now();
        self.outbox.queue(id, kind, token, now, &mut self.faults);
    }

    /// The agreements of a customer that run.
    pub(crate) fn running(&self, customer: &str) -> HashSet<String> {
        let now = self.now();
        let of = self
            .agreements
            .iter()
            .filter(|it| it.customer_id == customer && it.expires_on.is_none_or(|end| end > now));
        of.map(|it| it.id.clone()).collect()
    }
}

/// When a period of a plan ends, by the calendar.
pub(crate) fn period_end(plan: &str, start: Timestamp) -> Timestamp {
    let span = if plan.ends_with("_annual") {
        Span::new().years(1)
    } else {
        Span::new().months(1)
    };
    let zoned = start.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.checked_add(span).unwrap().timestamp()
}
