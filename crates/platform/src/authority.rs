//! The platform's authority over vendor-billed calls: devices prove themselves with their credential, pay from their account's
//! wallet, and are served with the vendor's keys.
//!
//! A call costs one read and two commits: what it could cost is set aside before, and what it did cost is charged after.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use brasskey_gateway::{Admission, Authority, Call, Ending, Outcome, Refusal};
use brasskey_metering::PriceRow;
use brasskey_providers::{Credential, Protocol};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;

use crate::budget::{need, refusal};
use crate::catalogue::Plan;
use crate::credential;
use crate::metrics::Lasting;
use crate::service::Service;
use crate::store::{Bearer, Hold, NewHold, Settlement, StoreError, Subscription, Taken};
use crate::vendor_keys::VendorKeys;
use crate::wallet::{charged, money, vendor_plan};

/// When a call that runs is likely to be over.
const RUNNING: Duration = Duration::from_secs(5);
/// As long as the name of a call may be, in bytes.
const LONGEST_NAME: usize = 200;
/// How often taking a hold is tried while others take theirs.
const TRIES: usize = 4;
/// How often a settlement is tried, and how long is waited between, growing with each.
const SETTLE_TRIES: u32 = 6;
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// The platform's authority. Clones are handles to the same one.
#[derive(Clone)]
pub struct PlatformAuthority {
    service: Service,
    vendor: VendorKeys,
}

/// What an admitted call is recognised by.
#[derive(Debug)]
pub struct CallHold {
    account_id: String,
    id: String,
    attempt: i64,
    route: usize,
    /// The key that was handed out last.
    key: Mutex<SecretString>,
    /// Counts it among the open streams.
    _open: Lasting,
}

impl PlatformAuthority {
    /// An authority over a service's accounts with the vendor's keys.
    #[must_use]
    pub fn new(service: Service, vendor: VendorKeys) -> Self {
        Self { service, vendor }
    }

    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// Who bears a token and may use the vendor's keys.
    async fn bearer(
        &self,
        token: &SecretString,
        now: Timestamp,
    ) -> Result<(Bearer, Subscription), Refusal> {
        let found = self.service.store().bearer(&credential::hash(token)).await;
        let bearer = found.map_err(|error| failed(&error))?.ok_or_else(|| {
            refusal(
                401,
                "device-unknown",
                "Renew the licence, or sign in again on this device.",
            )
        })?;
        let subscription = bearer.subscription.clone();
        subscription
            .filter(|subscription| {
                vendor_plan(self.service.catalogue(), subscription, now).is_some()
            })
            .map(|subscription| (bearer, subscription))
            .ok_or_else(|| self.plan_required())
    }

    fn plan_required(&self) -> Refusal {
        let catalogue = self.service.catalogue();
        let is_offered =
            |plan: &&Plan| catalogue.mode_of(plan) == Some(brasskey_licence::Mode::VendorBilled);
        let plans: Vec<&str> = catalogue
            .plans
            .iter()
            .filter(is_offered)
            .map(|plan| plan.code.as_str())
            .collect();
        let mut refusal = refusal(
            403,
            "plan-required",
            "The plan of this account does not include model use.",
        );
        refusal
            .more
            .insert("feature".to_owned(), json!("mode_vendor"));
        refusal.more.insert("plans".to_owned(), json!(plans));
        refusal
    }

    /// Sets aside what a call needs, and tells how much that is and which attempt of its name it is.
    async fn take(
        &self,
        (bearer, subscription): (&mut Bearer, &Subscription),
        call: &Call,
        provider: &'static str,
        price: &PriceRow,
        now: Timestamp,
    ) -> Result<(i64, i64), Refusal> {
        let need = need(call, price)
            .ok_or_else(|| refusal(402, "request-too-large", "Its cost cannot be bounded."))?;
        let hash = credential::digest(&call.digest);
        let expires_at = now.checked_add(need.lasts).map_err(|_| internal())?;
        let store = self.service.store();
        for _ in 0..TRIES {
            let wallet = self
                .service
                .wallet_of_bearer(bearer, subscription, now)
                .await
                .map_err(|error| failed(&error))?;
            let Some(amount) = need.of(wallet.available()) else {
                // A repetition is told so, whatever is left.
                let known = store.hold(&bearer.account_id, &call.id).await;
                return match known.map_err(|error| failed(&error))? {
                    Some(hold) if hold.state != "released" => Err(taken(&hold, &hash)),
                    _ => Err(need.refused(&wallet)),
                };
            };
            let new = NewHold {
                account_id: bearer.account_id.clone(),
                id: call.id.clone(),
                amount,
                cap: wallet.cap,
                request_hash: hash.clone(),
                provider,
                model: call.model.clone(),
                expires_at,
                at: now,
            };
            match store.take_hold(new).await.map_err(|error| failed(&error))? {
                Taken::Held { attempt } => return Ok((amount, attempt)),
                Taken::Known(hold) => return Err(taken(&hold, &hash)),
                Taken::TooLittle => {
                    let read = store.wallet(&bearer.account_id).await;
                    bearer.wallet = read.map_err(|error| failed(&error))?;
                }
            }
        }
        let mut busy = refusal(402, "funds-on-hold", "Other calls take what is left.");
        busy.retry_after = Some(RUNNING);
        Err(busy)
    }
}

impl Authority for PlatformAuthority {
    type Hold = CallHold;

    async fn admit(&self, token: SecretString, call: Call) -> Result<Admission<CallHold>, Refusal> {
        let now = self.service.now();
        if call.id.is_empty() || call.id.len() > LONGEST_NAME {
            return Err(refusal(
                400,
                "invalid-request",
                "The header Idempotency-Key is empty or too long.",
            ));
        }
        let (mut bearer, subscription) = self.bearer(&token, now).await?;
        let found = self
            .vendor
            .route(call.protocol, &call.model, now.as_millisecond());
        let (number, route, price) = found.ok_or_else(|| {
            refusal(
                404,
                "model-unavailable",
                "No such model is served here: it has no price.",
            )
        })?;
        let (key, credential) = self.vendor.key(route).await.map_err(|_| {
            let mut refusal = refusal(
                503,
                "provider-key-unavailable",
                "The service has no key for this provider now.",
            );
            refusal.retry_after = Some(Duration::from_secs(30));
            refusal
        })?;
        let provider = route.endpoint.provider.as_str();
        let (amount, attempt) = self
            .take((&mut bearer, &subscription), &call, provider, price, now)
            .await?;
        Ok(Admission {
            hold: CallHold {
                account_id: bearer.account_id,
                id: call.id,
                attempt,
                route: number,
                key: Mutex::new(key),
                _open: self.service.metrics().stream(),
            },
            endpoint: route.endpoint.clone(),
            credential,
            price: price.clone(),
            limit: money(amount),
        })
    }

    async fn another_key(&self, hold: &CallHold, _: &Credential) -> Option<Credential> {
        let refused = hold.key.lock().ok()?.clone();
        let (key, credential) = self.vendor.newer_key(hold.route, &refused).await?;
        *hold.key.lock().ok()? = key;
        Some(credential)
    }

    async fn settle(&self, hold: CallHold, outcome: Outcome) {
        let cost = charged(outcome.cost);
        let is_free = cost == 0 && !matches!(outcome.ending, Ending::Complete | Ending::CutAtLimit);
        // Numbers and words of its own: it cannot fail.
        let usage = serde_json::to_string(&outcome.usage).unwrap_or_default();
        let settlement = Arc::new(Settlement {
            account_id: hold.account_id.clone(),
            id: hold.id.clone(),
            attempt: hold.attempt,
            cost: (!is_free).then_some(cost),
            is_estimated: outcome.is_estimated,
            usage,
            request_id: outcome.request_id,
        });
        for tried in 1..=SETTLE_TRIES {
            match self
                .service
                .store()
                .settle_hold(Arc::clone(&settlement), self.service.now())
                .await
            {
                Ok(settled) => {
                    tracing::debug!(hold = hold.id, ?settled, "settled");
                    return;
                }
                Err(error) if tried == SETTLE_TRIES => {
                    tracing::error!(%error, hold = hold.id, "a call could not be settled; its hold will expire");
                }
                Err(error) => {
                    tracing::warn!(%error, hold = hold.id, "a call could not be settled yet");
                    tokio::time::sleep(SETTLE_PAUSE * tried * tried).await;
                }
            }
        }
    }

    async fn models(&self, token: SecretString) -> Result<Vec<(Protocol, PriceRow)>, Refusal> {
        let now = self.service.now();
        self.bearer(&token, now).await?;
        Ok(self.vendor.models(now.as_millisecond()))
    }
}

/// Why a call whose name is taken is not made.
fn taken(hold: &Hold, hash: &str) -> Refusal {
    if hold.request_hash != hash {
        return refusal(
            422,
            "idempotency-mismatch",
            "Another request was sent under this Idempotency-Key.",
        );
    }
    if hold.state == "held" {
        let mut running = refusal(409, "request-in-progress", "The same request is running.");
        running.retry_after = Some(RUNNING);
        return running;
    }
    // Answers are not kept; what came of the call is.
    let mut done = refusal(
        409,
        "request-done",
        "The same request was answered before. Its answer is not kept.",
    );
    done.more.insert("hold".to_owned(), json!(hold.id));
    done.more.insert("state".to_owned(), json!(hold.state));
    done.more
        .insert("cost".to_owned(), json!(hold.cost.map(money)));
    done.more
        .insert("is_estimated".to_owned(), json!(hold.is_estimated));
    done
}

fn failed(error: &StoreError) -> Refusal {
    tracing::error!(%error, "the database refused");
    if error.is_unavailable() {
        let mut busy = refusal(503, "unavailable", "Try again in a few seconds.");
        busy.retry_after = Some(RUNNING);
        return busy;
    }
    internal()
}

fn internal() -> Refusal {
    refusal(500, "internal", "The service failed.")
}
