//! Refusals: the provider's as it wrote them, the gateway's as documents that every client reads.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use brasskey_gateway::Ending;
use serde_json::json;

use crate::authority::refusal;
use crate::client::send;
use crate::rig::{ALL, CHAT, GEMINI, MESSAGES, RESPONSES, dollars, rig};
use crate::upstream::Answer;

#[tokio::test]
async fn a_providers_refusal_is_passed_on_as_it_is_and_costs_nothing() {
    for status in [400, 402, 403, 404, 413, 429, 500, 503, 529] {
        let body = r#"{"error":{"message":"No.","type":"some","code":"some"}}"#;
        let answer = Answer::json(status, body)
            .with("retry-after", "7")
            .with("request-id", "req_9")
            .with("set-cookie", "a=b");
        let rig = rig(MESSAGES).answering(answer).await;
        let got = rig.ask().await;
        assert_eq!((got.status, &got.body[..]), (status, body.as_bytes()));
        assert_eq!(got.header("content-type"), Some("application/json"));
        assert_eq!(got.header("retry-after"), Some("7"));
        assert_eq!(got.header("request-id"), Some("req_9"));
        assert_eq!(got.header("set-cookie"), None);
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Refused(status));
        assert_eq!((outcome.cost, outcome.is_estimated), (dollars("0"), false));
        assert_eq!(outcome.request_id.as_deref(), Some("req_9"));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = Answer::json(302, "").with("location", "http://127.0.0.1:1/elsewhere");
    let rig = rig(CHAT).answering(answer).await;
    let got = rig.ask().await;
    assert_eq!(got.status, 502);
    assert_eq!(got.header("location"), None);
    assert_eq!(rig.book.outcome().await.ending, Ending::Refused(302));
    assert_eq!(rig.upstream.asked().len(), 1);
}

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_nothing_is_asked_of_anybody() {
    for line in ALL {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        let url = format!("{}{}", rig.root, line.route);
        for (header, value, code) in [
            ("x-nothing", "", "unauthenticated"),
            ("authorization", "Basic abc", "unauthenticated"),
            (line.key_header, "", "unauthenticated"),
            ("authorization", "Bearer bkd_wrong", "device-unknown"),
        ] {
            let request = Request::post(&url)
                .header(header, value)
                .body(Body::from(line.request))
                .unwrap();
            let got = send(request).await;
            assert_eq!(got.status, 401, "{line:?} {header}: {value}");
            assert_eq!(got.json()["code"], code);
        }
        assert!(rig.upstream.asked().is_empty());
        assert!(rig.book.settled().is_empty());
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_document_with_the_error_of_the_routes_own_clients() {
    let spent = || {
        let mut spent = refusal(402, "allowance-spent", "The allowance is used up.");
        spent.retry_after = Some(Duration::from_millis(2500));
        spent.more.insert("limit_source".into(), "allowance".into());
        spent.more.insert("status".into(), 200.into());
        spent
    };
    let error_of_openai = json!({
        "message": "The allowance is used up.", "type": "insufficient_quota",
        "param": null, "code": "allowance-spent",
    });
    for (line, error) in [
        (CHAT, error_of_openai.clone()),
        (RESPONSES, error_of_openai),
        (
            MESSAGES,
            json!({ "type": "billing_error", "message": "The allowance is used up." }),
        ),
        (
            GEMINI,
            json!({
                "code": 402, "message": "The allowance is used up.", "status": "RESOURCE_EXHAUSTED",
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "allowance-spent", "domain": "brasskey",
                }],
            }),
        ),
    ] {
        let rig = rig(line)
            .rules(move |rules| rules.refusal = Some(spent()))
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        let got = rig.ask().await;
        assert_eq!(got.status, 402);
        assert_eq!(got.header("content-type"), Some("application/problem+json"));
        assert_eq!(got.header("retry-after"), Some("3"));
        assert_eq!(
            got.json(),
            json!({
                "type": "urn:brasskey:problem:allowance-spent",
                "title": "Allowance spent",
                "status": 402,
                "detail": "The allowance is used up.",
                "code": "allowance-spent",
                "limit_source": "allowance",
                "retry_after": 3,
                "error": error,
            })
        );
        assert!(rig.upstream.asked().is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_metered_or_belongs_to_all_callers_is_refused() {
    let rig = rig(RESPONSES)
        .answering(Answer::events(&RESPONSES.recorded(), 999))
        .await;
    for body in [
        r#"{"model":"m","background":true}"#,
        r#"{"model":"m","previous_response_id":"resp_1"}"#,
        r#"{"model":"m","conversation":"conv_1"}"#,
        r#"{"model":"m","prompt":{"id":"pmpt_1"}}"#,
        r#"{"model":"m","container":"c_1"}"#,
        r#"{"model":"m","cachedContent":"cachedContents/1"}"#,
        r#"{"model":"cheap","model":"dear"}"#,
        r#"{"stream":true}"#,
        r#"{"model":""}"#,
        r#"["model"]"#,
        "not JSON",
        "",
    ] {
        let got = rig.ask_with(body).await;
        assert_eq!(got.status, 400, "{body}");
        assert_eq!(got.json()["code"], "invalid-request", "{body}");
    }
    for body in [
        r#"{"model":"m","background":false,"previous_response_id":null,"conversation":null}"#,
        r#"{"model":"m","metadata":{"background":true,"model":"x"}}"#,
    ] {
        assert_eq!(rig.ask_with(body).await.status, 200, "{body}");
    }
    let request = rig
        .request()
        .header("idempotency-key", "with space")
        .body(Body::from(RESPONSES.request))
        .unwrap();
    assert_eq!(send(request).await.status, 400);
    assert_eq!(rig.upstream.asked().len(), 2);
}

#[tokio::test]
async fn other_paths_and_methods_are_problems_too() {
    let rig = rig(GEMINI).answering(Answer::json(200, "{}")).await;
    for (method, path, status) in [
        ("GET", "/openai/v1/chat/completions", 405),
        ("POST", "/openai/v1/embeddings", 404),
        (
            "POST",
            "/gemini/v1beta/models/gemini-3.6-flash:countTokens",
            404,
        ),
        ("GET", "/nothing", 404),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", rig.root))
            .body(Body::empty())
            .unwrap();
        let got = send(request).await;
        assert_eq!(got.status, status, "{method} {path}");
        let kind = got.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{method} {path}");
    }
}
