//! What providers echo comes out without keys.

use brasskey_providers::Provider;
use brasskey_providers::{Reply, classify, guess, last_four, redact};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[test]
fn known_forms_are_cut_without_knowing_the_key() {
    for key in [
        "sk-proj-abcdefghijklmnop1234",
        "sk-ant-api03-abcdefghijklmnop1234",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "AIzaSyEXAMPLEEXAMPLEEXAMPLEEXAMPLE1234",
        "AQ.Ab8RN6abcdefghijklmnopqrstu",
        "gsk_abcdefghijklmnopqrstuvwxyz",
        "xai-abcdefghijklmnopqrstuvwxyz",
        "pplx-abcdefghijklmnopqrstuvwxyz",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ] {
        for around in [
            format!("Consumer 'api_key:{key}' has been suspended"),
            format!("Incorrect API key provided: {key}. You can"),
            key.to_owned(),
        ] {
            let clean = redact(&around, None);
            assert!(!clean.contains(&key[..12]), "{clean}");
            assert!(clean.contains("[redacted]"), "{clean}");
        }
    }
    for (text, leaked) in [
        (
            "Authorization: Bearer abcdef123456 was refused",
            "abcdef123456",
        ),
        ("GET /v1/models?key=short&alt=sse", "short"),
        ("x-api-key: whatever1", "whatever1"),
        ("sk-proj-************7QeA is wrong", "7QeA"),
        ("Your api key: ****3f2a is invalid", "3f2a"),
        ("provided: xa***Zz. You", "Zz"),
    ] {
        assert!(!redact(text, None).contains(leaked), "{text}");
    }
}

#[test]
fn ordinary_words_stay() {
    for text in [
        "The model `gpt-6.1-sol` does not exist or you do not have access to it.",
        "Send it in an Authorization header using Bearer auth.",
        "Rate limit reached for openai/gpt-oss-120b in organization org_EXAMPLE: Limit 8000, Used 7512.",
        "task-oriented requests are risk-free",
        "",
    ] {
        assert_eq!(redact(text, None), text);
    }
}

proptest! {
    #[test]
    fn a_known_key_never_survives_nor_does_a_fragment_of_it(
        key in "[A-Za-z0-9_.-]{12,80}",
        before in "\\PC{0,60}",
        after in "\\PC{0,60}",
        from in 0..40_usize,
    ) {
        let fragment = &key[from.min(key.len() - 12)..];
        for echoed in [key.as_str(), fragment] {
            let clean = redact(&format!("{before}{echoed}{after}"), Some(&secret(&key)));
            for at in 0..=key.len() - 12 {
                prop_assert!(!clean.contains(&key[at..at + 12]), "{clean}");
            }
        }
    }

    #[test]
    fn any_text_is_redacted_without_panic(text in "\\PC{0,300}", key in "\\PC{0,40}") {
        redact(&text, Some(&secret(&key)));
    }
}

#[test]
fn no_recorded_refusal_keeps_a_key() {
    let path = format!("{}/fixtures/errors.json", env!("CARGO_MANIFEST_DIR"));
    let refusals: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut echoes = 0;
    for refusal in &refusals {
        let body = refusal["body"].to_string();
        echoes += usize::from(body.contains("AIza") || body.contains("***"));
        let status = u16::try_from(refusal["status"].as_u64().unwrap()).unwrap();
        let failure = classify(
            &Reply {
                status,
                headers: &[],
                body: body.as_bytes(),
            },
            "h",
            None,
        );
        let kept = serde_json::to_string(&failure).unwrap();
        assert!(!kept.contains("AIza") && !kept.contains("**"), "{kept}");
    }
    assert!(echoes >= 3, "the fixtures do echo keys");
}

#[test]
fn an_echoed_key_is_cut_from_every_field() {
    let key = secret("plain-key-without-any-known-form-0042");
    let echo = "plain-key-without-any-known-form-0042";
    let body = json!({"error": {"message": format!("bad {echo}. Missing scopes: a.{echo}"), "code": echo, "type": echo}});
    let body = body.to_string();
    let headers = [("x-request-id", echo)];
    let reply = Reply {
        status: 401,
        headers: &headers,
        body: body.as_bytes(),
    };
    let failure = classify(&reply, "h", Some(&key));
    let kept = format!(
        "{failure:?} {failure} {}",
        serde_json::to_string(&failure).unwrap()
    );
    assert!(!kept.contains("known-form"), "{kept}");
    assert!(failure.message.unwrap().contains("[redacted]"));
}

#[test]
fn the_last_four_characters_identify_a_key_but_not_a_short_one() {
    assert_eq!(last_four(&secret("sk-proj-abcdefgh7QeA")), "7QeA");
    assert_eq!(last_four(&secret("abc")), "");
    assert_eq!(last_four(&secret("schlüssel-ä€ß😀")), "ä€ß😀");
}

#[test]
fn a_key_suggests_its_provider() {
    for (key, provider) in [
        ("sk-proj-abc", Some(Provider::OpenAi)),
        (
            "sk-abcdefghijklmnopqrstuvwxyzABCDEF",
            Some(Provider::OpenAi),
        ),
        ("  sk-ant-api03-abc\n", Some(Provider::Anthropic)),
        ("sk-or-v1-abc", Some(Provider::OpenRouter)),
        ("AQ.abc", Some(Provider::Gemini)),
        ("AIzaabc", Some(Provider::Gemini)),
        ("gsk_abc", Some(Provider::Groq)),
        ("xai-abc", Some(Provider::Xai)),
        ("ABSKabc", Some(Provider::Bedrock)),
        (
            "sk-0123456789abcdef0123456789abcdef",
            Some(Provider::DeepSeek),
        ),
        ("hello", None),
        ("", None),
    ] {
        assert_eq!(guess(&secret(key)), provider, "{key}");
    }
}
