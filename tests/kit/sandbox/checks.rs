//! The calls that cost nothing and by which a key is checked: lists of models, OpenRouter's `/key`, token counting,
//! Ollama's version.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::catalogue::{self, Model};
use super::counts::count_tokens;
use super::record::Entry;
use super::script::Fault;
use super::wire::Wire;

/// The models that `wire` lists. `query` holds the page that is asked for.
pub(crate) fn models(wire: Wire, query: &[(String, String)]) -> Value {
    let models = catalogue::models(wire);
    match wire {
        Wire::OpenAi => openai_list(models, "system", |_| json!({ "shutdown_date": null })),
        Wire::Ollama => openai_list(models, "library", |_| json!({})),
        Wire::Compatible => openai_list(
            models,
            "sandbox",
            |model| json!({ "context_window": model.context_window, "max_completion_tokens": model.max_output }),
        ),
        Wire::OpenRouter => openrouter_list(models),
        Wire::Anthropic => anthropic_page(models, query),
        Wire::Gemini => gemini_page(models, query),
    }
}

fn openai_list(models: &[Model], owner: &str, more: impl Fn(&Model) -> Value) -> Value {
    let data: Vec<Value> = models
        .iter()
        .map(|model| {
            let mut entry = more(model);
            entry["id"] = json!(model.id);
            entry["object"] = json!("model");
            entry["created"] = json!(1_790_000_000);
            entry["owned_by"] = json!(owner);
            entry
        })
        .collect();
    json!({ "object": "list", "data": data })
}

fn openrouter_list(models: &[Model]) -> Value {
    let dollars = |pico: u64| format!("0.{pico:012}");
    let data: Vec<Value> = models
        .iter()
        .map(|model| {
            let pricing = model.rates.map(|rates| {
                json!({
                    "prompt": dollars(rates.input),
                    "completion": dollars(rates.output),
                    "input_cache_read": dollars(rates.cache_read),
                    "input_cache_write": dollars(rates.cache_write),
                })
            });
            json!({
                "id": model.id,
                "canonical_slug": model.id,
                "name": model.name,
                "created": 1_790_000_000,
                "context_length": model.context_window,
                "architecture": { "input_modalities": ["text"], "output_modalities": ["text"] },
                "pricing": pricing,
                "top_provider": { "max_completion_tokens": model.max_output },
                "supported_parameters": ["max_tokens", "reasoning", "include_reasoning"],
            })
        })
        .collect();
    json!({ "total_count": data.len(), "data": data, "links": { "next": null } })
}

fn anthropic_page(models: &[Model], query: &[(String, String)]) -> Value {
    let start = value(query, "after_id")
        .and_then(|id| models.iter().position(|model| model.id == id))
        .map_or(0, |at| at + 1);
    let (page, has_more) = page(models, start, value(query, "limit"), 20);
    let data: Vec<Value> = page
        .iter()
        .map(|model| {
            json!({
                "type": "model",
                "id": model.id,
                "display_name": model.name,
                "created_at": "2026-09-01T00:00:00Z",
                "lifecycle": "active",
                "max_input_tokens": model.context_window,
                "max_tokens": model.max_output,
            })
        })
        .collect();
    json!({
        "data": data,
        "has_more": has_more,
        "first_id": page.first().map(|model| model.id),
        "last_id": page.last().map(|model| model.id),
    })
}

fn gemini_page(models: &[Model], query: &[(String, String)]) -> Value {
    let start = value(query, "pageToken")
        .and_then(|at| at.parse().ok())
        .unwrap_or(0);
    let (page, has_more) = page(models, start, value(query, "pageSize"), 50);
    let entries: Vec<Value> = page
        .iter()
        .map(|model| {
            let methods = if model.chat {
                json!(["generateContent", "countTokens", "createCachedContent"])
            } else {
                json!(["embedContent"])
            };
            json!({
                "name": format!("models/{}", model.id),
                "displayName": model.name,
                "inputTokenLimit": model.context_window,
                "outputTokenLimit": model.max_output,
                "supportedGenerationMethods": methods,
                "thinking": model.chat,
            })
        })
        .collect();
    let mut list = json!({ "models": entries });
    if has_more {
        list["nextPageToken"] = json!((start + page.len()).to_string());
    }
    list
}

fn page<'a>(
    models: &'a [Model],
    start: usize,
    size: Option<&str>,
    default: usize,
) -> (&'a [Model], bool) {
    let size = size
        .and_then(|size| size.parse().ok())
        .unwrap_or(default)
        .clamp(1, 1_000);
    let rest = models.get(start..).unwrap_or_default();
    let page = rest.get(..size).unwrap_or(rest);
    (page, page.len() < rest.len())
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// OpenRouter's description of a key.
pub(crate) fn openrouter_key(management: bool) -> Value {
    json!({ "data": {
        "label": "sk-or-v1-san...R05",
        "limit": 25,
        "limit_remaining": 21.37,
        "limit_reset": "monthly",
        "usage": 3.63,
        "usage_daily": 0.12,
        "usage_weekly": 0.9,
        "usage_monthly": 3.63,
        "is_free_tier": false,
        "is_management_key": management,
        "expires_at": null,
    }})
}

/// Ollama's own list.
pub(crate) fn ollama_tags() -> Value {
    let models: Vec<Value> = catalogue::models(Wire::Ollama)
        .iter()
        .map(|model| json!({ "name": model.id, "model": model.id, "size": 5_200_000_000_u64 }))
        .collect();
    json!({ "models": models })
}

/// The answer to token counting: every text of the request counts.
pub(crate) fn counted(wire: Wire, body: &Value) -> Value {
    let tokens = [
        "system",
        "instructions",
        "systemInstruction",
        "messages",
        "input",
        "contents",
    ]
    .into_iter()
    .map(|field| texts(&body[field]))
    .fold(0, u64::saturating_add);
    match wire {
        Wire::Gemini => json!({ "totalTokens": tokens }),
        Wire::OpenAi => json!({ "object": "response.input_tokens", "input_tokens": tokens }),
        _ => json!({ "input_tokens": tokens }),
    }
}

fn texts(value: &Value) -> u64 {
    match value {
        Value::String(text) => count_tokens(text),
        Value::Array(items) => items.iter().map(texts).fold(0, u64::saturating_add),
        Value::Object(fields) => ["text", "content", "parts"]
            .into_iter()
            .filter_map(|name| fields.get(name))
            .map(texts)
            .fold(0, u64::saturating_add),
        _ => 0,
    }
}

/// A check's answer whose body goes wrong; `None` when `fault` is not of that kind.
pub(crate) fn faulty(fault: &Fault, answer: &Value, entry: &Entry) -> Option<Response> {
    let text = answer.to_string();
    let half = Ok(Bytes::from(text.as_bytes()[..text.len() / 2].to_vec()));
    let start = stream::iter([half]);
    let body = match fault {
        Fault::StallAfter { .. } => held(start.chain(stream::pending()), entry),
        Fault::CutAfter { .. } => {
            let cut = stream::once(async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            });
            held(start.chain(cut), entry)
        }
        Fault::Endless => {
            let field = if answer.get("models").is_some() {
                "models"
            } else {
                "data"
            };
            let head = Ok(Bytes::from(format!("{{\"object\":\"list\",\"{field}\":[")));
            let one = "{\"id\":\"gpt-6-luna\",\"name\":\"models/gemini-3.6-flash\",\"object\":\"model\"},";
            let more = stream::repeat_with(move || Ok(Bytes::from(one.repeat(256))));
            held(stream::iter([head]).chain(more), entry)
        }
        Fault::Garbage => {
            entry.finish();
            Body::from(&b"{\"data\":[{\"id\":\xff\xfe\x00,,}"[..])
        }
        _ => return None,
    };
    Some((StatusCode::OK, [(CONTENT_TYPE, "application/json")], body).into_response())
}

/// A body that keeps `entry` until it is dropped, by which the record learns that the client went away.
fn held(
    chunks: impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static,
    entry: &Entry,
) -> Body {
    let entry = entry.clone();
    Body::from_stream(chunks.inspect(move |chunk| {
        if chunk.is_err() {
            entry.finish();
        }
    }))
}
