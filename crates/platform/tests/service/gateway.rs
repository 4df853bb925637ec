//! A vendor-billed answer from end to end: a device asks, a provider answers with the vendor's key, the wallet pays.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use brasskey_platform::{Edge, PlatformAuthority, VendorKeys, gateway};
use serde_json::json;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;

use crate::bank::{Bank, Keys};
use crate::databases::both;

pub(crate) const STREAM: &str = concat!(
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":500,\"total_tokens\":1500}}\n\n",
    "data: [DONE]\n\n",
);

/// As OpenAI answers: a stream for the key that is good, a refusal for another one.
async fn provider(headers: HeaderMap) -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/event-stream");
    if headers[header::AUTHORIZATION] == "Bearer vendor-key-1" {
        return (StatusCode::OK, [kind], STREAM);
    }
    let kind = (header::CONTENT_TYPE, "application/json");
    let refused = r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
    (StatusCode::UNAUTHORIZED, [kind], refused)
}

pub(crate) async fn listen(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    address
}

#[tokio::test]
async fn an_answer_passes_untouched_and_is_paid_from_the_wallet() {
    for database in both() {
        let bank = Bank::open(&database.url).await;
        let customer = bank.customer("dev_1").await;
        let upstream = listen(Router::new().route("/v1/chat/completions", post(provider))).await;
        let providers = json!([{"provider": "openai", "key": "safe:openai", "base_url": format!("{upstream}/v1")}]);
        let keys = Arc::new(Keys::default());
        keys.0.lock().unwrap().replace("vendor-key-1".to_owned());
        let vendor =
            VendorKeys::new(serde_json::from_value(providers).unwrap(), keys.clone()).unwrap();
        let authority = PlatformAuthority::new(bank.instance.service.clone(), vendor);
        let calls = TaskTracker::new();
        let gateway = gateway(authority, calls.clone()).unwrap();
        let routes = bank.instance.service.clone().router_with(
            &Edge::default(),
            OpenApiRouter::new(),
            Some(gateway),
        );
        let address = listen(routes).await;
        let ask = |name: &'static str| {
            let body = json!({"model": "gpt-4o", "stream": true, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}]});
            bank.instance
                .client
                .post(format!("{address}/v1/gateway/chat/completions"))
                .bearer_auth(&customer.token)
                .header("idempotency-key", name)
                .json(&body)
                .send()
        };
        let answer = ask("call-1").await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), STREAM);
        // The same name again is not another call.
        assert_eq!(ask("call-1").await.unwrap().status(), 409);
        // A key that the provider refuses costs the customer nothing.
        keys.0.lock().unwrap().replace("vendor-key-2".to_owned());
        assert!(!ask("call-2").await.unwrap().status().is_success());
        calls.close();
        calls.wait().await;
        let hold = bank.hold(&customer, "call-1").await;
        assert_eq!(
            (hold.text("state"), hold.text("cost")),
            ("settled", "0.0075")
        );
        assert_eq!(hold.body["usage"]["tokens"]["output"], 500);
        assert_eq!(
            bank.hold(&customer, "call-2").await.text("state"),
            "released"
        );
        let wallet = bank.wallet(&customer).await;
        assert_eq!(
            (wallet.text("allowance"), wallet.text("held")),
            ("14.9925", "0")
        );
        bank.adds_up().await;
    }
}
