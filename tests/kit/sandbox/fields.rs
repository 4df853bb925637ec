//! The top-level fields that each interface documents; the strict providers refuse any other.

use serde_json::Value;

use super::asked::Refused;
use super::reply;
use super::wire::Wire;

pub(crate) const RESPONSES: &[&str] = &[
    "model",
    "input",
    "instructions",
    "stream",
    "stream_options",
    "store",
    "max_output_tokens",
    "reasoning",
    "text",
    "metadata",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "include",
    "truncation",
    "service_tier",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "background",
    "user",
];

pub(crate) const CHAT: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "reasoning_effort",
    "verbosity",
    "metadata",
    "store",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "stop",
    "seed",
    "n",
    "user",
];

pub(crate) const MESSAGES: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "thinking",
    "metadata",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "tools",
    "tool_choice",
    "service_tier",
    "output_config",
    "cache_control",
];

pub(crate) const GENERATE: &[&str] = &[
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
    "generateContentRequest",
];

/// Refuses a field of `body` that is not in `known`, and one that newer models no longer take.
pub(crate) fn known(
    wire: Wire,
    body: &Value,
    known: &[&str],
    unsupported: &[&str],
) -> Result<(), Refused> {
    for field in body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
    {
        if unsupported.contains(&field) {
            let message =
                format!("Unsupported parameter: '{field}' is not supported with this model.");
            return Err(reply::error(
                wire,
                400,
                &message,
                Some(field),
                "unsupported_parameter",
            ));
        }
        if !known.contains(&field) {
            let message = match wire {
                Wire::Anthropic => format!("{field}: Extra inputs are not permitted"),
                Wire::Gemini => format!(
                    "Invalid JSON payload received. Unknown name \"{field}\": Cannot find field."
                ),
                _ => format!("Unknown parameter: '{field}'."),
            };
            return Err(reply::error(
                wire,
                400,
                &message,
                Some(field),
                "unknown_parameter",
            ));
        }
    }
    Ok(())
}
