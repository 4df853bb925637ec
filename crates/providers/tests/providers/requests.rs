//! What is sent for a question, in each protocol.

use brasskey_providers::{Cause, ChatRequest, Endpoint, Payer, Protocol, Provider, Wire, send};
use serde_json::{Value, json};

use crate::server::{Asked, KEY, Server, events, json as answer, payer, question, reply};
use crate::transcripts::add_up;
use futures::StreamExt;

async fn asked(provider: Provider, protocol: Protocol, request: &ChatRequest) -> Asked {
    let server = Server::start(|_| events("")).await;
    let endpoint = server.endpoint_with(provider, protocol);
    let wire = Wire::new().unwrap();
    send(&wire, &endpoint, &payer(&endpoint), request)
        .await
        .unwrap();
    server.asked().remove(0)
}

#[tokio::test]
async fn responses_ask_for_no_storage() {
    let asked = asked(Provider::OpenAi, Protocol::OpenAiResponses, &question()).await;
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("POST", "/v1/responses")
    );
    assert_eq!(
        asked.json(),
        json!({"model": "model-1", "instructions": "Be brief.", "stream": true, "store": false, "max_output_tokens": 100,
               "stream_options": {"include_obfuscation": false},
               "input": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "One."},
                         {"role": "user", "content": "Two?"}]})
    );
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
}

#[tokio::test]
async fn chat_completions_ask_for_usage() {
    let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One?"},
                          {"role": "assistant", "content": "One."}, {"role": "user", "content": "Two?"}]);
    let compatible = asked(
        Provider::OpenAiCompatible,
        Protocol::OpenAiChat,
        &question(),
    )
    .await;
    assert_eq!(compatible.path, "/v1/chat/completions");
    assert_eq!(
        compatible.json(),
        json!({"model": "model-1", "messages": messages, "stream": true, "max_tokens": 100,
               "stream_options": {"include_usage": true}})
    );
    let openai = asked(Provider::OpenAi, Protocol::OpenAiChat, &question()).await;
    assert_eq!(
        openai.json(),
        json!({"model": "model-1", "messages": messages, "stream": true, "max_completion_tokens": 100,
               "stream_options": {"include_usage": true, "include_obfuscation": false}})
    );
}

#[tokio::test]
async fn messages_name_their_version_and_a_limit() {
    let request = ChatRequest {
        max_output: None,
        ..question()
    };
    let asked = asked(Provider::Anthropic, Protocol::AnthropicMessages, &request).await;
    assert_eq!(asked.path, "/v1/messages");
    assert_eq!(asked.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(asked.header("x-api-key"), Some(KEY));
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(
        asked.json(),
        json!({"model": "model-1", "max_tokens": 8192, "system": "Be brief.", "stream": true,
               "messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "One."},
                            {"role": "user", "content": "Two?"}]})
    );
}

#[tokio::test]
async fn gemini_keeps_the_key_out_of_the_url_and_the_model_in_one_segment() {
    let asked_for = async |model: &str| {
        let request = ChatRequest {
            model: model.to_owned(),
            ..question()
        };
        asked(Provider::Gemini, Protocol::Gemini, &request).await
    };
    let plain = asked_for("gemini-3.6-flash").await;
    assert_eq!(
        plain.path,
        "/v1/models/gemini-3.6-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(plain.header("x-goog-api-key"), Some(KEY));
    assert_eq!(plain.header("authorization"), None);
    assert_eq!(
        plain.json(),
        json!({"systemInstruction": {"parts": [{"text": "Be brief."}]},
               "contents": [{"role": "user", "parts": [{"text": "One?"}]}, {"role": "model", "parts": [{"text": "One."}]},
                            {"role": "user", "parts": [{"text": "Two?"}]}],
               "generationConfig": {"maxOutputTokens": 100, "thinkingConfig": {"includeThoughts": true}}})
    );
    assert_eq!(
        asked_for("models/m").await.path,
        "/v1/models/m:streamGenerateContent?alt=sse"
    );
    assert_eq!(
        asked_for("tunedModels/m").await.path,
        "/v1/tunedModels/m:streamGenerateContent?alt=sse"
    );
    assert_eq!(
        asked_for("../../other?x=1#y").await.path,
        "/v1/models/..%2F..%2Fother%3Fx=1%23y:streamGenerateContent?alt=sse"
    );
}

#[tokio::test]
async fn a_gateway_that_knows_the_older_version_alone_is_asked_in_it() {
    let server = Server::start(|asked| {
        if asked.header("anthropic-version") == Some("2023-06-01") {
            let transcript = include_bytes!("../../fixtures/streams/anthropic_ok.txt");
            events(transcript.to_vec())
        } else {
            let message = "anthropic-version: 2026-10-21 is not a supported version";
            answer(
                400,
                json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}}),
            )
        }
    })
    .await;
    let endpoint = server.endpoint(Provider::Anthropic);
    let wire = Wire::new().unwrap();
    let stream = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .unwrap();
    assert!(!add_up(stream.collect().await).text.is_empty());
    let versions: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.header("anthropic-version").unwrap().to_owned())
        .collect();
    assert_eq!(versions, ["2026-10-21", "2023-06-01"]);
}

#[tokio::test]
async fn a_refused_option_is_left_out_once_and_only_that() {
    let refusal = |message: &'static str| {
        move |asked: &Asked| {
            let options = asked.json();
            let extras = options.get("stream_options").is_some()
                || options
                    .pointer("/generationConfig/thinkingConfig")
                    .is_some();
            if extras {
                answer(
                    400,
                    json!({"error": {"message": message, "type": "invalid_request_error"}}),
                )
            } else {
                events(
                    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
                )
            }
        }
    };
    let wire = Wire::new().unwrap();

    let server = Server::start(refusal(
        "Unrecognized request argument supplied: stream_options",
    ))
    .await;
    let endpoint = server.endpoint(Provider::OpenAiCompatible);
    let stream = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .unwrap();
    assert_eq!(add_up(stream.collect().await).text, "Hi");
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].json().get("stream_options"), None);

    let server = Server::start(refusal("Thinking is not supported by this model.")).await;
    let endpoint = server.endpoint(Provider::Gemini);
    send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .unwrap();
    assert_eq!(server.asked().len(), 2);

    let server = Server::start(refusal("temperature is wrong")).await;
    let endpoint = server.endpoint(Provider::OpenAiCompatible);
    let failure = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .err()
        .unwrap();
    assert_eq!(failure.cause, Cause::BadRequest);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_option_refused_twice_is_a_failure() {
    let server =
        Server::start(|_| answer(400, json!({"error": {"message": "bad stream_options"}}))).await;
    let endpoint = server.endpoint(Provider::OpenAiCompatible);
    let wire = Wire::new().unwrap();
    let failure = send(&wire, &endpoint, &payer(&endpoint), &question())
        .await
        .err()
        .unwrap();
    assert_eq!(failure.cause, Cause::BadRequest);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_success_that_is_no_stream_is_a_failure() {
    let wire = Wire::new().unwrap();
    let cause = async |kind: &'static str, body: Value| {
        let server = Server::start(move |_| {
            let body = body
                .as_str()
                .map_or_else(|| body.to_string(), str::to_owned);
            reply(200, kind, body)
        })
        .await;
        let endpoint: Endpoint = server.endpoint(Provider::OpenAiCompatible);
        let failure = send(&wire, &endpoint, &payer(&endpoint), &question())
            .await
            .err()
            .unwrap();
        assert_eq!(failure.status, Some(200));
        failure.cause
    };
    let xai = json!({"code": "The service is currently unavailable", "error": "Service temporarily unavailable."});
    assert_eq!(cause("application/json", xai).await, Cause::Overloaded);
    assert_eq!(
        cause("text/html", json!("<html>Sign in</html>")).await,
        Cause::ProxyOrNetwork
    );
    assert_eq!(
        cause("application/json", json!({"choices": []})).await,
        Cause::ProxyOrNetwork
    );
}

#[tokio::test]
async fn nobody_sends_no_credential() {
    let server = Server::start(|_| events("")).await;
    let endpoint = server.endpoint(Provider::Ollama);
    let wire = Wire::new().unwrap();
    send(&wire, &endpoint, &Payer::Nobody, &question())
        .await
        .unwrap();
    let asked = server.asked().remove(0);
    for name in [
        "authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "cookie",
    ] {
        assert_eq!(asked.header(name), None);
    }
}
