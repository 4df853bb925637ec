//! The calls by which a key is checked.

use brasskey_tests::sandbox::keys;
use brasskey_tests::{Fault, Sandbox, Wire};
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::client::{Interface, exchange, get, key_headers, models, open};

#[tokio::test]
async fn each_wire_lists_its_models_to_its_own_key() {
    let sandbox = Sandbox::start().await.unwrap();
    for (wire, field, id) in [
        (Wire::OpenAi, "data", "gpt-6.1-sol"),
        (Wire::Anthropic, "data", "claude-opus-5-5"),
        (Wire::Gemini, "models", "models/gemini-3.6-flash"),
        (Wire::Compatible, "data", "openai/gpt-oss-120b"),
        (Wire::OpenRouter, "data", "anthropic/claude-opus-5.5"),
        (Wire::Ollama, "data", "qwen3:8b"),
    ] {
        let answer = models(&sandbox, wire, keys::key(wire)).await;
        assert_eq!(answer.status, 200, "{wire:?}");
        let list = answer.json();
        let found = list[field]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["id"] == id || model["name"] == id);
        assert!(found, "{wire:?}: {list}");
    }
}

#[tokio::test]
async fn any_other_key_is_refused_in_the_providers_own_words() {
    let sandbox = Sandbox::start().await.unwrap();
    for (wire, key, status, phrase) in [
        (
            Wire::OpenAi,
            "sk-proj-somebody-elses-key",
            401,
            "invalid_api_key",
        ),
        (Wire::OpenAi, keys::ANTHROPIC_KEY, 401, "invalid_api_key"),
        (
            Wire::Anthropic,
            "sk-ant-api03-other",
            401,
            "invalid x-api-key",
        ),
        (Wire::Anthropic, "sk-ant-admin01-sandbox", 403, "Admin API"),
        (Wire::Gemini, "AQ.other", 400, "API_KEY_INVALID"),
        (Wire::OpenRouter, "sk-or-v1-other", 401, "User not found"),
        (Wire::Compatible, "gsk_other", 401, "Invalid API Key"),
    ] {
        let answer = models(&sandbox, wire, key).await;
        assert_eq!(answer.status, status, "{wire:?}");
        assert!(
            answer.text().contains(phrase),
            "{wire:?}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn only_local_and_compatible_servers_answer_without_a_key() {
    let sandbox = Sandbox::start().await.unwrap();
    for wire in Wire::ALL {
        let path = format!("{}/models", wire.path());
        let answer = exchange(&sandbox, "GET", &path, &[], "").await;
        let free = matches!(wire, Wire::Compatible | Wire::Ollama);
        assert_eq!(answer.status == 200, free, "{wire:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = get(
        &sandbox,
        Wire::Anthropic,
        "/models?limit=3",
        keys::ANTHROPIC_KEY,
    )
    .await
    .json();
    assert_eq!(first["has_more"], true);
    let path = format!(
        "/models?limit=3&after_id={}",
        first["last_id"].as_str().unwrap()
    );
    let second = get(&sandbox, Wire::Anthropic, &path, keys::ANTHROPIC_KEY)
        .await
        .json();
    assert_eq!(second["has_more"], false);
    assert_ne!(first["data"][0], second["data"][0]);

    let first = get(
        &sandbox,
        Wire::Gemini,
        "/models?pageSize=4",
        keys::GEMINI_KEY,
    )
    .await
    .json();
    let token = first["nextPageToken"].as_str().unwrap();
    let path = format!("/models?pageSize=4&pageToken={token}");
    let second = get(&sandbox, Wire::Gemini, &path, keys::GEMINI_KEY)
        .await
        .json();
    assert_eq!(second.get("nextPageToken"), None);
    assert_ne!(first["models"][0], second["models"][0]);
}

#[tokio::test]
async fn openrouter_tells_what_kind_a_key_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let key = get(&sandbox, Wire::OpenRouter, "/key", keys::OPENROUTER_KEY)
        .await
        .json();
    assert_eq!(key["data"]["is_management_key"], false);
    let management = keys::key_that(Wire::OpenRouter, "management");
    let key = get(&sandbox, Wire::OpenRouter, "/key", &management)
        .await
        .json();
    assert_eq!(key["data"]["is_management_key"], true);
    let request = Interface::OpenRouter.request("?");
    assert_eq!(
        Interface::OpenRouter
            .send(&sandbox, &management, &request)
            .await
            .status,
        403
    );
    let user = get(
        &sandbox,
        Wire::OpenRouter,
        "/models/user",
        keys::OPENROUTER_KEY,
    )
    .await
    .json();
    assert_eq!(user["data"][0]["pricing"]["prompt"], "0.000004000000");
}

#[tokio::test]
async fn a_list_only_key_lists_and_does_not_generate() {
    let sandbox = Sandbox::start().await.unwrap();
    let key = keys::key_that(Wire::Gemini, "list_only");
    assert_eq!(models(&sandbox, Wire::Gemini, &key).await.status, 200);
    let headers = [("x-goog-api-key", key.as_str())];
    let path = "/gemini/v1beta/models/gemini-3.6-flash:countTokens";
    let body = json!({ "contents": [{ "parts": [{ "text": "Hello" }] }] }).to_string();
    let counted = exchange(&sandbox, "POST", path, &headers, &body).await;
    assert_eq!(counted.status, 403, "{}", counted.text());
    let headers = [("x-goog-api-key", keys::GEMINI_KEY)];
    let counted = exchange(&sandbox, "POST", path, &headers, &body).await;
    assert_eq!(counted.json()["totalTokens"], 2);
}

#[tokio::test]
async fn anthropic_counts_tokens_for_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let headers = key_headers(Wire::Anthropic, keys::ANTHROPIC_KEY);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let body = json!({ "model": "claude-opus-5-5", "messages": [{ "role": "user", "content": "12345678" }] });
    let path = "/anthropic/v1/messages/count_tokens";
    let answer = exchange(&sandbox, "POST", path, &headers, &body.to_string()).await;
    assert_eq!(answer.json(), json!({ "input_tokens": 2 }));
}

#[tokio::test]
async fn the_root_looks_like_ollama() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(
        exchange(&sandbox, "GET", "/", &[], "").await.text(),
        "Ollama is running"
    );
    let version = exchange(&sandbox, "GET", "/api/version", &[], "")
        .await
        .json();
    assert!(version["version"].is_string());
    let tags = exchange(&sandbox, "GET", "/api/tags", &[], "").await.json();
    assert_eq!(tags["models"][0]["name"], "qwen3:8b");
}

#[tokio::test]
async fn a_check_meets_its_faults_once() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.script_check(Fault::Html200);
    sandbox.script_check(Fault::Error("overloaded".into()));
    sandbox.script_check(Fault::CutAfter { events: 0 });
    sandbox.script_check(Fault::Garbage);
    let list = async || models(&sandbox, Wire::Anthropic, keys::ANTHROPIC_KEY).await;
    assert!(list().await.headers["content-type"].starts_with("text/html"));
    assert_eq!(list().await.status, 529);
    assert!(!list().await.whole);
    assert!(serde_json::from_slice::<serde_json::Value>(&list().await.body).is_err());
    assert_eq!(list().await.json()["data"][0]["type"], "model");
}

#[tokio::test]
async fn an_endless_list_and_a_stalled_one_end_with_the_client() {
    let sandbox = Sandbox::start().await.unwrap();
    for (fault, wanted) in [
        (Fault::Endless, 4 << 20),
        (Fault::StallAfter { events: 0 }, 20),
    ] {
        sandbox.reset();
        sandbox.script_check(fault);
        let headers = [("authorization", "Bearer sk-sandbox")];
        let mut stream = open(&sandbox, "GET", "/openai/v1/models", &headers, "").await;
        let mut buffer = vec![0; 64 * 1024];
        let mut read = 0;
        while read < wanted {
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0);
            read += count;
        }
        drop(stream);
        sandbox
            .wait_until(|requests| requests[0].cancelled)
            .await
            .unwrap();
    }
}
