//! Checks a key with the cheapest call that its provider has, and lists the models it may use.
//!
//! It must never call a key good because something answered 200: the answer has to be a model list.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use crate::catalogue::Check;
use crate::classify::{Reply, classify_with};
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure};
use crate::gemini;
use crate::models::{Model, of_page};
use crate::payer::Payer;
use crate::proof::proof;
use crate::provider::Protocol;
use crate::send::encode;
use crate::wire::{Call, Wire, read};

/// The longest time for one call of a check.
pub(crate) const WITHIN: Duration = Duration::from_secs(20);
/// The longest time for all its calls together: a list that never ends must not keep a person waiting.
const WHOLE: Duration = Duration::from_secs(45);
/// The most bytes of a list; OpenRouter's, the longest, has about one million.
const LONGEST_LIST: usize = 8 * 1024 * 1024;
/// The code of a check where there is no list of models; it says nothing of the key.
pub const CANNOT_LIST_MODELS: &str = "cannot_list_models";
/// The most pages of a list.
const MOST_PAGES: usize = 10;

/// Checks that this payer may use this endpoint, and returns the models that it offers.
///
/// Nothing is spent. A list proves that the key is accepted, not that there are funds.
///
/// # Errors
/// The failure's cause says what is wrong with the key, the account or the way to the provider. An endpoint that cannot
/// list models fails as `bad_request` with the code `cannot_list_models`, which says nothing about the key.
pub async fn check(wire: &Wire, endpoint: &Endpoint, payer: &Payer) -> Result<Vec<Model>, Failure> {
    let listing = async {
        proof(wire, endpoint, payer).await?;
        list(wire, endpoint, payer).await
    };
    let models = match tokio::time::timeout(WHOLE, listing).await {
        Ok(models) => models,
        Err(_) => Err(
            Failure::new(Cause::Timeout, endpoint.base_url.origin().authority())
                .with_code("no_answer"),
        ),
    };
    let redactor = payer.redactor();
    match models {
        Ok(models) => Ok(models
            .into_iter()
            .map(|model| Model {
                id: redactor.name(&model.id),
                name: redactor.name(&model.name),
                ..model
            })
            .collect()),
        Err(failure) => Err(of_another_kind(failure, payer)),
    }
}

/// An administration key that was refused is a key of another kind. The form alone refuses nothing: the provider did.
fn of_another_kind(failure: Failure, payer: &Payer) -> Failure {
    let Payer::UserKey { credential, .. } = payer else {
        return failure;
    };
    let secret = credential.secret().expose_secret();
    let administration = secret.starts_with("sk-admin-") || secret.starts_with("sk-ant-admin");
    let refused = matches!(failure.cause, Cause::KeyInvalid | Cause::PermissionMissing);
    if administration && refused && failure.status.is_some() {
        return Failure {
            cause: Cause::KeyWrongKind,
            ..failure
        };
    }
    failure
}

/// The models in the way of the protocol, or in the provider's own.
async fn list(wire: &Wire, endpoint: &Endpoint, payer: &Payer) -> Result<Vec<Model>, Failure> {
    let base = &endpoint.base_url;
    match (endpoint.profile().check, endpoint.protocol) {
        (Check::VertexCount | Check::None, _) => Err(no_list(endpoint)),
        (_, Protocol::Gemini) => gemini_models(wire, endpoint, payer).await,
        (_, Protocol::AnthropicMessages) => anthropic_models(wire, endpoint, payer).await,
        (Check::OpenRouterKey, _) => openrouter_models(wire, endpoint, payer).await,
        // Its compatibility interface has no list.
        (Check::CohereKey, _) => {
            let url = format!("{}/v1/models?endpoint=chat&page_size=1000", base.origin());
            listed(wire, endpoint, payer, url).await
        }
        // Tells what each model takes, which the other list does not.
        (Check::XaiKey, _) => {
            let url = format!("{base}/language-models");
            match listed(wire, endpoint, payer, url).await {
                Err(failure) if is_no_list(&failure) => {
                    listed(wire, endpoint, payer, format!("{base}/models")).await
                }
                listed => listed,
            }
        }
        _ => listed(wire, endpoint, payer, format!("{base}/models")).await,
    }
}

async fn listed(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
    url: String,
) -> Result<Vec<Model>, Failure> {
    let page = fetch(wire, endpoint, payer, Call::get(url, WITHIN))
        .await
        .map_err(cannot_list)?;
    models_of(&page, endpoint)
}

/// There is no list, which says nothing of the key.
fn no_list(endpoint: &Endpoint) -> Failure {
    Failure::new(Cause::BadRequest, endpoint.base_url.origin().authority())
        .never_retried()
        .with_code(CANNOT_LIST_MODELS)
}

fn is_no_list(failure: &Failure) -> bool {
    failure.provider_code.as_deref() == Some(CANNOT_LIST_MODELS)
}

/// A missing list is no missing model.
fn cannot_list(failure: Failure) -> Failure {
    match failure.status {
        Some(404 | 405) if failure.cause != Cause::ProxyOrNetwork => Failure {
            cause: Cause::BadRequest,
            ..failure.never_retried().with_code(CANNOT_LIST_MODELS)
        },
        _ => failure,
    }
}

async fn anthropic_models(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
) -> Result<Vec<Model>, Failure> {
    let mut models = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("limit", "1000")];
        if let Some(after) = &after {
            query.push(("after_id", after));
        }
        let url = with_query(&format!("{}/models", endpoint.base_url), &query, endpoint)?;
        let page = fetch(wire, endpoint, payer, Call::get(url, WITHIN))
            .await
            .map_err(cannot_list)?;
        models.extend(models_of(&page, endpoint)?);
        let more = page.get("has_more").and_then(Value::as_bool) == Some(true);
        after = word(&page, "/last_id").filter(|_| more);
        if after.is_none() {
            break;
        }
    }
    Ok(models)
}

async fn gemini_models(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
) -> Result<Vec<Model>, Failure> {
    let mut models = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("pageSize", "1000")];
        if let Some(token) = &token {
            query.push(("pageToken", token));
        }
        let url = with_query(&format!("{}/models", endpoint.base_url), &query, endpoint)?;
        let page = fetch(wire, endpoint, payer, Call::get(url, WITHIN))
            .await
            .map_err(cannot_list)?;
        models.extend(models_of(&page, endpoint)?);
        token = word(&page, "/nextPageToken");
        if token.is_none() {
            break;
        }
    }
    // Keys were seen that list models and may not use them; counting tokens is free and tells. A plan's gateway says itself what
    // may be used, and counts nothing.
    let is_plan = matches!(payer, Payer::Plan { .. });
    if let Some(model) = models.iter().find(|model| model.chat && !is_plan) {
        let url = gemini::address(endpoint, &model.id, "countTokens")?;
        let question = gemini::request::Count::new("?");
        let call = Call::post(url, encode(&question, endpoint)?, WITHIN);
        fetch(wire, endpoint, payer, call).await?;
    }
    Ok(models)
}

/// OpenRouter's list of what this key may use.
async fn openrouter_models(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
) -> Result<Vec<Model>, Failure> {
    let mut models = Vec::new();
    let mut url = Some(format!("{}/models/user", endpoint.base_url));
    for _ in 0..MOST_PAGES {
        let Some(address) = url.take() else { break };
        let page = fetch(wire, endpoint, payer, Call::get(address, WITHIN))
            .await
            .map_err(cannot_list)?;
        models.extend(models_of(&page, endpoint)?);
        url = word(&page, "/links/next").and_then(|next| same_origin(&next, endpoint));
    }
    Ok(models)
}

/// A next page is only asked for at the endpoint's own origin: an answer must not choose where a key goes.
fn same_origin(next: &str, endpoint: &Endpoint) -> Option<String> {
    let base = Url::parse(endpoint.base_url.as_str()).ok()?;
    let next = base.join(next).ok()?;
    (next.origin() == base.origin() && next.username().is_empty()).then(|| next.into())
}

fn with_query(url: &str, query: &[(&str, &str)], endpoint: &Endpoint) -> Result<String, Failure> {
    Url::parse_with_params(url, query)
        .map(Into::into)
        .map_err(|_| unexpected(endpoint))
}

fn word(page: &Value, place: &str) -> Option<String> {
    page.pointer(place)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn models_of(page: &Value, endpoint: &Endpoint) -> Result<Vec<Model>, Failure> {
    of_page(page).ok_or_else(|| unexpected(endpoint))
}

/// Something answered that is not the provider: a portal, a proxy, another service.
pub(crate) fn unexpected(endpoint: &Endpoint) -> Failure {
    Failure {
        status: Some(200),
        ..Failure::new(
            Cause::ProxyOrNetwork,
            endpoint.base_url.origin().authority(),
        )
        .with_code("unexpected_answer")
    }
}

/// Sends a call and reads its JSON, whatever its content type says.
pub(crate) async fn fetch(
    wire: &Wire,
    endpoint: &Endpoint,
    payer: &Payer,
    call: Call,
) -> Result<Value, Failure> {
    let response = wire.send(endpoint, payer, call).await?;
    let (body, whole) = read(response, LONGEST_LIST, endpoint).await?;
    if !whole {
        return Err(unexpected(endpoint));
    }
    let value: Value = serde_json::from_slice(&body).map_err(|_| unexpected(endpoint))?;
    // A refusal may come with 200, as xAI's do.
    if value.get("error").is_some_and(|error| !error.is_null()) {
        let reply = Reply {
            status: 200,
            headers: &[],
            body: &body,
        };
        let host = endpoint.base_url.origin().authority();
        return Err(classify_with(&reply, &host, &payer.redactor()));
    }
    Ok(value)
}
