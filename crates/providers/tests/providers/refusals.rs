//! A hundred recorded and documented refusals become the cause and the retry that are written beside them.

use std::time::Duration;

use brasskey_providers::{Cause, Failure, Reply, Retry, classify};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fixture(name: &str) -> Vec<Value> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn classified(refusal: &Value) -> Failure {
    let headers: Vec<(&str, &str)> = refusal["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let body = match &refusal["body"] {
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let reply = Reply {
        status: u16::try_from(refusal["status"].as_u64().unwrap()).unwrap(),
        headers: &headers,
        body: body.as_bytes(),
    };
    classify(&reply, "api.example", None)
}

fn said(status: u16, body: &Value) -> Failure {
    classified(&json!({"status": status, "headers": {}, "body": body}))
}

#[test]
fn every_refusal_becomes_its_cause_and_retry() {
    let refusals = fixture("errors.json");
    let notes = fixture("errors_notes.json");
    assert_eq!((refusals.len(), notes.len()), (100, 100));
    let mut wrong = Vec::new();
    for (refusal, note) in refusals.iter().zip(&notes) {
        let failure = classified(refusal);
        let retry = serde_json::to_value(failure.retry).unwrap();
        if failure.cause.as_str() != note["class"] || retry != note["retry"] {
            wrong.push(format!("{note}: {} {retry}", failure.cause));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_is_written_as_its_code() {
    for note in fixture("errors_notes.json") {
        let cause: Cause = serde_json::from_value(note["class"].clone()).unwrap();
        assert_eq!(note["class"], cause.as_str());
    }
    for cause in [Cause::Offline, Cause::StreamBroken] {
        assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
    }
}

#[test]
fn delays_come_from_the_most_exact_source() {
    let refusals = fixture("errors.json");
    let milliseconds = |index: usize| {
        let failure = classified(&refusals[index]);
        failure.retry_after.map(|delay| delay.as_millis())
    };
    for (index, expected) in [
        (9, Some(120)),    // retry-after-ms before retry-after
        (10, Some(4_000)), // retry-after before "try again in"
        (29, Some(23_000)),
        (48, Some(21_400)), // RetryInfo
        (49, None),         // a quota of the day with a misleading delay of seconds
        (50, None),         // no quota at all: waiting does not help
        (60, Some(7_000)),
        (73, Some(1_218_000)),
        (91, Some(26_000)),
    ] {
        assert_eq!(milliseconds(index), expected, "refusal {index}");
    }
}

#[test]
fn delays_in_words_and_dates_are_read() {
    let delay = |headers: Value, message: &str| {
        let body = json!({"error": {"message": message, "code": "rate_limit_exceeded"}});
        classified(&json!({"status": 429, "headers": headers, "body": body})).retry_after
    };
    let words = |message: &str| delay(json!({}), message);
    assert_eq!(
        words("Please try again in 120ms."),
        Some(Duration::from_millis(120))
    );
    assert_eq!(
        words("Try again in 1m38.5s."),
        Some(Duration::from_millis(98_500))
    );
    assert_eq!(
        words("Please retry after 26 seconds."),
        Some(Duration::from_secs(26))
    );
    assert_eq!(words("Please try again in a while."), None);
    assert_eq!(words("try again in 9999999999999999999999h"), None);
    let date = json!({"date": "Mon, 23 Nov 2026 09:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 09:00:40 GMT"});
    assert_eq!(delay(date, ""), Some(Duration::from_secs(40)));
    for nonsense in ["-3", "soon", "NaN", "inf", "1e300"] {
        assert_eq!(
            delay(json!({"retry-after": nonsense}), ""),
            None,
            "{nonsense}"
        );
    }
}

#[test]
fn a_wait_of_more_than_five_minutes_is_told_instead() {
    let retry = |seconds: &str| {
        let body = json!({"error": {"message": "", "code": "rate_limit_exceeded"}});
        classified(&json!({"status": 429, "headers": {"retry-after": seconds}, "body": body})).retry
    };
    assert_eq!(retry("300"), Retry::AfterDelay);
    assert_eq!(retry("301"), Retry::AfterReset);
}

#[test]
fn a_provider_may_forbid_a_retry_but_not_ask_for_one_that_costs() {
    let retry = |status: u16, word: &str, code: &str| {
        let body = json!({"error": {"message": "m", "code": code}});
        classified(&json!({"status": status, "headers": {"x-should-retry": word}, "body": body}))
            .retry
    };
    assert_eq!(retry(500, "false", "server_error"), Retry::Never);
    assert_eq!(retry(429, "true", "insufficient_quota"), Retry::Never);
    assert_eq!(retry(401, "true", "invalid_api_key"), Retry::Never);
    assert_eq!(retry(503, "true", "server_is_overloaded"), Retry::Backoff);
}

#[test]
fn missing_permissions_are_named() {
    let openai = "You have insufficient permissions for this operation. Missing scopes: api.responses.write, \
                  api.model.read. Check your role.";
    let failure = said(401, &json!({"error": {"message": openai}}));
    assert_eq!(failure.scopes, ["api.responses.write", "api.model.read"]);
    let refusals = fixture("errors.json");
    assert_eq!(
        classified(&refusals[93]).scopes,
        ["bedrock:InvokeModelWithResponseStream"]
    );
    assert_eq!(
        classified(&refusals[95]).scopes,
        ["aiplatform.endpoints.predict"]
    );
}

#[test]
fn request_identifiers_are_kept_from_header_and_body() {
    let refusals = fixture("errors.json");
    let id = |index: usize| classified(&refusals[index]).request_id;
    assert_eq!(id(0).as_deref(), Some("req_0f5e000000000000000000000001"));
    assert_eq!(id(21).as_deref(), Some("req_011Ex000000000000000001"));
    let body_only = json!({"type": "error", "error": {"type": "api_error", "message": "m"}, "request_id": "req_7"});
    assert_eq!(said(500, &body_only).request_id.as_deref(), Some("req_7"));
}

#[test]
fn shapes_that_the_fixtures_lack_are_read_too() {
    let cause = |status: u16, body: Value| said(status, &body).cause;
    // A Google error in an array, as sent where no SSE was asked for.
    let google = json!([{"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}]);
    assert_eq!(cause(503, google), Cause::Overloaded);
    // Inside a stream that began with 200 the error names its own status.
    let routed = json!({"error": {"code": 402, "message": "m", "metadata": {}}});
    assert_eq!(cause(200, routed), Cause::OutOfCredit);
    let flat =
        json!({"type": "error", "code": "insufficient_quota", "message": "m", "param": null});
    assert_eq!(cause(200, flat), Cause::OutOfCredit);
    // Mistral's list of details, Ollama's plain text, a validation error.
    assert_eq!(
        cause(422, json!({"detail": [{"msg": "Field required"}]})),
        Cause::BadRequest
    );
    assert_eq!(
        cause(404, json!({"error": "model 'x' not found"})),
        Cause::ModelUnavailable
    );
    // xAI's percent-encoded message.
    let encoded = "Your%20team%20has%20used%20all%20available%20credits";
    let failure = said(403, &json!({"code": "x", "error": encoded}));
    assert_eq!(failure.cause, Cause::OutOfCredit);
    assert_eq!(
        failure.message.as_deref(),
        Some("Your team has used all available credits")
    );
    // Statuses of which only the number is known.
    for (status, expected) in [
        (407, Cause::ProxyOrNetwork),
        (408, Cause::Timeout),
        (413, Cause::PayloadTooLarge),
        (451, Cause::RegionUnsupported),
        (498, Cause::Overloaded),
        (524, Cause::Timeout),
        (599, Cause::ServerError),
    ] {
        assert_eq!(cause(status, json!({})), expected, "{status}");
    }
}

#[test]
fn pages_of_proxies_are_not_taken_for_the_provider() {
    let page = json!("<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>");
    for status in [200, 302, 403, 404, 502] {
        assert_eq!(said(status, &page).cause, Cause::ProxyOrNetwork, "{status}");
        assert_eq!(said(status, &page).message, None);
    }
}

proptest! {
    #[test]
    fn any_reply_is_classified_within_bounds(
        status in 0..1000_u16,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..2000),
            "\\PC{0,900}".prop_map(|message| {
                json!({"error": {"message": message, "code": message, "type": message}}).to_string().into_bytes()
            }),
        ],
        header in "[ -~]{0,40}",
    ) {
        let headers = [("retry-after", header.as_str()), ("x-request-id", header.as_str())];
        let failure = classify(&Reply { status, headers: &headers, body: &body }, "h", None);
        prop_assert!(failure.message.iter().all(|text| text.chars().count() <= 500));
        prop_assert!(failure.message.iter().all(|text| !text.contains(char::is_control)));
        prop_assert!(failure.provider_code.iter().all(|text| text.chars().count() <= 120));
    }
}

#[test]
fn a_failure_survives_being_stored() {
    for refusal in fixture("errors.json") {
        let failure = classified(&refusal);
        let stored = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<Failure>(&stored).unwrap(), failure);
    }
}
