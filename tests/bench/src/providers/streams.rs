//! Long answers in the four protocols, as the providers stream them.

use brasskey_providers::{Endpoint, Protocol, Provider};
use serde_json::{Value, json};

use crate::fault::Fault;

/// An answer, and who gave it.
pub(crate) struct Recording {
    pub(crate) name: &'static str,
    pub(crate) endpoint: Endpoint,
    pub(crate) text: Vec<u8>,
}

/// One of each protocol, of so many pieces of text.
pub(crate) fn all(events: usize) -> Result<Vec<Recording>, Fault> {
    let recording = |name, provider, protocol, text: String| {
        let endpoint = Endpoint::of(provider)
            .ok_or_else(|| Fault::Other(format!("{provider} has no address")))?;
        Ok::<_, Fault>(Recording {
            name,
            endpoint: Endpoint {
                protocol,
                ..endpoint
            },
            text: text.into_bytes(),
        })
    };
    Ok(vec![
        recording(
            "chat",
            Provider::OpenRouter,
            Protocol::OpenAiChat,
            chat(events),
        )?,
        recording(
            "responses",
            Provider::OpenAi,
            Protocol::OpenAiResponses,
            responses(events),
        )?,
        recording(
            "messages",
            Provider::Anthropic,
            Protocol::AnthropicMessages,
            messages(events),
        )?,
        recording("gemini", Provider::Gemini, Protocol::Gemini, gemini(events))?,
    ])
}

/// A token or so, sometimes with what has to be escaped.
fn word(number: usize) -> &'static str {
    const WORDS: [&str; 8] = [
        " the",
        " quick",
        " brown\n",
        " \"fox\"",
        " jumps",
        " über",
        " the",
        " lazy dog.",
    ];
    WORDS.get(number % WORDS.len()).copied().unwrap_or(" ")
}

fn line(name: Option<&str>, data: &Value) -> String {
    match name {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}

fn chat(events: usize) -> String {
    let chunk = |choice: Value| {
        line(
            None,
            &json!({"id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": 1_795_000_000,
                    "model": "gpt-6.1-sol", "service_tier": "default", "system_fingerprint": "fp_0123456789",
                    "choices": [choice], "usage": null}),
        )
    };
    let mut text: String = (0..events)
        .map(|number| {
            chunk(json!({"index": 0, "delta": {"content": word(number)}, "logprobs": null, "finish_reason": null}))
        })
        .collect();
    text.push_str(&chunk(
        json!({"index": 0, "delta": {}, "finish_reason": "stop"}),
    ));
    text.push_str(&line(
        None,
        &json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": events, "total_tokens": events + 10}}),
    ));
    text.push_str("data: [DONE]\n\n");
    text
}

fn responses(events: usize) -> String {
    let response = |status: &str| {
        json!({"id": "resp_0123456789abcdef", "model": "gpt-6.1-sol", "status": status,
        "usage": {"input_tokens": 10, "output_tokens": events}})
    };
    let mut text = line(
        Some("response.created"),
        &json!({"type": "response.created", "response": response("in_progress")}),
    );
    for number in 0..events {
        text.push_str(&line(
            Some("response.output_text.delta"),
            &json!({"type": "response.output_text.delta", "sequence_number": number, "item_id": "msg_0123456789abcdef",
                    "output_index": 0, "content_index": 0, "delta": word(number), "logprobs": []}),
        ));
    }
    text.push_str(&line(
        Some("response.completed"),
        &json!({"type": "response.completed", "response": response("completed")}),
    ));
    text
}

fn messages(events: usize) -> String {
    let mut text = line(
        Some("message_start"),
        &json!({"type": "message_start", "message": {"id": "msg_01", "model": "claude-opus-5-5", "usage": {"input_tokens": 10, "output_tokens": 1}}}),
    );
    for number in 0..events {
        text.push_str(&line(
            Some("content_block_delta"),
            &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word(number)}}),
        ));
    }
    text.push_str(&line(
        Some("message_delta"),
        &json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": events}}),
    ));
    text.push_str(&line(
        Some("message_stop"),
        &json!({"type": "message_stop"}),
    ));
    text
}

fn gemini(events: usize) -> String {
    let chunk = |number: usize, finish: Option<&str>| {
        line(
            None,
            &json!({"candidates": [{"content": {"parts": [{"text": word(number)}], "role": "model"}, "index": 0, "finishReason": finish}],
                    "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": number + 1, "totalTokenCount": number + 11},
                    "modelVersion": "gemini-3.6-flash", "responseId": "0123456789abcdef"}),
        )
    };
    let mut text: String = (0..events).map(|number| chunk(number, None)).collect();
    text.push_str(&chunk(events, Some("STOP")));
    text
}
