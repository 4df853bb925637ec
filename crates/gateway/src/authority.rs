//! Who may call, with whose key, within which budget; and what came of it.

use std::future::Future;
use std::time::Duration;

use brasskey_metering::{Money, PriceRow, Usage};
use brasskey_providers::{Credential, Endpoint, Protocol};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// A call, as far as it is known before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The client's name for it (`Idempotency-Key`); the gateway makes one where the client sent none.
    pub id: String,
    /// The protocol of the route that it came in by.
    pub protocol: Protocol,
    /// The model, as the client wrote it.
    pub model: String,
    /// Input tokens that it cannot exceed: the bytes of its body.
    pub most_input: u64,
    /// Output tokens that it asked not to exceed.
    pub most_output: Option<u64>,
    /// SHA-256 of the body: the same name for another body is a mistake.
    pub digest: [u8; 32],
}

/// Leave to make a call.
#[derive(Debug)]
pub struct Admission<H> {
    /// What the authority recognises the call by when it settles.
    pub hold: H,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// With which key.
    pub credential: Credential,
    /// The row that prices it.
    pub price: PriceRow,
    /// The stream is cut when its cost reaches this.
    pub limit: Money,
}

/// A call that may not be made. Rendered as a problem document (RFC 9457) that also holds the `error` member which clients of
/// the route's protocol read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What clients match on.
    pub code: &'static str,
    /// For people.
    pub detail: String,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// Further members of the document.
    pub more: Map<String, Value>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The provider's answer is complete.
    Complete,
    /// Its cost reached the limit, and it was cut.
    CutAtLimit,
    /// The client went away; the provider was told to stop.
    ClientLeft,
    /// The provider's answer broke off.
    Broken,
    /// The provider refused, with this status; nothing was used.
    Refused(u16),
    /// The provider could not be reached; nothing was used.
    NotSent,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What was used: as the provider reported it, or as counted from what passed.
    pub usage: Usage,
    /// What that costs under the admission's price.
    pub cost: Money,
    /// Whether the usage was counted here because the provider did not report it.
    pub is_estimated: bool,
    /// The provider's name for the call.
    pub request_id: Option<String>,
}

/// Decides about calls. Clones are handles to the same one.
pub trait Authority: Clone + Send + Sync + 'static {
    /// What it recognises an admitted call by.
    type Hold: Send + 'static;

    /// Whether the bearer of a token may make a call, and with what. Sets its greatest cost aside.
    fn admit(
        &self,
        token: SecretString,
        call: Call,
    ) -> impl Future<Output = Result<Admission<Self::Hold>, Refusal>> + Send;

    /// Another key for an admitted call whose key the provider refused (401, or in its own way), where there is one: keys
    /// rotate. Asked at most once a call.
    fn another_key(
        &self,
        hold: &Self::Hold,
        refused: &Credential,
    ) -> impl Future<Output = Option<Credential>> + Send;

    /// Takes what a call came to. Called exactly once for each admission, also when the client is gone.
    fn settle(&self, hold: Self::Hold, outcome: Outcome) -> impl Future<Output = ()> + Send;

    /// What the bearer of a token may ask for: the rows that price it, with the protocol each is served by.
    fn models(
        &self,
        token: SecretString,
    ) -> impl Future<Output = Result<Vec<(Protocol, PriceRow)>, Refusal>> + Send;
}
