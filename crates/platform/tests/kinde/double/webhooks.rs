//! The sender of webhooks: at once, and again on Kinde's schedule until the answer is exactly 200.

use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde::Serialize;

use crate::faults::{Faults, take};
use crate::world::Shared;

/// How long after the first attempt the others follow, in seconds.
const SCHEDULE: [i64; 10] = [
    0,
    5,
    30,
    2 * 60,
    10 * 60,
    60 * 60,
    4 * 3600,
    12 * 3600,
    24 * 3600,
    36 * 3600,
];
/// How many deliveries are on the way at once.
const AT_ONCE: usize = 16;

/// What is still to be delivered, and what came of what was.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) endpoint: Option<String>,
    pub(crate) waiting: Vec<Delivery>,
    pub(crate) held: Vec<Delivery>,
    pub(crate) on_the_way: usize,
    pub(crate) attempts: Vec<Attempt>,
}

#[derive(Clone)]
pub(crate) struct Delivery {
    /// The header `webhook-id`, which stays the same over all attempts.
    webhook_id: String,
    kind: String,
    token: String,
    first: Timestamp,
    due: Timestamp,
    attempt: usize,
}

/// An attempt, for tests to look at.
#[derive(Clone, Serialize)]
pub(crate) struct Attempt {
    pub(crate) kind: String,
    pub(crate) attempt: usize,
    /// 0 where nobody answered.
    pub(crate) status: u16,
}

impl Outbox {
    pub(crate) fn queue(
        &mut self,
        id: String,
        kind: &str,
        token: String,
        now: Timestamp,
        faults: &mut Faults,
    ) {
        if take(&mut faults.drop) {
            return;
        }
        let first = now + SignedDuration::from_millis(faults.delay_ms);
        let delivery = Delivery {
            webhook_id: id,
            kind: kind.to_owned(),
            token,
            first,
            due: first,
            attempt: 0,
        };
        let place = if faults.hold {
            &mut self.held
        } else {
            &mut self.waiting
        };
        for _ in 0..=faults.duplicate {
            place.push(delivery.clone());
        }
    }

    /// The events that are held, by kind, in the order in which they happened.
    pub(crate) fn held_kinds(&self) -> Vec<&str> {
        self.held.iter().map(|it| it.kind.as_str()).collect()
    }

    fn note(&mut self, mut delivery: Delivery, status: u16) {
        self.attempts.push(Attempt {
            kind: delivery.kind.clone(),
            attempt: delivery.attempt,
            status,
        });
        delivery.attempt += 1;
        if status != 200
            && let Some(after) = SCHEDULE.get(delivery.attempt)
        {
            delivery.due = delivery.first + SignedDuration::from_secs(*after);
            self.waiting.push(delivery);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the double's own client, which delivers webhooks to the service under test"
)]
pub(crate) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

/// Posts a token as Kinde does. 0 where nobody answers.
pub(crate) async fn post(client: &Client, endpoint: &str, id: &str, token: &str) -> u16 {
    let request = client
        .post(endpoint)
        .header("content-type", "application/jwt")
        .header("webhook-id", id)
        .body(token.to_owned());
    match request.send().await {
        Ok(response) => response.status().as_u16(),
        Err(_) => 0,
    }
}

/// Sends what is due, for as long as the process lives.
pub(crate) async fn send_forever(world: Shared) {
    let client = client();
    loop {
        let (endpoint, due) = take_due(&world);
        if let Some(endpoint) = endpoint.filter(|_| !due.is_empty()) {
            let posts = stream::iter(due).map(|delivery| {
                let (client, endpoint, world) = (&client, &endpoint, &world);
                async move {
                    let status =
                        post(client, endpoint, &delivery.webhook_id, &delivery.token).await;
                    let mut world = world.lock();
                    world.outbox.note(delivery, status);
                    world.outbox.on_the_way -= 1;
                }
            });
            posts.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn take_due(world: &Shared) -> (Option<String>, Vec<Delivery>) {
    let mut world = world.lock();
    let now = world.now();
    let outbox = &mut world.outbox;
    if outbox.endpoint.is_none() {
        return (None, Vec::new());
    }
    let (due, waiting) = outbox.waiting.drain(..).partition(|it| it.due <= now);
    outbox.waiting = waiting;
    let due: Vec<Delivery> = due;
    outbox.on_the_way += due.len();
    (outbox.endpoint.clone(), due)
}

/// Sends events that were held: those that are named, in that order, as often as they are named. The rest is lost, unless they are kept.
pub(crate) async fn release(
    world: &Shared,
    send: Option<Vec<usize>>,
    at_once: usize,
    keep: bool,
) -> Vec<u16> {
    let (endpoint, held) = {
        let mut world = world.lock();
        let held = if keep {
            world.outbox.held.clone()
        } else {
            std::mem::take(&mut world.outbox.held)
        };
        (world.outbox.endpoint.clone().unwrap(), held)
    };
    let send = send.unwrap_or_else(|| (0..held.len()).collect());
    let client = client();
    let posts = stream::iter(send).map(|index| {
        let (client, endpoint, delivery) = (&client, &endpoint, &held[index]);
        async move { post(client, endpoint, &delivery.webhook_id, &delivery.token).await }
    });
    posts.buffered(at_once.max(1)).collect().await
}

/// Whether nothing is due and nothing on the way.
pub(crate) fn is_idle(world: &Shared) -> bool {
    let world = world.lock();
    let now = world.now();
    world.outbox.on_the_way == 0 && world.outbox.waiting.iter().all(|it| it.due > now)
}
