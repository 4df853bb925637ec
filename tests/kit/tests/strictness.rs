//! The sandbox refuses what a provider would refuse.

use brasskey_tests::sandbox::keys;
use brasskey_tests::{Sandbox, Wire};
use serde_json::json;

use crate::client::{Interface, exchange, models};

#[tokio::test]
async fn a_field_that_the_provider_does_not_know_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    for interface in Interface::ALL {
        let mut request = interface.request("?");
        request["no_such_field"] = json!(1);
        let answer = interface
            .send(&sandbox, keys::key(interface.wire()), &request)
            .await;
        let lenient = matches!(
            interface,
            Interface::Compatible | Interface::OpenRouter | Interface::Ollama
        );
        assert_eq!(
            answer.status,
            if lenient { 200 } else { 400 },
            "{interface:?}"
        );
    }
}

#[tokio::test]
async fn parameters_of_older_models_are_refused_by_newer_ones() {
    let sandbox = Sandbox::start().await.unwrap();
    for (interface, field) in [
        (Interface::OpenAiChat, "max_tokens"),
        (Interface::OpenAiChat, "temperature"),
        (Interface::Responses, "temperature"),
        (Interface::Messages, "temperature"),
        (Interface::Messages, "top_k"),
    ] {
        let mut request = interface.request("?");
        request[field] = json!(1);
        let answer = interface
            .send(&sandbox, keys::key(interface.wire()), &request)
            .await;
        assert_eq!(answer.status, 400, "{interface:?} {field}");
        assert!(answer.text().contains(field), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_model_that_is_not_listed_is_unknown_in_each_interfaces_own_way() {
    let sandbox = Sandbox::start().await.unwrap();
    for (interface, status) in [
        (Interface::Responses, 400),
        (Interface::OpenAiChat, 404),
        (Interface::Messages, 404),
        (Interface::OpenRouter, 400),
        (Interface::Ollama, 404),
    ] {
        let mut request = interface.request("?");
        request["model"] = json!("no-such-model");
        let answer = interface
            .send(&sandbox, keys::key(interface.wire()), &request)
            .await;
        assert_eq!(answer.status, status, "{interface:?}: {}", answer.text());
    }
    // Listed, but not for chat.
    let mut request = Interface::OpenAiChat.request("?");
    request["model"] = json!("whisper-1");
    assert_eq!(
        Interface::OpenAiChat
            .send(&sandbox, "sk-sandbox", &request)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_question_longer_than_the_context_window_is_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let question = "word".repeat(50_000);
    let answer = Interface::Ollama.ask(&sandbox, &question).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("context length"),
        "{}",
        answer.text()
    );
    assert_eq!(
        Interface::Compatible.ask(&sandbox, &question).await.status,
        200
    );
}

#[tokio::test]
async fn anthropic_wants_its_version_and_a_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = Interface::Messages.request("?").to_string();
    let headers = [("x-api-key", keys::ANTHROPIC_KEY)];
    let answer = exchange(&sandbox, "POST", "/anthropic/v1/messages", &headers, &body).await;
    assert!(answer.text().contains("anthropic-version"));
    let mut request = Interface::Messages.request("?");
    request.as_object_mut().unwrap().remove("max_tokens");
    let answer = Interface::Messages
        .send(&sandbox, keys::ANTHROPIC_KEY, &request)
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("max_tokens"));
}

#[tokio::test]
async fn a_role_or_part_that_does_not_exist_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut gemini = Interface::Gemini.request("?");
    gemini["contents"][0]["role"] = json!("assistant");
    let mut responses = Interface::Responses.request("?");
    responses["input"][0]["content"][0]["type"] = json!("output_text");
    let mut messages = Interface::Messages.request("?");
    messages["messages"][0]["role"] = json!("system");
    let mut empty = Interface::Messages.request("?");
    empty["messages"] = json!([]);
    for (interface, request) in [
        (Interface::Gemini, gemini),
        (Interface::Responses, responses),
        (Interface::Messages, messages),
        (Interface::Messages, empty),
    ] {
        let answer = interface
            .send(&sandbox, keys::key(interface.wire()), &request)
            .await;
        assert_eq!(answer.status, 400, "{interface:?} {request}");
    }
}

#[tokio::test]
async fn exactly_one_credential_is_taken_and_none_from_the_address() {
    let sandbox = Sandbox::start().await.unwrap();
    let two = [
        ("x-goog-api-key", keys::GEMINI_KEY),
        ("authorization", "Bearer AQ.sandbox"),
    ];
    let answer = exchange(&sandbox, "GET", "/gemini/v1beta/models", &two, "").await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .text()
            .contains("multiple authentication credentials")
    );
    let path = format!("/gemini/v1beta/models?key={}", keys::GEMINI_KEY);
    assert_eq!(exchange(&sandbox, "GET", &path, &[], "").await.status, 400);
    // In a header that OpenAI does not read.
    let answer = exchange(
        &sandbox,
        "GET",
        "/openai/v1/models",
        &[("x-api-key", keys::OPENAI_KEY)],
        "",
    )
    .await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        sandbox.requests()[2].key.as_deref(),
        Some(keys::OPENAI_KEY),
        "the record shows it all the same"
    );
}

#[tokio::test]
async fn what_is_not_served_is_not_found_and_written_down() {
    let sandbox = Sandbox::start().await.unwrap();
    let answer = exchange(&sandbox, "DELETE", "/openai/v1/models", &[], "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        exchange(&sandbox, "POST", "/somewhere/else", &[], "not json")
            .await
            .status,
        404
    );
    let requests = sandbox.requests();
    assert_eq!(requests[1].body, json!("not json"));
    assert_eq!(
        models(&sandbox, Wire::OpenAi, keys::OPENAI_KEY)
            .await
            .status,
        200
    );
}
