//! What a request's body says that matters here: model, stream, limits. One light pass that borrows; nothing is written anew.
//!
//! It must never let a call through whose usage cannot be read or whose input is not in its body: a background answer is
//! finished after its connection, and what is kept at the provider belongs to the key, so to all callers at once.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::authority::Refusal;
use crate::problem;

/// A request's body, read.
pub(crate) struct Asked {
    pub(crate) model: String,
    pub(crate) streams: bool,
    /// Output tokens over all answers that it asks for.
    pub(crate) most_output: Option<u64>,
    body: Bytes,
    /// Where `stream_options` stands, and whether it asks for the usage.
    options: Option<Range<usize>>,
    asks_usage: bool,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    model: Cow<'a, str>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    stream_options: Option<&'a RawValue>,
    #[serde(default)]
    max_tokens: Option<u64>,
    #[serde(default)]
    max_completion_tokens: Option<u64>,
    #[serde(default)]
    max_output_tokens: Option<u64>,
    #[serde(default)]
    n: Option<u64>,
    #[serde(default, rename = "generationConfig", alias = "generation_config")]
    generation: Option<Generation>,
    #[serde(default)]
    background: Option<bool>,
    #[serde(default)]
    previous_response_id: Option<IgnoredAny>,
    #[serde(default)]
    conversation: Option<IgnoredAny>,
    #[serde(default)]
    prompt: Option<IgnoredAny>,
    #[serde(default)]
    container: Option<IgnoredAny>,
    #[serde(default, rename = "cachedContent", alias = "cached_content")]
    cached_content: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Generation {
    #[serde(default, rename = "maxOutputTokens", alias = "max_output_tokens")]
    most_output: Option<u64>,
    #[serde(default, rename = "candidateCount", alias = "candidate_count")]
    candidates: Option<u64>,
}

/// A member that is there, `null` included: another one beside it would leave open which one counts.
fn even_null<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Asked {
    /// Reads a body. `addressed` is what the address says already, in Gemini's protocol: model, and whether it streams.
    pub(crate) fn read(body: Bytes, addressed: Option<(String, bool)>) -> Result<Self, Refusal> {
        // A structure could also be read from an array, position by position, which no provider does.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(problem::invalid("The body is not a JSON object."));
        }
        // The parser's own message may quote the body.
        let read: Body<'_> = serde_json::from_slice(&body).map_err(|error| {
            problem::invalid(format!(
                "The body is not a request of this route (line {}, column {}).",
                error.line(),
                error.column()
            ))
        })?;
        let kept = [
            ("previous_response_id", read.previous_response_id.is_some()),
            ("conversation", read.conversation.is_some()),
            ("prompt", read.prompt.is_some()),
            ("container", read.container.is_some()),
            ("cachedContent", read.cached_content.is_some()),
            ("background", read.background == Some(true)),
        ];
        if let Some((name, _)) = kept.iter().find(|(_, given)| *given) {
            return Err(problem::invalid(format!(
                "`{name}` is not served here: it refers to what is kept at the provider."
            )));
        }
        let (model, streams) =
            addressed.unwrap_or_else(|| (read.model.into_owned(), read.stream == Some(true)));
        if model.is_empty() {
            return Err(problem::invalid("`model` is missing."));
        }
        let generation = read.generation.as_ref();
        let each = [
            read.max_completion_tokens,
            read.max_tokens,
            read.max_output_tokens,
            generation.and_then(|generation| generation.most_output),
        ];
        let answers = read
            .n
            .or(generation.and_then(|generation| generation.candidates))
            .unwrap_or(1)
            .max(1);
        let most_output = each.into_iter().flatten().max();
        let options = read.stream_options.map(|raw| within(&body, raw.get()));
        let asks_usage = read.stream_options.is_some_and(|raw| {
            serde_json::from_str::<Value>(raw.get())
                .is_ok_and(|options| options.get("include_usage") == Some(&Value::Bool(true)))
        });
        Ok(Self {
            model,
            streams,
            most_output: most_output.map(|most| most.saturating_mul(answers)),
            options,
            asks_usage,
            body,
        })
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as it goes up to an endpoint that has to be asked for the usage of a stream: as it came, but for
    /// `include_usage`, where it streams and does not ask itself.
    pub(crate) fn asking_for_usage(&self) -> Bytes {
        if !self.streams || self.asks_usage {
            return self.body.clone();
        }
        let (range, options) = match &self.options {
            Some(range) => {
                let given = self.body.get(range.clone()).unwrap_or_default();
                // Anything else than an object (`null`) says nothing that could be kept.
                let mut options: Map<String, Value> =
                    serde_json::from_slice(given).unwrap_or_default();
                options.insert("include_usage".to_owned(), true.into());
                (range.clone(), Value::Object(options).to_string())
            }
            None => {
                // A body was read as an object, and holds at least its model.
                let open = behind_brace(&self.body);
                let options = r#""stream_options":{"include_usage":true},"#.to_owned();
                (open..open, options)
            }
        };
        let (before, after) = (&self.body[..range.start], &self.body[range.end..]);
        [before, options.as_bytes(), after].concat().into()
    }
}

/// Where a part that was borrowed from a body stands in it.
fn within(body: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    start..start + part.len()
}

/// The place behind the brace that opens the body.
fn behind_brace(body: &[u8]) -> usize {
    body.iter()
        .position(|byte| *byte == b'{')
        .map_or(0, |at| at + 1)
}
