//! The list of models that a caller may ask for, in the shape of the route.
//!
//! Each entry also holds the price in dollars per million tokens, as a decimal text; the vendors' clients ignore it.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use brasskey_metering::PriceRow;
use brasskey_providers::Protocol;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::problem;
use crate::shape::Shape;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// All models, as OpenAI lists them.
    All,
    OpenAi,
    Anthropic,
    Gemini,
}

impl Listing {
    fn shape(self) -> Shape {
        match self {
            Self::All | Self::OpenAi => Shape::OpenAi,
            Self::Anthropic => Shape::Anthropic,
            Self::Gemini => Shape::Gemini,
        }
    }
}

/// Serves a list.
pub(crate) async fn list<A: Authority>(
    authority: &A,
    listing: Listing,
    headers: &HeaderMap,
) -> Response {
    let shape = listing.shape();
    let Some(token) = shape.token(headers) else {
        return problem::unauthenticated().render(shape);
    };
    match authority.models(token).await {
        Ok(rows) => Json(document(listing, &rows)).into_response(),
        Err(refusal) => refusal.render(shape),
    }
}

fn document(listing: Listing, rows: &[(Protocol, PriceRow)]) -> Value {
    let shape = listing.shape();
    let served = |protocol| listing == Listing::All || Shape::from(protocol) == shape;
    // One entry a model, with all protocols that serve it.
    let mut models: Vec<(&PriceRow, Vec<Protocol>)> = Vec::new();
    for (protocol, row) in rows.iter().filter(|(protocol, _)| served(*protocol)) {
        match models.iter_mut().find(|(known, _)| known.id == row.id) {
            Some((_, protocols)) => protocols.push(*protocol),
            None => models.push((row, vec![*protocol])),
        }
    }
    let entries: Vec<Value> = models
        .iter()
        .map(|(row, protocols)| entry(shape, row, protocols))
        .collect();
    match shape {
        Shape::OpenAi => json!({ "object": "list", "data": entries }),
        Shape::Anthropic => json!({
            "data": entries,
            "has_more": false,
            "first_id": models.first().map(|(row, _)| &row.model),
            "last_id": models.last().map(|(row, _)| &row.model),
        }),
        Shape::Gemini => json!({ "models": entries }),
    }
}

fn entry(shape: Shape, row: &PriceRow, protocols: &[Protocol]) -> Value {
    let mut entry = match shape {
        Shape::OpenAi => json!({
            "id": row.model,
            "object": "model",
            "created": 0,
            "owned_by": row.family,
        }),
        Shape::Anthropic => json!({
            "id": row.model,
            "type": "model",
            "display_name": row.model,
            "created_at": "1970-01-01T00:00:00Z",
        }),
        Shape::Gemini => json!({
            "name": format!("models/{}", row.model),
            "displayName": row.model,
            "inputTokenLimit": row.context_window,
            "outputTokenLimit": row.max_output,
            "supportedGenerationMethods": ["generateContent", "streamGenerateContent"],
        }),
    };
    entry["brasskey"] = json!({
        "protocols": protocols,
        "context_window": row.context_window,
        "max_output": row.max_output,
        "input_per_million": row.input_per_million(),
        "output_per_million": row.output_per_million(),
    });
    entry
}
