//! Our gateway with an authority in memory that does all that an authority has to: it knows the caller by a hash of its
//! token, looks at what the caller may ask for, sets the greatest cost aside within a budget, and records what was used.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use brasskey_gateway::{Admission, Authority, Call, Gateway, Outcome, Refusal, Settings};
use brasskey_metering::{Money, PriceBook, PriceRow};
use brasskey_providers::{BaseUrl, Credential, Endpoint, Protocol, Provider, Wire};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Map;
use sha2::{Digest, Sha256};
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::fault::Fault;
use crate::wire::{KEY, MODEL, TOKEN};

/// What is set aside at most for one call, in pico-dollars: one dollar.
const HOLD: i64 = 1_000_000_000_000;

pub(super) fn router(upstream: &str) -> Result<Router, Fault> {
    let other = |error: &dyn std::fmt::Display| Fault::Other(error.to_string());
    let endpoint = Endpoint {
        provider: Provider::OpenAiCompatible,
        protocol: Protocol::OpenAiChat,
        base_url: BaseUrl::parse(&format!("http://{upstream}/v1"))
            .map_err(|error| other(&error))?,
    };
    let price = PriceBook::embedded()
        .find("openai", MODEL, now_ms())
        .cloned()
        .ok_or_else(|| Fault::Other(format!("{MODEL} has no price")))?;
    let caller = Caller {
        models: vec![MODEL.to_owned()],
        left: Money::MAX.pico(),
        used: 0,
    };
    let hash: [u8; 32] = Sha256::digest(TOKEN).into();
    let authority = InMemory(Arc::new(Inner {
        endpoint,
        price,
        key: SecretString::from(KEY),
        callers: Mutex::new(HashMap::from([(hash, caller)])),
    }));
    let gateway = Gateway {
        authority,
        wire: Wire::relaying(Duration::from_secs(10))
            .map_err(|error| Fault::Other(error.to_string()))?,
        tasks: TaskTracker::new(),
        settings: Settings::default(),
        now_ms: Arc::new(now_ms),
        new_id,
    };
    // As nginx and the yardstick have it: `/v1/chat/completions`.
    Ok(Router::new().nest("/v1", brasskey_gateway::router(gateway)))
}

fn now_ms() -> i64 {
    clock::unix_ns() / 1_000_000
}

fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(
        "call_{:016x}_{:x}",
        clock::unix_ns(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

struct Caller {
    models: Vec<String>,
    /// Pico-dollars that are neither spent nor set aside.
    left: i64,
    used: i64,
}

struct Inner {
    endpoint: Endpoint,
    price: PriceRow,
    key: SecretString,
    callers: Mutex<HashMap<[u8; 32], Caller>>,
}

#[derive(Clone)]
struct InMemory(Arc<Inner>);

/// What is set aside.
struct Hold {
    caller: [u8; 32],
    amount: i64,
}

impl InMemory {
    fn caller<T>(
        &self,
        hash: &[u8; 32],
        with: impl FnOnce(&mut Caller) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut callers = self
            .0
            .callers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let caller = callers
            .get_mut(hash)
            .ok_or_else(|| refusal(401, "unauthenticated"))?;
        with(caller)
    }
}

fn refusal(status: u16, code: &'static str) -> Refusal {
    Refusal {
        status,
        code,
        detail: "The bench refuses.".to_owned(),
        retry_after: None,
        more: Map::new(),
    }
}

impl Authority for InMemory {
    type Hold = Hold;

    async fn admit(&self, token: SecretString, call: Call) -> Result<Admission<Hold>, Refusal> {
        let hash: [u8; 32] = Sha256::digest(token.expose_secret()).into();
        self.caller(&hash, |caller| {
            if !caller.models.contains(&call.model) {
                return Err(refusal(403, "model-not-allowed"));
            }
            if caller.left < HOLD {
                return Err(refusal(402, "budget-used-up"));
            }
            caller.left -= HOLD;
            Ok(())
        })?;
        let inner = &*self.0;
        Ok(Admission {
            hold: Hold {
                caller: hash,
                amount: HOLD,
            },
            endpoint: inner.endpoint.clone(),
            credential: Credential::new(
                inner.key.clone(),
                inner.endpoint.base_url.origin().clone(),
            ),
            price: inner.price.clone(),
            limit: Money::from_pico(HOLD),
        })
    }

    async fn another_key(&self, _: &Hold, _: &Credential) -> Option<Credential> {
        None
    }

    async fn settle(&self, hold: Hold, outcome: Outcome) {
        let settled = self.caller(&hold.caller, |caller| {
            let cost = outcome.cost.pico();
            caller.left = caller.left.saturating_add(hold.amount).saturating_sub(cost);
            caller.used = caller.used.saturating_add(cost);
            Ok(())
        });
        if settled.is_err() {
            eprintln!("a caller is gone");
        }
    }

    async fn models(&self, _: SecretString) -> Result<Vec<(Protocol, PriceRow)>, Refusal> {
        Ok(vec![(self.0.endpoint.protocol, self.0.price.clone())])
    }
}
