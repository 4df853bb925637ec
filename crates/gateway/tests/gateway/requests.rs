//! Requests go up as they came, with nothing of the caller's but what the provider needs.

use axum::body::Body;
use axum::http::Request;
use brasskey_gateway::Ending;
use sha2::{Digest, Sha256};

use crate::authority::{KEY, TOKEN};
use crate::client::send;
use crate::rig::{ALL, CHAT, GEMINI, Line, MESSAGES, RESPONSES, rig};
use crate::upstream::Answer;

#[tokio::test]
async fn a_body_goes_up_byte_for_byte_and_the_authority_hears_what_it_asks_for() {
    for line in ALL {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        rig.ask().await;
        let asked = rig.upstream.asked();
        assert_eq!(asked[0].body, line.request.as_bytes());
        assert_eq!(asked[0].target(), line.target);
        let call = &rig.book.calls()[0];
        assert_eq!((call.protocol, &*call.model), (line.protocol, line.model));
        assert_eq!(call.most_input, line.request.len() as u64);
        assert_eq!(call.digest, <[u8; 32]>::from(Sha256::digest(line.request)));
        let most = (line.protocol == MESSAGES.protocol).then_some(9000);
        assert_eq!(call.most_output, most);
    }
}

#[tokio::test]
async fn a_chat_stream_that_does_not_ask_for_its_usage_is_made_to() {
    let asks = r#""stream_options":{"include_usage":true}"#;
    for (sent, goes_up) in [
        (
            r#" {"model":"gpt-6.1-sol" ,"stream":true}"#,
            format!(r#" {{{asks},"model":"gpt-6.1-sol" ,"stream":true}}"#),
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":false,"include_obfuscation":false},"x":[1.0]}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true},"x":[1.0]}"#.to_owned(),
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":null}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#.to_owned(),
        ),
        // Nothing to ask for, or asked for already.
        (r#"{"model":"m"}"#, r#"{"model":"m"}"#.to_owned()),
        (
            r#"{"model":"m","stream":true,"stream_options": { "include_usage" : true } }"#,
            r#"{"model":"m","stream":true,"stream_options": { "include_usage" : true } }"#.to_owned(),
        ),
    ] {
        let rig = rig(CHAT)
            .answering(Answer::events(&CHAT.recorded(), 999))
            .await;
        let got = rig.ask_with(sent).await;
        assert_eq!(got.body, CHAT.recorded());
        let asked = rig.upstream.asked();
        assert_eq!(String::from_utf8_lossy(&asked[0].body), goes_up);
        assert!(!rig.book.outcome().await.is_estimated);
    }
}

#[tokio::test]
async fn output_limits_count_for_all_answers_that_a_call_asks_for() {
    for (line, body, most) in [
        (
            CHAT,
            r#"{"model":"m","max_completion_tokens":70,"n":3}"#,
            210,
        ),
        (CHAT, r#"{"model":"m","max_tokens":70}"#, 70),
        (RESPONSES, r#"{"model":"m","max_output_tokens":90}"#, 90),
        (
            GEMINI,
            r#"{"generationConfig":{"maxOutputTokens":50,"candidateCount":2}}"#,
            100,
        ),
    ] {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        rig.ask_with(body).await;
        assert_eq!(rig.book.calls()[0].most_output, Some(most), "{body}");
    }
}

#[tokio::test]
async fn only_what_the_provider_needs_goes_up_and_never_the_callers_credential() {
    for line in ALL {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        let request = rig
            .request()
            .header("cookie", "session=1")
            .header("x-forwarded-for", "192.0.2.7")
            .header("anthropic-version", "2023-06-01")
            .header("anthropic-beta", "tools-1")
            .header("openai-beta", "assistants=v2")
            .header("openai-organization", "callers-org")
            .header("x-stainless-os", "Linux")
            .header("idempotency-key", "my-call-1")
            .header("accept-encoding", "gzip, br")
            .body(Body::from(line.request))
            .unwrap();
        let got = send(request).await;
        assert_eq!(got.status, 200);
        let asked = &rig.upstream.asked()[0];
        assert!(!asked.head.contains(TOKEN), "{}", asked.head);
        for name in [
            "cookie",
            "x-forwarded-for",
            "openai-organization",
            "x-stainless-os",
            "idempotency-key",
        ] {
            assert_eq!(asked.header(name), None, "{name}");
        }
        assert_eq!(asked.header("anthropic-version"), Some("2023-06-01"));
        assert_eq!(asked.header("anthropic-beta"), Some("tools-1"));
        assert_eq!(asked.header("openai-beta"), Some("assistants=v2"));
        let host = rig.upstream.root.trim_start_matches("http://");
        assert_eq!(asked.header("host"), Some(host));
        let value = line.key_value(KEY);
        assert_eq!(asked.header(line.key_header), Some(value.as_str()));
        // The client's own name for its call is the one that is settled.
        assert_eq!(rig.book.calls()[0].id, "my-call-1");
        assert_eq!(got.header("brasskey-hold"), Some("my-call-1"));
    }
}

#[tokio::test]
async fn the_short_routes_and_bearer_tokens_lead_to_the_same_place() {
    for line in [
        Line {
            route: "/chat/completions",
            ..CHAT
        },
        Line {
            route: "/responses",
            ..RESPONSES
        },
        Line {
            route: "/messages?beta=true&x=1",
            target: "/v1/messages?beta=true",
            ..MESSAGES
        },
        Line {
            route: "/gemini/v1/models/gemini-3.6-flash:streamGenerateContent?alt=sse",
            ..GEMINI
        },
        Line {
            route: "/v1beta/models/gemini-3.6-flash:streamGenerateContent?key=bkd_x&alt=sse",
            ..GEMINI
        },
    ] {
        let rig = rig(line)
            .answering(Answer::events(&line.recorded(), 999))
            .await;
        let request = Request::post(format!("{}{}", rig.root, line.route))
            .header("authorization", format!("bearer {TOKEN}"))
            .body(Body::from(line.request))
            .unwrap();
        let got = send(request).await;
        assert_eq!(got.body, line.recorded());
        assert_eq!(rig.upstream.asked()[0].target(), line.target);
        assert_eq!(rig.book.outcome().await.ending, Ending::Complete);
    }
}

#[tokio::test]
async fn a_model_is_one_segment_of_geminis_path_whatever_it_holds() {
    let line = Line {
        route: "/gemini/v1beta/models/..%2F..%2Fx%3Fkey=1:generateContent",
        ..GEMINI
    };
    let rig = rig(line).answering(Answer::json(200, "{}")).await;
    rig.ask().await;
    assert_eq!(
        rig.upstream.asked()[0].target(),
        "/v1/models/..%2F..%2Fx%3Fkey=1:generateContent"
    );
}
