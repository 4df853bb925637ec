//! A provider's refusal, with the key in any place of it: it becomes a failure that holds no part of the key and is bounded.

use brasskey_providers::{Reply, classify};
use secrecy::SecretString;

/// A key that no provider gave.
const KEY: &str = "sk-proj-CANARY7Qw9ErTyUiOpAsDfGhJkLzXcVbNm0123456789";
/// So much of a key is a leak.
const LEAK: usize = 12;

pub(crate) fn check(input: &[u8]) {
    let [high, low, place, with, rest @ ..] = input else {
        return;
    };
    let status = u16::from_be_bytes([*high, *low]) % 1000;
    let split = |at: u8| rest.len() * usize::from(at) / 256;
    let (head, body) = rest.split_at(split(*with));
    let at = body.len() * usize::from(*place) / 256;
    let (before, after) = body.split_at(at);
    let body = [before, KEY.as_bytes(), after].concat();
    let head = String::from_utf8_lossy(head);
    let echoed = format!("{head}{KEY}");
    let headers = [
        ("x-request-id", echoed.as_str()),
        ("retry-after", &head),
        ("content-type", "application/json"),
    ];
    let reply = Reply {
        status,
        headers: &headers,
        body: &body,
    };
    let secret = SecretString::from(KEY);
    let failure = classify(&reply, "api.example.com", Some(&secret));
    let told = format!("{failure:?} {failure}");
    for part in KEY.as_bytes().windows(LEAK) {
        let part = String::from_utf8_lossy(part);
        assert!(!told.contains(&*part), "{part} is in {told}");
    }
    let characters = failure.message.as_deref().unwrap_or("").chars().count();
    assert!(characters <= 501, "{characters} characters of a message");
    assert!(
        failure.scopes.len() <= 100,
        "{} scopes",
        failure.scopes.len()
    );
}
