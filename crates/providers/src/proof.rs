//! What providers say of a key itself, where their list of models does not prove that it is accepted.
//!
//! It must never ask anything that costs, nor take an answer of an unknown shape for a yes.

use serde::Serialize;
use serde_json::Value;

use crate::catalogue::Check;
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::gemini;
use crate::payer::Payer;
use crate::probe::{WITHIN, fetch, unexpected};
use crate::send::encode;
use crate::wire::{Call, Wire};

/// A model that Vertex has had for long; if it has it no more, the refusal of its name is proof enough of the key.
const VERTEX_MODEL: &str = "gemini-2.5-flash";

/// Asks the provider about the key, in the cheapest way that it has; nothing where the list of models is the proof.
///
/// # Errors
/// What the provider says against the key or its account, or that it could not be asked.
pub(crate) async fn proof(wire: &Wire, endpoint: &Endpoint, payer: &Payer) -> Result<(), Failure> {
    // A plan's gateway says itself what may be used; a server on this computer has no keys to ask about.
    if !matches!(payer, Payer::UserKey { .. }) {
        return Ok(());
    }
    let ask = |url: String| fetch(wire, endpoint, payer, Call::get(url, WITHIN));
    let base = &endpoint.base_url;
    match endpoint.profile().check {
        Check::Models | Check::None => Ok(()),
        Check::OpenRouterKey => openrouter(&ask(format!("{base}/key")).await?, endpoint),
        Check::DeepSeekBalance => deepseek(&ask(format!("{base}/user/balance")).await?, endpoint),
        Check::XaiKey => xai(&ask(format!("{base}/api-key")).await?, endpoint),
        Check::CohereKey => {
            #[derive(Serialize)]
            struct Nothing {}
            let url = format!("{}/v1/check-api-key", base.origin());
            let call = Call::post(url, encode(&Nothing {}, endpoint)?, WITHIN);
            cohere(&fetch(wire, endpoint, payer, call).await?, endpoint)
        }
        Check::VertexCount => {
            let url = gemini::address(endpoint, VERTEX_MODEL, "countTokens")?;
            let question = gemini::request::Count::new("?");
            let call = Call::post(url, encode(&question, endpoint)?, WITHIN);
            match fetch(wire, endpoint, payer, call).await {
                Err(failure) if failure.cause != Cause::ModelUnavailable => Err(failure),
                _ => Ok(()),
            }
        }
    }
}

fn against(cause: Cause, endpoint: &Endpoint) -> Failure {
    Failure::new(cause, endpoint.base_url.origin().authority())
}

fn is(about: &Value, name: &str) -> bool {
    about.get(name).and_then(Value::as_bool) == Some(true)
}

/// `GET /key`: kind and remaining budget.
fn openrouter(key: &Value, endpoint: &Endpoint) -> Result<(), Failure> {
    let about = key
        .get("data")
        .filter(|data| data.is_object())
        .ok_or_else(|| unexpected(endpoint))?;
    if is(about, "is_management_key") || is(about, "is_provisioning_key") {
        return Err(against(Cause::KeyWrongKind, endpoint));
    }
    let remaining = about.get("limit_remaining").and_then(Value::as_f64);
    if remaining.is_some_and(|remaining| remaining <= 0.0) {
        return Err(against(Cause::SpendLimit, endpoint));
    }
    Ok(())
}

/// `GET /user/balance`: whether there is money for a call.
fn deepseek(balance: &Value, endpoint: &Endpoint) -> Result<(), Failure> {
    match balance.get("is_available").and_then(Value::as_bool) {
        Some(true) => Ok(()),
        Some(false) => Err(against(Cause::OutOfCredit, endpoint)),
        None => Err(unexpected(endpoint)),
    }
}

/// `GET /api-key`: whether key or team are blocked.
fn xai(key: &Value, endpoint: &Endpoint) -> Result<(), Failure> {
    if !key.is_object() || (key.get("redacted_api_key").is_none() && key.get("acls").is_none()) {
        return Err(unexpected(endpoint));
    }
    // Under both names: the protocol of its library and its REST interface are documented apart.
    if is(key, "api_key_blocked") || is(key, "api_key_disabled") || is(key, "disabled") {
        return Err(against(Cause::KeyDisabled, endpoint));
    }
    if is(key, "team_blocked") {
        return Err(against(Cause::AccountDisabled, endpoint));
    }
    Ok(())
}

/// `POST /v1/check-api-key`.
fn cohere(answer: &Value, endpoint: &Endpoint) -> Result<(), Failure> {
    match answer.get("valid").and_then(Value::as_bool) {
        Some(true) => Ok(()),
        Some(false) => Err(against(Cause::KeyInvalid, endpoint)),
        None => Err(unexpected(endpoint)),
    }
}
