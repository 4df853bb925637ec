//! Requests that are done once, whatever the client sends again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response as Answer};
use brasskey_platform::settings::Settings;
use brasskey_platform::{Service, idempotent};
use jiff::SignedDuration;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

use crate::databases::both;
use crate::served::{Served, code, header};

/// A change that counts how often it was made.
#[derive(Clone)]
struct Changes {
    made: Arc<AtomicU32>,
    /// Each change waits for one of these.
    may_end: Arc<Semaphore>,
}

impl Changes {
    fn new(may_end: usize) -> Self {
        Self {
            made: Arc::default(),
            may_end: Arc::new(Semaphore::new(may_end)),
        }
    }

    fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }

    fn routes(&self) -> OpenApiRouter<Service> {
        let changes = OpenApiRouter::<Changes>::new()
            .route("/v1/changes", axum::routing::post(change))
            .with_state(self.clone());
        idempotent(changes)
    }
}

async fn change(State(changes): State<Changes>, Json(asked): Json<Value>) -> Answer {
    let number = changes.made.fetch_add(1, Ordering::SeqCst) + 1;
    changes.may_end.acquire().await.unwrap().forget();
    match asked["answer"].as_str() {
        Some("fails") => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some("waits") => (StatusCode::ACCEPTED, Json(json!({"state": "pending"}))).into_response(),
        Some("refuses") => (StatusCode::CONFLICT, "no").into_response(),
        Some("shows a credential") => format!("bkd_{}", "0".repeat(64)).into_response(),
        _ => (StatusCode::CREATED, Json(json!({"number": number}))).into_response(),
    }
}

async fn ask(service: &Served, bearer: &str, key: &str, answer: &str) -> Response {
    let headers = [("authorization", bearer), ("idempotency-key", key)];
    let body = json!({"answer": answer});
    service
        .send(Method::POST, "/v1/changes", &headers, Some(&body))
        .await
}

#[tokio::test]
async fn the_same_request_is_answered_as_the_first_time_and_done_once() {
    for database in both() {
        let changes = Changes::new(100);
        let service = Served::start(&database.url, &Settings::default(), changes.routes()).await;
        let bearer = service.device("dev_1").await;
        let other = service.device("dev_2").await;
        for _ in 0..3 {
            let first_or_again = ask(&service, &bearer, "k1", "ok").await;
            assert_eq!(first_or_again.status(), 201);
            let is_replay = header(&first_or_again, "idempotent-replayed") == "true";
            assert_eq!(header(&first_or_again, "content-type"), "application/json");
            let body: Value = first_or_again.json().await.unwrap();
            assert_eq!(
                (body, changes.made()),
                (json!({"number": 1}), 1),
                "replay: {is_replay}"
            );
        }
        // What is refused, or only under way, may be another time.
        for (key, answer, status, made) in [("k2", "refuses", 409, 3), ("k3", "waits", 202, 5)] {
            for _ in 0..2 {
                let given = ask(&service, &bearer, key, answer).await;
                assert_eq!(header(&given, "idempotent-replayed"), "");
                assert_eq!(given.status().as_u16(), status);
            }
            assert_eq!(changes.made(), made);
        }
        for (key, other) in [("k1", "refuses"), ("k2", "ok"), ("k3", "ok")] {
            let mismatch = ask(&service, &bearer, key, other).await;
            assert_eq!(mismatch.status(), 422);
            assert_eq!(code(mismatch).await, "idempotency-mismatch");
        }
        // Another account's key is another key.
        assert_eq!(ask(&service, &other, "k1", "refuses").await.status(), 409);
        assert_eq!(changes.made(), 6);
        // After a day the key is free again.
        service.clock.advance(SignedDuration::from_hours(24));
        service.service.do_due_work().await;
        assert_eq!(ask(&service, &bearer, "k1", "refuses").await.status(), 409);
        assert_eq!(changes.made(), 7);
    }
}

#[tokio::test]
async fn a_failure_of_ours_and_an_answer_with_a_credential_are_not_kept() {
    for database in both() {
        let changes = Changes::new(100);
        let service = Served::start(&database.url, &Settings::default(), changes.routes()).await;
        let bearer = service.device("dev_1").await;
        for (key, answer) in [("k1", "fails"), ("k2", "shows a credential")] {
            let before = changes.made();
            for _ in 0..2 {
                let given = ask(&service, &bearer, key, answer).await;
                assert_eq!(header(&given, "idempotent-replayed"), "");
            }
            assert_eq!(changes.made(), before + 2, "{answer}");
        }
    }
}

#[tokio::test]
async fn while_it_runs_the_same_request_is_told_to_wait_and_one_whose_client_left_goes_on() {
    for database in both() {
        let changes = Changes::new(0);
        let service = Served::start(&database.url, &Settings::default(), changes.routes()).await;
        let bearer = service.device("dev_1").await;
        {
            let first = ask(&service, &bearer, "k1", "ok");
            let mut first = std::pin::pin!(first);
            while changes.made() == 0 {
                let turn = tokio::time::sleep(std::time::Duration::from_millis(5));
                tokio::select! {
                    _ = first.as_mut() => panic!("it waits"),
                    () = turn => {}
                }
            }
            let again = ask(&service, &bearer, "k1", "ok").await;
            assert_eq!(again.status(), 409);
            assert_eq!(header(&again, "retry-after"), "5");
            assert_eq!(code(again).await, "request-in-progress");
            // The client leaves: its connection closes here.
        }
        changes.may_end.add_permits(1);
        let answer = loop {
            let answer = ask(&service, &bearer, "k1", "ok").await;
            if answer.status() != 409 {
                break answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        assert_eq!(header(&answer, "idempotent-replayed"), "true");
        assert_eq!((answer.status().as_u16(), changes.made()), (201, 1));
    }
}

#[tokio::test]
async fn after_a_crash_the_request_may_be_sent_again_when_its_lease_is_over() {
    for database in both() {
        let died = Changes::new(0);
        let service = Served::start(&database.url, &Settings::default(), died.routes()).await;
        let bearer = service.device("dev_1").await;
        // It never ends: as far as the database knows, the process that ran it is gone.
        tokio::select! {
            _ = ask(&service, &bearer, "k1", "ok") => panic!("it waits"),
            () = async { while died.made() == 0 { tokio::time::sleep(std::time::Duration::from_millis(5)).await; } } => {}
        }
        let lives = Changes::new(1);
        let next = service.beside(&database.url, lives.routes()).await;
        next.clock.advance(SignedDuration::from_secs(30));
        assert_eq!(ask(&next, &bearer, "k1", "ok").await.status(), 409);
        next.clock.advance(SignedDuration::from_secs(31));
        let answer = ask(&next, &bearer, "k1", "ok").await;
        assert_eq!((answer.status().as_u16(), lives.made()), (201, 1));
    }
}

#[tokio::test]
async fn without_a_key_or_a_credential_nothing_is_done() {
    let [sqlite, _] = both();
    let changes = Changes::new(100);
    let service = Served::start(&sqlite.url, &Settings::default(), changes.routes()).await;
    let bearer = service.device("dev_1").await;
    let body = json!({});
    let path = "/v1/changes";
    let without_key = [("authorization", &*bearer)];
    let refused = service
        .send(Method::POST, path, &without_key, Some(&body))
        .await;
    assert_eq!(code(refused).await, "invalid-request");
    let refused = service
        .send(Method::POST, path, &[("idempotency-key", "k")], Some(&body))
        .await;
    assert_eq!(code(refused).await, "unauthenticated");
    assert_eq!(
        ask(&service, &bearer, "k", &"x".repeat(70_000))
            .await
            .status(),
        413
    );
    assert_eq!(changes.made(), 0);
}
