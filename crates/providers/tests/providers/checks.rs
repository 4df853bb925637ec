//! Checking a key with the cheapest call, and what may not pass for a good one.

use brasskey_providers::{Cause, Failure, Model, Payer, Provider, Wire, check};
use serde_json::{Value, json};

use crate::server::{Asked, Server, json as answer, payer, payer_with, reply};

async fn checked(
    provider: Provider,
    respond: impl Fn(&Asked) -> axum::response::Response + Send + Sync + 'static,
) -> (Result<Vec<Model>, Failure>, Vec<Asked>) {
    let server = Server::start(respond).await;
    let endpoint = server.endpoint(provider);
    let result = check(&Wire::new().unwrap(), &endpoint, &payer(&endpoint)).await;
    (result, server.asked())
}

fn paths(asked: &[Asked]) -> Vec<&str> {
    asked.iter().map(|asked| asked.path.as_str()).collect()
}

#[tokio::test]
async fn openai_lists_its_models_and_tells_those_for_chat() {
    let list = json!({"object": "list", "data": [
        {"id": "gpt-6.1-sol", "object": "model"}, {"id": "text-embedding-4", "object": "model"},
        {"id": "whisper-2", "object": "model"}, {"id": "dall-e-4"}, {"id": "gpt-6-image"}]});
    let (models, asked) = checked(Provider::OpenAi, move |_| answer(200, list.clone())).await;
    let chat: Vec<String> = models
        .unwrap()
        .into_iter()
        .filter(|model| model.chat)
        .map(|model| model.id)
        .collect();
    assert_eq!(chat, ["gpt-6.1-sol"]);
    assert_eq!(paths(&asked), ["/v1/models"]);
    assert_eq!(asked[0].method, "GET");
}

#[tokio::test]
async fn anthropic_is_read_page_by_page() {
    let (models, asked) = checked(Provider::Anthropic, |asked| {
        let first = !asked.path.contains("after_id");
        let id = if first { "claude-opus-5-5" } else { "claude-mini" };
        answer(200, json!({"data": [{"type": "model", "id": id, "display_name": "A name", "max_input_tokens": 1_000_000,
                                     "max_tokens": 64_000}], "has_more": first, "last_id": id}))
    })
    .await;
    let models = models.unwrap();
    assert_eq!(
        models[0],
        Model {
            id: "claude-opus-5-5".to_owned(),
            name: "A name".to_owned(),
            context_window: Some(1_000_000),
            max_output: Some(64_000),
            chat: true,
        }
    );
    assert_eq!(models.len(), 2);
    assert_eq!(
        paths(&asked),
        [
            "/v1/models?limit=1000",
            "/v1/models?limit=1000&after_id=claude-opus-5-5"
        ]
    );
}

fn gemini_list() -> Value {
    json!({"models": [
        {"name": "models/text-embedding-005", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/gemini-3.6-flash", "displayName": "Gemini 3.6 Flash", "inputTokenLimit": 1_048_576,
         "outputTokenLimit": 65_536, "supportedGenerationMethods": ["generateContent", "countTokens"]}]})
}

#[tokio::test]
async fn gemini_lists_and_then_counts() {
    let (models, asked) = checked(Provider::Gemini, |asked| {
        if asked.method == "GET" {
            answer(200, gemini_list())
        } else {
            answer(200, json!({"totalTokens": 1}))
        }
    })
    .await;
    let models = models.unwrap();
    assert_eq!(models[1].id, "gemini-3.6-flash");
    assert_eq!((models[0].chat, models[1].chat), (false, true));
    assert_eq!(
        paths(&asked),
        [
            "/v1/models?pageSize=1000",
            "/v1/models/gemini-3.6-flash:countTokens"
        ]
    );
}

#[tokio::test]
async fn a_gemini_key_that_only_lists_is_not_good() {
    let (result, _) = checked(Provider::Gemini, |asked| {
        if asked.method == "GET" {
            answer(200, gemini_list())
        } else {
            answer(
                403,
                json!({"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}}),
            )
        }
    })
    .await;
    assert_eq!(result.unwrap_err().cause, Cause::PermissionMissing);
}

#[tokio::test]
async fn openrouter_is_asked_about_the_key_because_its_list_is_public() {
    let about = |data: Value| {
        move |asked: &Asked| {
            if asked.path == "/v1/key" {
                answer(200, json!({"data": data}))
            } else {
                answer(
                    200,
                    json!({"data": [{"id": "a/b", "name": "A: B", "context_length": 8192,
                    "top_provider": {"max_completion_tokens": 1024}, "architecture": {"output_modalities": ["text"]}}]}),
                )
            }
        }
    };
    let good = json!({"label": "k", "limit_remaining": 3.5, "is_management_key": false});
    let (models, asked) = checked(Provider::OpenRouter, about(good)).await;
    let models = models.unwrap();
    assert_eq!(
        (models[0].name.as_str(), models[0].max_output),
        ("A: B", Some(1024))
    );
    assert_eq!(paths(&asked), ["/v1/key", "/v1/models/user"]);
    for (data, cause) in [
        (json!({"is_management_key": true}), Cause::KeyWrongKind),
        (json!({"limit_remaining": 0}), Cause::SpendLimit),
        (json!(null), Cause::ProxyOrNetwork),
    ] {
        let (result, asked) = checked(Provider::OpenRouter, about(data)).await;
        assert_eq!(result.unwrap_err().cause, cause);
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn lists_of_all_shapes_are_read() {
    for list in [
        json!({"data": [{"id": "m", "max_model_len": 4096}]}),
        json!({"models": [{"id": "m", "context_window": 4096}]}),
        json!([{"id": "m", "context_length": 4096, "type": "chat"}]),
    ] {
        let (models, _) = checked(Provider::OpenAiCompatible, move |_| {
            answer(200, list.clone())
        })
        .await;
        let models = models.unwrap();
        assert_eq!(
            (models[0].id.as_str(), models[0].context_window),
            ("m", Some(4096))
        );
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_proves_nothing() {
    for (kind, body) in [
        ("text/html", "<html>Sign in</html>".to_owned()),
        ("application/json", "<html>Sign in</html>".to_owned()),
        ("application/json", "{}".to_owned()),
        ("application/json", "{\"data\":{}}".to_owned()),
        ("application/json", "{\"data\":[1,2]}".to_owned()),
        ("application/json", "null".to_owned()),
        ("application/json", String::new()),
        (
            "application/json",
            format!("{{\"data\":[{}]}}", "{\"id\":\"m\"},".repeat(800_000)),
        ),
    ] {
        for provider in [
            Provider::OpenAi,
            Provider::Anthropic,
            Provider::Gemini,
            Provider::OpenRouter,
            Provider::OpenAiCompatible,
        ] {
            let body = body.clone();
            let (result, _) = checked(provider, move |_| reply(200, kind, body.clone())).await;
            assert_eq!(
                result.unwrap_err().cause,
                Cause::ProxyOrNetwork,
                "{provider}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_with_status_200_is_a_refusal() {
    let (result, _) = checked(Provider::OpenAiCompatible, |_| {
        answer(
            200,
            json!({"code": "x", "error": "Incorrect API key provided"}),
        )
    })
    .await;
    assert_eq!(result.unwrap_err().cause, Cause::KeyInvalid);
}

#[tokio::test]
async fn an_endpoint_without_a_list_says_nothing_about_the_key() {
    for status in [404, 405] {
        let (result, _) = checked(Provider::OpenAiCompatible, move |_| {
            answer(status, json!({"error": {"message": "no"}}))
        })
        .await;
        let failure = result.unwrap_err();
        assert_eq!(failure.cause, Cause::BadRequest);
        assert_eq!(failure.provider_code.as_deref(), Some("cannot_list_models"));
    }
}

#[tokio::test]
async fn an_administration_key_is_a_key_of_another_kind() {
    let refusal =
        json!({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}});
    let server = Server::start(move |_| answer(401, refusal.clone())).await;
    let wire = Wire::new().unwrap();
    for (provider, key, cause) in [
        (
            Provider::OpenAi,
            "sk-admin-abcdefghijklmnopqrst",
            Cause::KeyWrongKind,
        ),
        (
            Provider::Anthropic,
            "sk-ant-admin01-abcdefghijklmn",
            Cause::KeyWrongKind,
        ),
        (
            Provider::OpenAi,
            "sk-proj-abcdefghijklmnopqrst",
            Cause::KeyInvalid,
        ),
    ] {
        let endpoint = server.endpoint(provider);
        let result = check(&wire, &endpoint, &payer_with(&endpoint, key)).await;
        assert_eq!(result.unwrap_err().cause, cause);
    }
}

#[tokio::test]
async fn a_keyless_server_on_this_computer_is_checked_without_a_key() {
    let server =
        Server::start(|_| answer(200, json!({"object": "list", "data": [{"id": "llama9"}]}))).await;
    let endpoint = server.endpoint(Provider::Ollama);
    let models = check(&Wire::new().unwrap(), &endpoint, &Payer::Nobody)
        .await
        .unwrap();
    assert_eq!(models[0].id, "llama9");
    assert_eq!(server.asked()[0].header("authorization"), None);
}
