//! A model's call of a tool comes whole, in all protocols, wherever the stream is cut.

use brasskey_providers::{AnswerStream, Endpoint, Event, Finish, Protocol, Provider, ToolCall};
use futures::StreamExt;
use serde_json::json;

fn lines(events: &[serde_json::Value]) -> String {
    events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect()
}

/// The tool calls and the finish of a stream that is cut into pieces of so many bytes.
async fn read(
    provider: Provider,
    protocol: Protocol,
    text: &str,
    size: usize,
) -> (Vec<ToolCall>, Finish) {
    let endpoint = Endpoint {
        protocol,
        ..Endpoint::of(provider).unwrap()
    };
    let pieces: Vec<Vec<u8>> = text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
    let mut stream = AnswerStream::replay(&endpoint, futures::stream::iter(pieces));
    let (mut calls, mut finish) = (Vec::new(), None);
    while let Some(event) = stream.next().await {
        match event {
            Event::ToolCall(call) => calls.push(call),
            Event::End(ending) => finish = Some(ending.result.unwrap()),
            _ => {}
        }
    }
    (calls, finish.unwrap())
}

fn call(id: Option<&str>, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.map(str::to_owned),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

#[tokio::test]
async fn two_calls_side_by_side_are_told_apart() {
    let part = |index: u32, id: Option<&str>, name: Option<&str>, arguments: &str| {
        json!({"choices": [{"delta": {"tool_calls": [
            {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}}]})
    };
    let mut text = lines(&[
        part(0, Some("a"), Some("weather"), ""),
        part(0, None, None, "{\"city\":"),
        part(1, Some("b"), Some("time"), "{"),
        part(0, None, None, "\"Bonn\"}"),
        part(1, None, None, "}"),
        json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
    ]);
    text.push_str("data: [DONE]\n\n");
    for size in [1, 7, 4096] {
        let (calls, finish) = read(Provider::OpenAi, Protocol::OpenAiChat, &text, size).await;
        let expected = [
            call(Some("a"), "weather", "{\"city\":\"Bonn\"}"),
            call(Some("b"), "time", "{}"),
        ];
        assert_eq!(calls, expected);
        assert_eq!(finish, Finish::Other("tool_calls".to_owned()));
    }
}

#[tokio::test]
async fn the_other_protocols_have_shapes_of_their_own() {
    let responses = lines(&[
        json!({"type": "response.created", "response": {"id": "r"}}),
        json!({"type": "response.function_call_arguments.delta", "delta": "{}"}),
        json!({"type": "response.output_item.done", "item": {
            "type": "function_call", "call_id": "c1", "name": "time", "arguments": "{}"}}),
        json!({"type": "response.completed", "response": {"status": "completed"}}),
    ]);
    let messages = lines(&[
        json!({"type": "message_start", "message": {"id": "m"}}),
        json!({"type": "content_block_start", "content_block": {"type": "tool_use", "id": "t1", "name": "time", "input": {}}}),
        json!({"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "{\"a\""}}),
        json!({"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": ":1}"}}),
        json!({"type": "content_block_stop"}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        json!({"type": "message_stop"}),
    ]);
    let gemini = lines(&[
        json!({"candidates": [{"finishReason": "STOP", "content": {"parts": [
        {"functionCall": {"name": "time", "args": {"a": 1}}}]}}]}),
    ]);
    for (provider, protocol, text, expected) in [
        (
            Provider::OpenAi,
            Protocol::OpenAiResponses,
            responses,
            call(Some("c1"), "time", "{}"),
        ),
        (
            Provider::Anthropic,
            Protocol::AnthropicMessages,
            messages,
            call(Some("t1"), "time", "{\"a\":1}"),
        ),
        (
            Provider::Gemini,
            Protocol::Gemini,
            gemini,
            call(None, "time", "{\"a\":1}"),
        ),
    ] {
        for size in [1, 4096] {
            let (calls, _) = read(provider, protocol, &text, size).await;
            assert_eq!(calls, std::slice::from_ref(&expected), "{provider}");
        }
    }
}
