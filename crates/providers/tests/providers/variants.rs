//! Refusals are read by their documented shapes, and not by the fixtures: members in another order, other words around the key
//! phrase, unknown members and other spellings of headers change nothing.

use brasskey_providers::{Reply, classify};
use serde_json::{Map, Value, json};

fn fixture(name: &str) -> Vec<Value> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Cause and retry of a body, with these headers.
fn told(status: &Value, headers: &[(String, String)], body: &[u8]) -> (String, Value) {
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let reply = Reply {
        status: u16::try_from(status.as_u64().unwrap()).unwrap(),
        headers: &headers,
        body,
    };
    let failure = classify(&reply, "api.example", None);
    let retry = serde_json::to_value(failure.retry).unwrap();
    (failure.cause.as_str().to_owned(), retry)
}

/// The JSON text with its members the other way round, all the way down.
fn reversed(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            text.push_str("{ ");
            for (at, (name, value)) in members.iter().rev().enumerate() {
                text.push_str(if at == 0 { "" } else { " ,\n" });
                text.push_str(&format!("{} : ", Value::from(name.as_str())));
                reversed(value, text);
            }
            text.push_str(" }");
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                reversed(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// With members that nobody has heard of.
fn with_more(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut more = Map::new();
            more.insert("aaa_new".to_owned(), json!({ "nested": [1, null, "text"] }));
            for (name, value) in members {
                more.insert(name.clone(), with_more(value));
            }
            more.insert("zzz_new".to_owned(), json!(["more"]));
            Value::Object(more)
        }
        other => other.clone(),
    }
}

/// The places in which the shapes have their prose.
const PROSE: &[&str] = &["/error/message", "/message", "/Message", "/error"];

/// With other words around what is said.
fn reworded(body: &Value, rewording: fn(&str) -> String) -> Value {
    let mut body = body.clone();
    for place in PROSE {
        if let Some(Value::String(text)) = body.pointer_mut(place) {
            *text = rewording(text);
        }
    }
    body
}

#[test]
fn the_form_of_a_refusal_changes_nothing() {
    let notes = fixture("errors_notes.json");
    let mut wrong = Vec::new();
    for (refusal, note) in fixture("errors.json").iter().zip(&notes) {
        let expected = (
            note["class"].as_str().unwrap().to_owned(),
            note["retry"].clone(),
        );
        let headers: Vec<(String, String)> = refusal["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let loud: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_uppercase(), value.clone()))
            .chain([("X-Unheard-Of".to_owned(), "1".to_owned())])
            .collect();
        let body = &refusal["body"];
        let mut variants = vec![("loud headers", body.to_string())];
        if body.is_object() {
            let mut text = String::new();
            reversed(body, &mut text);
            variants.push(("reversed", text));
            variants.push(("with more members", with_more(body).to_string()));
            variants.push(("in a list", json!([body]).to_string()));
            variants.push((
                "with words around",
                reworded(body, |text| {
                    format!("We are sorry. {text} (See our documentation.)")
                })
                .to_string(),
            ));
            variants.push(("in capitals", reworded(body, str::to_uppercase).to_string()));
        } else {
            variants[0].1 = body.as_str().unwrap().to_owned();
        }
        for (what, text) in variants {
            // Delays in words are lost in capitals; they decide nothing here.
            let found = told(&refusal["status"], &loud, text.as_bytes());
            // The edge's whole message is its mark: it has no code, and "not allowed" is said of many things.
            let is_the_edge = note["provider"] == "anthropic"
                && note["situation"] == "region_unsupported"
                && what == "with words around";
            if found != expected && !is_the_edge {
                wrong.push(format!("{note} {what}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_machine_code_decides_whatever_is_said() {
    let said = "Something else entirely.";
    for (status, body, cause) in [
        (
            401,
            json!({"error": {"message": said, "code": "invalid_api_key"}}),
            "key_invalid",
        ),
        (
            401,
            json!({"error": {"message": said, "code": "mismatched_project"}}),
            "org_mismatch",
        ),
        (
            403,
            json!({"error": {"message": said, "code": "missing_scope"}}),
            "permission_missing",
        ),
        (
            429,
            json!({"error": {"message": said, "code": "project_spend_limit_exceeded", "type": "insufficient_quota"}}),
            "spend_limit",
        ),
        (
            429,
            json!({"error": {"message": said, "code": "billing_not_active", "type": "billing_not_active"}}),
            "billing_problem",
        ),
        (
            503,
            json!({"error": {"message": said, "code": "slow_down"}}),
            "rate_limited",
        ),
        (
            400,
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": said, "details": {"error_code": "organization_on_hold"}}}),
            "account_disabled",
        ),
        (
            429,
            json!({"type": "error", "error": {"type": "rate_limit_error", "message": said, "details": {"error_code": "contract_spend_limit_reached"}}}),
            "usage_limit",
        ),
        (
            402,
            json!({"type": "error", "error": {"type": "billing_error", "message": said, "details": {"error_code": "linked_organization_spend_limit_reached"}}}),
            "spend_limit",
        ),
        (
            403,
            json!({"type": "error", "error": {"type": "permission_error", "message": said, "details": {"error_code": "api_key_scope_missing"}}}),
            "permission_missing",
        ),
        (
            429,
            json!({"type": "error", "error": {"type": "rate_limit_error", "message": said, "details": {"error_code": "a_code_of_tomorrow"}}}),
            "rate_limited",
        ),
        (
            413,
            json!({"type": "error", "error": {"type": "request_too_large", "message": said}}),
            "payload_too_large",
        ),
        (
            400,
            json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": said, "details": [{"@type": "x", "reason": "API_KEY_INVALID"}]}}),
            "key_invalid",
        ),
        (
            403,
            json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": said, "details": [{"@type": "x", "reason": "API_KEY_IP_ADDRESS_BLOCKED"}]}}),
            "ip_not_allowed",
        ),
        (
            402,
            json!({"error": {"code": 402, "status": "RESOURCE_EXHAUSTED", "message": said}}),
            "out_of_credit",
        ),
        (
            504,
            json!({"error": {"code": 504, "status": "DEADLINE_EXCEEDED", "message": said}}),
            "timeout",
        ),
        (
            402,
            json!({"error": {"code": 402, "message": said, "metadata": {"limit_source": "openrouter_credits"}}}),
            "out_of_credit",
        ),
        (
            403,
            json!({"error": {"code": 403, "message": said, "metadata": {"error_type": "content_policy_violation"}}}),
            "content_blocked",
        ),
        (
            400,
            json!({"error": {"message": said, "error_type": "context_length_exceeded", "http_status": 400}}),
            "context_too_long",
        ),
        (
            404,
            json!({"error": {"message": said, "availability": {"code": "region_restricted"}}}),
            "region_unsupported",
        ),
        (
            498,
            json!({"error": {"message": said, "type": "capacity_exceeded"}}),
            "overloaded",
        ),
        (424, json!({"error": {"message": said}}), "server_error"),
        (529, json!({}), "overloaded"),
        (451, json!({"error": said}), "region_unsupported"),
    ] {
        let found = told(&json!(status), &[], body.to_string().as_bytes());
        assert_eq!(found.0, cause, "{status} {body}");
    }
}

#[test]
fn a_refusal_that_is_written_as_an_event_is_read() {
    let body = "event: error\ndata: {\"error\": {\"message\": \"m\", \"code\": \"invalid_api_key\"}}\n\ndata: [DONE]\n\n";
    assert_eq!(told(&json!(500), &[], body.as_bytes()).0, "key_invalid");
    assert_eq!(
        told(&json!(500), &[], b"data: nothing\n\n").0,
        "server_error"
    );
}

#[test]
fn key_phrases_decide_where_there_is_no_code() {
    for (status, body, cause) in [
        (
            400,
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "You have reached your specified workspace API usage limits until the 1st."}}),
            "spend_limit",
        ),
        (
            403,
            json!({"error": {"code": 403, "message": "This API key was reported as leaked.", "status": "PERMISSION_DENIED"}}),
            "key_disabled",
        ),
        (
            403,
            json!({"code": "The caller does not have permission", "error": "Your team has used all available credits."}),
            "out_of_credit",
        ),
        (
            429,
            json!({"code": "Some resource has been exhausted", "error": "Too many requests per minute."}),
            "rate_limited",
        ),
        (
            200,
            json!({"code": "The service is currently unavailable", "error": "Try later."}),
            "overloaded",
        ),
        (
            402,
            json!({"message": "Please add a payment method to continue."}),
            "billing_problem",
        ),
        (
            402,
            json!({"message": "Maximum billing reached for this month."}),
            "spend_limit",
        ),
        (
            401,
            json!({"id": "1", "message": "invalid api token"}),
            "key_invalid",
        ),
        (
            401,
            json!({"id": "1", "message": "api token has expired"}),
            "key_expired",
        ),
        (
            402,
            json!({"error": {"message": "Insufficient Balance"}}),
            "out_of_credit",
        ),
        (
            413,
            json!({"error": {"message": "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000"}}),
            "request_too_large_for_limit",
        ),
        (
            429,
            json!({"error": {"message": "Limit reached on requests per day (RPD): try again in 3h2m"}}),
            "daily_quota",
        ),
        (
            422,
            json!({"error": {"message": "`inputs` tokens + `max_new_tokens` must be <= 8192"}}),
            "context_too_long",
        ),
        (
            400,
            json!({"error": {"message": "This model's maximum context length is 8192 tokens."}}),
            "context_too_long",
        ),
        (
            400,
            json!({"message": "too many tokens: total number of tokens in the prompt exceeds 4096"}),
            "context_too_long",
        ),
        (
            429,
            json!({"message": "Too many tokens, please wait before trying again."}),
            "rate_limited",
        ),
        (
            403,
            json!({"error": {"code": "403", "message": "Access denied due to Virtual Network/Firewall rules."}}),
            "ip_not_allowed",
        ),
        (
            400,
            json!({"error": {"message": "The model `nova` does not exist"}}),
            "model_unavailable",
        ),
        (
            412,
            json!({"error": {"message": "Account x is suspended, possibly due to an unpaid invoice"}}),
            "account_disabled",
        ),
        (
            404,
            json!({"error": "model \"llama9\" not found, try pulling it first"}),
            "model_unavailable",
        ),
        (401, json!({"error": "Unauthorized"}), "key_invalid"),
        (
            400,
            json!({"error": {"message": "Invalid model name passed in model=nova. Call `/v1/models`."}}),
            "model_unavailable",
        ),
        (500, json!("nothing that is known"), "server_error"),
        (
            400,
            json!({"error": {"message": "Unknown parameter: 'foo'."}}),
            "bad_request",
        ),
    ] {
        let found = told(&json!(status), &[], body.to_string().as_bytes());
        assert_eq!(found.0, cause, "{status} {body}");
    }
}
