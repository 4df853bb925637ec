//! The provider's key stays between gateway and provider.

use brasskey_gateway::Ending;
use brasskey_providers::Origin;

use crate::authority::{KEY, NEXT_KEY};
use crate::client::Got;
use crate::rig::{ALL, CHAT, GEMINI, Line, dollars, rig};
use crate::upstream::{Answer, Asked};

fn assert_keyless(got: &Got) {
    let seen = format!("{:?} {}", got.headers, String::from_utf8_lossy(&got.body));
    for key in [KEY, NEXT_KEY] {
        for part in key.as_bytes().windows(12) {
            let part = std::str::from_utf8(part).unwrap();
            // What all keys begin with is no secret.
            assert!(
                part.starts_with("sk-proj") || !seen.contains(part),
                "{seen}"
            );
        }
    }
}

fn has_key(line: &Line, asked: &Asked, key: &str) -> bool {
    asked.header(line.key_header) == Some(line.key_value(key).as_str())
}

#[tokio::test]
async fn a_key_that_a_refusal_repeats_is_cut_out_of_it() {
    for line in ALL {
        for status in [400, 403, 429, 500] {
            let body = format!(
                r#"{{"error":{{"message":"Request with {KEY} failed, see {}","code":"x"}}}}"#,
                &KEY[20..]
            );
            let rig = rig(line)
                .answering(Answer::json(status, body).with("x-debug", KEY))
                .await;
            let got = rig.ask().await;
            assert_eq!(got.status, status);
            assert_keyless(&got);
            assert!(String::from_utf8_lossy(&got.body).contains("[redacted]"));
            assert_eq!(got.json()["error"]["code"], "x");
            assert_eq!(rig.book.outcome().await.ending, Ending::Refused(status));
        }
    }
}

#[tokio::test]
async fn a_key_that_was_rotated_is_replaced_once_without_the_caller_noticing() {
    for line in ALL {
        let recorded = line.recorded();
        let rig = rig(line)
            .rules(|rules| rules.rotates = true)
            .scripted(move |asked| {
                if has_key(&line, asked, NEXT_KEY) {
                    Answer::events(&recorded, 333)
                } else {
                    Answer::json(401, r#"{"error":{"message":"Incorrect API key provided"}}"#)
                }
            })
            .await;
        let got = rig.ask().await;
        assert_eq!((got.status, &got.body[..]), (200, &line.recorded()[..]));
        let asked = rig.upstream.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].body, asked[1].body);
        assert!(has_key(&line, &asked[0], KEY) && has_key(&line, &asked[1], NEXT_KEY));
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Complete);
        assert_eq!(outcome.cost, dollars(line.cost));
    }
}

#[tokio::test]
async fn keys_that_are_refused_are_the_gateways_trouble_and_not_the_callers_token() {
    for (line, status, said) in [
        (
            CHAT,
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-proj-CANARY***eA","code":"invalid_api_key"}}"#,
        ),
        // Google says 400 to a wrong key.
        (
            GEMINI,
            400,
            r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
        ),
    ] {
        for rotates in [false, true] {
            let rig = rig(line)
                .rules(move |rules| rules.rotates = rotates)
                .answering(Answer::json(status, said))
                .await;
            let got = rig.ask().await;
            assert_eq!(got.status, 503);
            assert_eq!(got.json()["code"], "provider-key-unavailable");
            assert_keyless(&got);
            let outcome = rig.book.outcome().await;
            assert_eq!(outcome.ending, Ending::Refused(status));
            assert_eq!(rig.upstream.asked().len(), 1 + usize::from(rotates));
        }
    }
}

#[tokio::test]
async fn a_key_of_another_origin_goes_nowhere() {
    let rig = rig(CHAT)
        .rules(|rules| {
            let other: Origin = "https://api.openai.com".parse().unwrap();
            rules.origin = Some(other);
        })
        .answering(Answer::events(&CHAT.recorded(), 999))
        .await;
    let got = rig.ask().await;
    assert_eq!(got.status, 502);
    assert!(rig.upstream.asked().is_empty());
    assert_eq!(rig.book.outcome().await.ending, Ending::NotSent);
}

#[tokio::test]
async fn the_key_is_in_its_own_header_only_and_in_no_answer() {
    for line in ALL {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        assert_keyless(&rig.ask().await);
        let asked = &rig.upstream.asked()[0];
        assert!(has_key(&line, asked, KEY));
        assert_eq!(asked.head.matches(KEY).count(), 1, "{}", asked.head);
        assert!(!asked.target().contains(KEY));
    }
}
