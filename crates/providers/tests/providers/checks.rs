//! Checking a key with the cheapest call, and what may not pass for a good one.

use brasskey_providers::{Abilities, Cause, Failure, Model, Payer, Provider, Wire, check};
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
                                     "max_tokens": 64_000,
                                     "capabilities": {"image_input": {"supported": true}, "pdf_input": false,
                                                      "thinking": true}}], "has_more": first, "last_id": id}))
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
            abilities: Abilities {
                images: Some(true),
                documents: Some(false),
                thinking: Some(true),
                tools: None,
            },
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

/// The outcome of a check in one word: the models, or the cause.
fn word(checked: Result<Vec<Model>, Failure>) -> String {
    match checked {
        Ok(models) => models
            .iter()
            .map(|model| model.id.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        Err(failure) => failure
            .provider_code
            .filter(|code| code == "cannot_list_models")
            .unwrap_or_else(|| failure.cause.to_string()),
    }
}

#[tokio::test]
async fn deepseek_tells_validity_and_funds_in_one() {
    for (balance, expected, calls) in [
        (
            json!({"is_available": true, "balance_infos": [{"currency": "USD", "total_balance": "4.20"}]}),
            "deepseek-v4",
            2,
        ),
        (
            json!({"is_available": false, "balance_infos": []}),
            "out_of_credit",
            1,
        ),
        (json!({"balance": "much"}), "proxy_or_network", 1),
    ] {
        let (models, asked) = checked(Provider::DeepSeek, move |asked| {
            if asked.path.ends_with("/user/balance") {
                answer(200, balance.clone())
            } else {
                answer(
                    200,
                    json!({"object": "list", "data": [{"id": "deepseek-v4"}]}),
                )
            }
        })
        .await;
        assert_eq!(word(models), expected);
        assert_eq!(asked.len(), calls);
    }
}

#[tokio::test]
async fn xai_tells_who_is_blocked_before_its_list_is_believed() {
    let key = |more: Value| {
        let mut key = json!({"redacted_api_key": "xai-...b14o", "acls": ["api-key:model:*"], "team_blocked": false});
        key.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        key
    };
    for (key, expected) in [
        (key(json!({})), "grok-4.7"),
        (key(json!({"api_key_blocked": true})), "key_disabled"),
        (key(json!({"api_key_disabled": true})), "key_disabled"),
        (key(json!({"team_blocked": true})), "account_disabled"),
        (json!({"hello": "portal"}), "proxy_or_network"),
    ] {
        let (models, _) = checked(Provider::Xai, move |asked| {
            if asked.path.ends_with("/api-key") {
                answer(200, key.clone())
            } else {
                answer(
                    200,
                    json!({"models": [{"id": "grok-4.7", "input_modalities": ["text", "image"]}]}),
                )
            }
        })
        .await;
        if let Ok(models) = &models {
            assert_eq!(models[0].abilities.images, Some(true));
        }
        assert_eq!(word(models), expected);
    }
}

#[tokio::test]
async fn xai_is_asked_for_the_usual_list_where_there_is_no_other() {
    let (models, asked) = checked(Provider::Xai, |asked| match asked.path.as_str() {
        "/v1/api-key" => answer(200, json!({"redacted_api_key": "xai-...b14o"})),
        "/v1/models" => answer(200, json!({"data": [{"id": "grok-4.7"}]})),
        _ => answer(404, json!({"error": "no such route"})),
    })
    .await;
    assert_eq!(word(models), "grok-4.7");
    assert_eq!(
        paths(&asked),
        ["/v1/api-key", "/v1/language-models", "/v1/models"]
    );
}

#[tokio::test]
async fn cohere_is_asked_about_the_key_at_the_origin_that_the_key_is_for() {
    for (valid, expected) in [(true, "command-a"), (false, "key_invalid")] {
        let (models, asked) = checked(Provider::Cohere, move |asked| {
            if asked.path == "/v1/check-api-key" {
                answer(200, json!({"valid": valid, "organization_id": "o"}))
            } else {
                answer(200, json!({"models": [{"name": "command-a", "context_length": 256_000, "features": ["tools"]}]}))
            }
        })
        .await;
        assert_eq!(word(models), expected);
        assert_eq!(
            (asked[0].method.as_str(), asked[0].path.as_str()),
            ("POST", "/v1/check-api-key")
        );
    }
}

#[tokio::test]
async fn vertex_counts_tokens_because_it_has_no_list() {
    for (status, body, expected) in [
        (200, json!({"totalTokens": 1}), "cannot_list_models"),
        // The model is gone, the key is accepted.
        (
            404,
            json!({"error": {"code": 404, "status": "NOT_FOUND", "message": "no model"}}),
            "cannot_list_models",
        ),
        (
            403,
            json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "denied"}}),
            "permission_missing",
        ),
    ] {
        let (models, asked) =
            checked(Provider::Vertex, move |_| answer(status, body.clone())).await;
        assert_eq!(word(models), expected);
        assert_eq!(
            asked[0].path,
            "/v1/publishers/google/models/gemini-2.5-flash:countTokens"
        );
        // This key is none of Google's own: it goes as an access token does.
        assert!(asked[0].header("authorization").is_some());
    }
}

#[tokio::test]
async fn where_every_call_costs_nothing_is_asked() {
    for provider in [Provider::Perplexity, Provider::Bedrock] {
        let (models, asked) = checked(provider, |_| answer(500, json!({}))).await;
        assert_eq!(word(models), "cannot_list_models");
        assert!(asked.is_empty());
    }
}
