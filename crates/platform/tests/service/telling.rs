//! What the service tells about itself: its log, its metrics, its traces. Nothing of what was in a request is in them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde_json::Value;
use tempfile::TempDir;

use crate::databases::both;
use crate::program::{Program, get, send, wait_until};

/// What no log, metric or trace may hold; none of it can stand in an id, which is hexadecimal. The device's credential is added.
const PRIVATE: &[&str] = &[
    "lovelace",
    "ada@",
    "hunter2",
    "dev_private",
    "key_private",
    "bkd_",
];

/// Asks for all kinds of things with private matter in all places. Gives the device's credential.
fn ask_privately(service: &Program) -> String {
    let body = r#"{"device_id":"dev_private","name":"Ada Lovelace's desk","os":"linux","app_version":"hunter2"}"#;
    let answer = send(
        service.address,
        &format!(
            "POST /v1/trials?email=ada@lovelace.example HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             idempotency-key: key_private\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let begun: Value = serde_json::from_str(body).unwrap();
    let token = begun["device_token"].as_str().unwrap().to_owned();
    let body = r#"{"app_version":"hunter2"}"#;
    for bearer in [token.as_str(), "bkd_lovelace", "hunter2"] {
        let answer = send(
            service.address,
            &format!(
                "POST /v1/licence HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {bearer}\r\n\
                 x-request-id: ada-lovelace\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        );
        assert!(
            !answer.contains("ada-lovelace"),
            "nobody but a proxy names requests"
        );
    }
    for path in [
        "/v1/nothing/ada@lovelace.example?token=hunter2",
        "/lovelace",
        "/v1/plans?lovelace",
    ] {
        get(service.address, path);
    }
    // Not even HTTP.
    send(service.address, "ada lovelace\r\n\r\n");
    token
}

fn holds_nothing_private(text: &str, token: &str) {
    let text = text.to_lowercase();
    for private in PRIVATE.iter().copied().chain([token]) {
        if let Some(at) = text.find(private) {
            let from = text[..at].rfind('\n').map_or(0, |line| line + 1);
            panic!("{private} is in: {}", text[from..].lines().next().unwrap());
        }
    }
}

#[test]
fn nothing_private_is_in_the_log_even_when_it_says_all_it_can() {
    for database in both() {
        let folder = TempDir::new().unwrap();
        let all = ("RUST_LOG", "trace");
        let arguments = ["--database", &database.url];
        let service = Program::start(folder.path(), &arguments, &[all]);
        let token = ask_privately(&service);
        service.signal("TERM");
        let (status, log) = service.ended();
        assert!(status.success());
        holds_nothing_private(&log, &token);
        // And yet it tells what a person needs to find a request again.
        let answered: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .filter(|entry: &Value| entry["message"] == "answered")
            .collect();
        let trial = &answered[0];
        assert_eq!(trial["span"]["http.route"], "/v1/trials", "{trial}");
        assert_eq!(
            (&trial["span"]["http.request.method"], &trial["status"]),
            (&"POST".into(), &201.into())
        );
        assert!(trial["span"]["id"].as_str().unwrap().starts_with("req_"));
        assert!(trial["micros"].is_u64());
        assert!(
            answered
                .iter()
                .any(|entry| entry["span"]["http.route"] == "unmatched")
        );
    }
}

#[test]
fn metrics_count_by_route_and_hold_nothing_private() {
    let folder = TempDir::new().unwrap();
    let service = Program::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"], &[]);
    let token = ask_privately(&service);
    for _ in 0..5 {
        let made_up = "BREW /v1/plans HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        send(service.address, made_up);
    }
    for (line, number) in [
        (
            r#"brasskey_requests_total{method="POST",route="/v1/trials",status="2xx"}"#,
            1.0,
        ),
        (
            r#"brasskey_requests_total{method="POST",route="/v1/licence",status="4xx"}"#,
            2.0,
        ),
        (
            r#"brasskey_requests_total{method="GET",route="unmatched",status="4xx"}"#,
            2.0,
        ),
        (
            r#"brasskey_requests_total{method="other",route="/v1/plans",status="4xx"}"#,
            5.0,
        ),
        (
            r#"brasskey_request_duration_seconds_count{route="/v1/trials"}"#,
            1.0,
        ),
        ("brasskey_requests_in_flight", 0.0),
        ("brasskey_gateway_streams", 0.0),
        ("brasskey_licences_issued_total", 2.0),
    ] {
        assert_eq!(service.metric(line), Some(number), "{line}");
    }
    assert!(service.metric("brasskey_database_connections ").unwrap() >= 1.0);
    let done = r#"brasskey_work_runs_total{kind="key-set"}"#;
    wait_until("due work is done", || service.metric(done).is_some());
    assert_eq!(
        service.metric(r#"brasskey_work_failures_total{kind="key-set"}"#),
        Some(0.0)
    );
    assert!(
        service.metric(r#"brasskey_work_last_success_timestamp_seconds{kind="key-set"}"#)
            > Some(1e9)
    );
    holds_nothing_private(&get(service.metrics.unwrap(), "/metrics"), &token);
    // Not on the door that everybody reaches.
    assert!(get(service.address, "/metrics").starts_with("HTTP/1.1 404"));
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_reach_a_collector_with_the_route_and_nothing_private() {
    type Received = Arc<Mutex<Vec<Bytes>>>;
    let received = Received::default();
    let collector = Router::new()
        .route(
            "/v1/traces",
            post(async |State(received): State<Received>, body: Bytes| {
                received.lock().unwrap().push(body);
            }),
        )
        .with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, collector).await.unwrap() });

    // The trace that whoever asks says it belongs to, and whether that is a proxy that the service knows.
    let of_proxy = "0af7651916cd43dd8448eb211c80319c";
    let of_stranger = "4bf92f3577b34da6a3ce929d0e0e4736";
    let token = tokio::task::spawn_blocking(move || {
        let folder = TempDir::new().unwrap();
        let traces = format!("http://{address}");
        let asked = |service: &Program, trace: &str| {
            let head = format!(
                "GET /v1/plans HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntraceparent: 00-{trace}-b7ad6b7169203331-01\r\n\r\n"
            );
            assert!(send(service.address, &head).starts_with("HTTP/1.1 200"));
        };
        let behind = ("BRASSKEY_PLATFORM_BEHIND_PROXY", "the test");
        let service = Program::start(folder.path(), &["--traces", &traces], &[behind]);
        asked(&service, of_proxy);
        service.signal("TERM");
        assert!(service.ended().0.success());
        let service = Program::start(folder.path(), &["--traces", &traces], &[]);
        asked(&service, of_stranger);
        let token = ask_privately(&service);
        service.signal("TERM");
        let (status, log) = service.ended();
        assert!(
            status.success() && !log.contains("could not be sent"),
            "{log}"
        );
        token
    })
    .await
    .unwrap();

    let batches = received.lock().unwrap().clone();
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for batch in batches {
        holds_nothing_private(&String::from_utf8_lossy(&batch), &token);
        let request = ExportTraceServiceRequest::decode(batch).unwrap();
        for resource in request.resource_spans {
            let about = format!("{:?}", resource.resource);
            assert!(about.contains("brasskey-platform"), "{about}");
            let spans = resource
                .scope_spans
                .into_iter()
                .flat_map(|scope| scope.spans);
            for span in spans {
                let attributes = format!("{:?}", span.attributes);
                assert!(attributes.contains("http.route"), "{attributes}");
                assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
                names.push(span.name);
                let id = span.trace_id.iter().map(|byte| format!("{byte:02x}"));
                ids.push(id.collect::<String>());
            }
        }
    }
    for name in [
        "POST /v1/trials",
        "POST /v1/licence",
        "GET unmatched",
        "GET /v1/plans",
    ] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    assert!(ids.iter().any(|id| id == of_proxy), "{ids:?}");
    assert!(ids.iter().all(|id| id != of_stranger), "{ids:?}");
}
