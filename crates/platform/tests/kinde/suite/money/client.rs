//! A client: it makes one call after the other from wallets that it shares, comes again under the same name when an answer was
//! lost, repeats itself, leaves, and lets its account pay a little more when the wallet is empty.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use super::call::{Call, Habit};
use super::chance::Chance;

/// How often an answer that was lost is asked for again.
const TRIES: usize = 4;
/// Nobody waits for the service to come back so long; it only keeps a broken service from hanging the test.
const MOST_SILENCE: usize = 3_000;
/// By how much more overage may come to, each time that a wallet is empty, in cents; and the plan's own limit.
const RAISE: u64 = 200;
const MOST_OVERAGE: u64 = 20_000;

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// The whole answer.
    Whole,
    /// A part of it.
    Part,
    /// The provider refused.
    Refused,
    /// A call of this name runs.
    Running,
    /// It was made before, and its answer is not kept.
    Done,
    /// The wallet cannot pay.
    Funds,
    /// No answer: the service is gone, or busy.
    Nothing,
}

pub(super) struct Client {
    pub(super) scene: Arc<Scene>,
    pub(super) number: u64,
    pub(super) chance: Chance,
}

impl Client {
    /// Calls until enough was called. Gives all its calls.
    pub(super) async fn run(mut self) -> Vec<Call> {
        let mut calls = Vec::new();
        while !self.scene.has_enough() {
            let account = self.scene.account(&mut self.chance);
            let name = format!("c{}-{}", self.number, calls.len());
            let mut call = Call::new(name, account, &mut self.chance);
            let is_made = match call.habit {
                Habit::Patient => self.insist(&mut call).await,
                Habit::Leaves(after) => {
                    let asking = self.ask(&call);
                    let heard = tokio::time::timeout(Duration::from_millis(after), asking).await;
                    call.is_seen = heard == Ok(Heard::Whole);
                    call.is_seen
                }
                Habit::Twice => {
                    let (one, other) = tokio::join!(self.ask(&call), self.ask(&call));
                    let whole = [one, other].map(|heard| heard == Heard::Whole);
                    assert_ne!(whole, [true, true], "{call:?} was answered twice");
                    call.is_seen = whole != [false, false];
                    call.is_seen || self.insist(&mut call).await
                }
            };
            if is_made {
                self.scene.figures.calls.fetch_add(1, Ordering::Relaxed);
            }
            if call.is_seen && self.chance.one_in(16) {
                let again = self.ask(&call).await;
                assert!(
                    matches!(again, Heard::Running | Heard::Done | Heard::Nothing),
                    "{call:?} was whole, and again it was {again:?}"
                );
            }
            calls.push(call);
        }
        calls
    }

    /// Asks, and again under the same name, until there is nothing more to hope for. Tells whether the call was made.
    async fn insist(&mut self, call: &mut Call) -> bool {
        let (mut tries, mut silence) = (0, 0);
        while tries < TRIES {
            match self.ask(call).await {
                Heard::Whole => {
                    call.is_seen = true;
                    return true;
                }
                Heard::Done => return true,
                Heard::Funds => {
                    self.scene.figures.refused.fetch_add(1, Ordering::Relaxed);
                    self.allow_more(call.account).await;
                    // Others use the wallet meanwhile, and give back what they held.
                    let pause = self.chance.between(20, 100);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    return false;
                }
                Heard::Nothing => silence += 1,
                Heard::Part | Heard::Refused | Heard::Running => tries += 1,
            }
            assert!(silence < MOST_SILENCE, "the service does not come back");
            tokio::time::sleep(Duration::from_millis(self.chance.between(1, 20))).await;
        }
        true
    }

    async fn ask(&self, call: &Call) -> Heard {
        let address = self.scene.any_replica();
        let sending = self
            .scene
            .http
            .post(format!("http://{address}/v1/gateway/chat/completions"))
            .bearer_auth(&self.scene.accounts[call.account].credential)
            .header("idempotency-key", &call.name)
            .json(&call.body())
            .send();
        let Ok(answer) = sending.await else {
            return Heard::Nothing;
        };
        let status = answer.status().as_u16();
        let Ok(text) = answer.text().await else {
            return if status == 200 {
                Heard::Part
            } else {
                Heard::Nothing
            };
        };
        if status == 200 {
            return if call.is_answered_by(&text) {
                Heard::Whole
            } else {
                Heard::Part
            };
        }
        let problem: Value = serde_json::from_str(&text).unwrap_or_default();
        match (status, problem["code"].as_str()) {
            (402, Some("funds-on-hold" | "allowance-spent" | "request-too-large")) => Heard::Funds,
            (409, Some("request-in-progress")) => Heard::Running,
            (409, Some("request-done")) => Heard::Done,
            (429, None) => Heard::Refused,
            (503, Some("unavailable")) => Heard::Nothing,
            _ => panic!("{call:?}: {status} {text}"),
        }
    }

    /// Lets overage come to a little more, unless somebody does so already.
    async fn allow_more(&self, account: usize) {
        let paying = &self.scene.accounts[account];
        let Ok(mut cap) = paying.cap.try_lock() else {
            return;
        };
        if *cap == MOST_OVERAGE {
            return;
        }
        let more = *cap + RAISE;
        let asked = json!({"overage_cap": format!("{}.{:02}", more / 100, more % 100)});
        for _ in 0..MOST_SILENCE {
            let address = self.scene.any_replica();
            let setting = self
                .scene
                .http
                .put(format!("http://{address}/v1/wallet/cap"))
                .bearer_auth(&paying.credential)
                .json(&asked)
                .send();
            if setting.await.is_ok_and(|answer| answer.status() == 200) {
                *cap = more;
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the cap cannot be set");
    }
}
