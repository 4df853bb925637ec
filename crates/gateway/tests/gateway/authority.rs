//! An authority in memory: one caller, one budget, and a book of what was settled.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use brasskey_gateway::{Admission, Authority, Call, Outcome, Refusal};
use brasskey_metering::{Money, PriceRow};
use brasskey_providers::{Credential, Endpoint, Origin, Protocol};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// What the caller knows.
pub(crate) const TOKEN: &str = "bkd_CANARYt4Lm9Rw2Xc8Vb5Nh3q7Z";
/// What it must never see.
pub(crate) const KEY: &str = "sk-proj-CANARYq7Zt4Lm9Rw2Xc8Vb5Nh3Kd6Pf1Gs0QeA";
/// The key after a rotation.
pub(crate) const NEXT_KEY: &str = "sk-proj-SECONDh3Kd6Pf1Gs0QeAq7Zt4Lm9Rw2Xc8Vb5N";

/// What it decides by.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) endpoint: Endpoint,
    pub(crate) price: PriceRow,
    pub(crate) limit: Money,
    pub(crate) refusal: Option<Refusal>,
    /// There is a second key.
    pub(crate) rotates: bool,
    /// It panics when it is asked for a second key.
    pub(crate) panics: bool,
    /// The key's origin, where it is not the endpoint's.
    pub(crate) origin: Option<Origin>,
    /// Admitting waits for leave to go on.
    pub(crate) gate: Option<Arc<Semaphore>>,
}

#[derive(Clone)]
pub(crate) struct Book(Arc<Inner>);

struct Inner {
    rules: Rules,
    holds: AtomicU64,
    calls: Mutex<Vec<Call>>,
    settled: Mutex<Vec<(u64, Outcome)>>,
}

impl Book {
    pub(crate) fn new(rules: Rules) -> Self {
        Self(Arc::new(Inner {
            rules,
            holds: AtomicU64::new(0),
            calls: Mutex::default(),
            settled: Mutex::default(),
        }))
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().unwrap().clone()
    }

    pub(crate) fn admitted(&self) -> u64 {
        self.0.holds.load(Ordering::SeqCst)
    }

    pub(crate) fn settled(&self) -> Vec<(u64, Outcome)> {
        self.0.settled.lock().unwrap().clone()
    }

    /// What the only call came to. Waits for it; a second settlement is a mistake.
    pub(crate) async fn outcome(&self) -> Outcome {
        for _ in 0..3000 {
            let settled = self.settled();
            if let Some((_, outcome)) = settled.first() {
                assert_eq!(settled.len(), 1, "{settled:?}");
                return outcome.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing was settled");
    }

    fn credential(&self, key: &str) -> Credential {
        let rules = &self.0.rules;
        let own = rules.endpoint.base_url.origin();
        let origin = rules.origin.as_ref().unwrap_or(own).clone();
        Credential::new(key.to_owned().into(), origin)
    }

    fn check(token: &SecretString) -> Result<(), Refusal> {
        if token.expose_secret() == TOKEN {
            return Ok(());
        }
        Err(refusal(401, "device-unknown", "This token is nobody's."))
    }
}

pub(crate) fn refusal(status: u16, code: &'static str, detail: &str) -> Refusal {
    Refusal {
        status,
        code,
        detail: detail.to_owned(),
        retry_after: None,
        more: serde_json::Map::new(),
    }
}

impl Authority for Book {
    type Hold = u64;

    async fn admit(&self, token: SecretString, call: Call) -> Result<Admission<u64>, Refusal> {
        Self::check(&token)?;
        let rules = &self.0.rules;
        self.0.calls.lock().unwrap().push(call);
        if let Some(gate) = &rules.gate {
            gate.acquire().await.unwrap().forget();
        }
        if let Some(refusal) = &rules.refusal {
            return Err(refusal.clone());
        }
        Ok(Admission {
            hold: self.0.holds.fetch_add(1, Ordering::SeqCst),
            endpoint: rules.endpoint.clone(),
            credential: self.credential(KEY),
            price: rules.price.clone(),
            limit: rules.limit,
        })
    }

    async fn another_key(&self, _: &u64, refused: &Credential) -> Option<Credential> {
        assert_eq!(refused.origin(), self.0.rules.endpoint.base_url.origin());
        assert!(!self.0.rules.panics, "a mistake in an authority");
        self.0.rules.rotates.then(|| self.credential(NEXT_KEY))
    }

    async fn settle(&self, hold: u64, outcome: Outcome) {
        self.0.settled.lock().unwrap().push((hold, outcome));
    }

    async fn models(&self, token: SecretString) -> Result<Vec<(Protocol, PriceRow)>, Refusal> {
        Self::check(&token)?;
        let rules = &self.0.rules;
        Ok(vec![(rules.endpoint.protocol, rules.price.clone())])
    }
}
