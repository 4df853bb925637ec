//! Answers arrive as the provider sent them, and are settled by what the provider reported.

use brasskey_gateway::Ending;
use brasskey_metering::UsageStatus;

use crate::rig::{ALL, CHAT, GEMINI, MESSAGES, RESPONSES, dollars, rig};
use crate::upstream::Answer;

#[tokio::test]
async fn a_stream_is_the_same_through_the_gateway_as_directly_in_all_four_protocols() {
    for line in ALL {
        for size in [1, 7, 61, 100_000] {
            let rig = rig(line)
                .answering(Answer::events(&line.recorded(), size))
                .await;
            let direct = rig.ask_directly().await;
            let got = rig.ask().await;
            assert_eq!(got.body, direct.body, "{line:?}");
            assert_eq!(got.body, line.recorded());
            assert_eq!((got.status, got.is_broken), (200, false));
            assert_eq!(got.header("content-type"), direct.header("content-type"));

            let outcome = rig.book.outcome().await;
            assert_eq!(outcome.ending, Ending::Complete, "{line:?}");
            assert_eq!(outcome.usage.status, UsageStatus::Exact);
            assert_eq!(outcome.cost, dollars(line.cost), "{line:?}");
            assert!(!outcome.is_estimated);
            assert!(outcome.request_id.is_some());
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_stream_is_the_same_too_and_keeps_its_length() {
    let chat = r#"{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-6.1-sol",
        "choices":[{"index":0,"message":{"role":"assistant","content":"\"usage\": {\"x\":1} } ]"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":2320,"completion_tokens":412,"total_tokens":2732,
        "prompt_tokens_details":{"cached_tokens":1792},"completion_tokens_details":{"reasoning_tokens":256}},"service_tier":"default"}"#;
    let responses = r#"{"id":"resp_1","object":"response","status":"completed","error":null,"output":[{"usage":{"input_tokens":9}}],
        "usage":{"input_tokens":2320,"input_tokens_details":{"cached_tokens":1792},"output_tokens":412},"metadata":{}}"#;
    let messages = r#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],
        "stop_reason":"end_turn","usage":{"input_tokens":100,"output_tokens":50}}"#;
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],
        "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":50,"thoughtsTokenCount":7},"responseId":"r1"}"#;
    // (528 × 2 + 1792 × 0.1 + 412 × 10) / 1e6, the rates in expected.json, and so on.
    for (line, body, input, output) in [
        (CHAT, chat, 2320, 412),
        (RESPONSES, responses, 2320, 412),
        (MESSAGES, messages, 100, 50),
        (GEMINI, gemini, 1000, 57),
    ] {
        let rig = rig(line).answering(Answer::json(200, body)).await;
        let got = rig.ask().await;
        assert_eq!(got.body, body.as_bytes());
        let length = body.len().to_string();
        assert_eq!(got.header("content-length"), Some(length.as_str()));
        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::Complete, "{line:?}");
        assert_eq!(outcome.usage.tokens.input(), input, "{line:?}");
        assert_eq!(outcome.usage.tokens.output, output, "{line:?}");
        assert!(!outcome.is_estimated && outcome.usage.status == UsageStatus::Exact);
        assert!(outcome.cost > dollars("0"));
        if line.protocol == CHAT.protocol {
            assert_eq!(outcome.cost, dollars("0.0053552"));
        }
    }
}

#[tokio::test]
async fn gemini_streams_arrays_to_clients_that_do_not_ask_for_events() {
    let body = r#"[{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":5}}
,{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":50}}]"#;
    let line = crate::rig::Line {
        route: "/gemini/v1beta/models/gemini-3.6-flash:streamGenerateContent",
        ..GEMINI
    };
    let mut answer = Answer::json(200, "");
    answer.is_sized = false;
    answer.pieces = body.as_bytes().chunks(9).map(<[u8]>::to_vec).collect();
    let rig = rig(line).answering(answer).await;
    assert_eq!(rig.ask().await.body, body.as_bytes());
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::Complete);
    assert_eq!(outcome.usage.tokens.output, 50);
    assert!(!outcome.is_estimated);
    let asked = rig.upstream.asked();
    assert_eq!(
        asked[0].target(),
        "/v1/models/gemini-3.6-flash:streamGenerateContent"
    );
}

#[tokio::test]
async fn an_encoded_body_passes_as_it_is_and_is_estimated() {
    let body: Vec<u8> = (0..=255).collect();
    let mut answer = Answer::json(200, body.clone());
    answer.headers.push(("content-encoding", "gzip".to_owned()));
    let rig = rig(CHAT).answering(answer).await;
    let got = rig.ask().await;
    assert_eq!(got.body, body);
    assert_eq!(got.header("content-encoding"), Some("gzip"));
    let asked = rig.upstream.asked();
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
    let outcome = rig.book.outcome().await;
    assert!(outcome.is_estimated && outcome.cost > dollars("0"));
}

#[tokio::test]
async fn limits_and_names_come_down_and_nothing_else_does() {
    let answer = Answer::events(&CHAT.recorded(), 500)
        .with("x-request-id", "req_7")
        .with("x-ratelimit-remaining-requests", "99")
        .with("retry-after", "3")
        .with("set-cookie", "__cf_bm=1")
        .with("openai-organization", "vendor-gmbh")
        .with("server", "cloudflare");
    let rig = rig(CHAT).answering(answer).await;
    let got = rig.ask().await;
    assert_eq!(got.header("x-request-id"), Some("req_7"));
    assert_eq!(got.header("x-ratelimit-remaining-requests"), Some("99"));
    assert_eq!(got.header("retry-after"), Some("3"));
    for name in ["set-cookie", "openai-organization", "server", "connection"] {
        assert_eq!(got.header(name), None, "{name}");
    }
    // A proxy in front is told not to gather the stream, the client by which name the call is settled.
    assert_eq!(got.header("x-accel-buffering"), Some("no"));
    assert_eq!(got.header("brasskey-hold"), Some(&*rig.book.calls()[0].id));
    assert_eq!(
        rig.book.outcome().await.request_id.as_deref(),
        Some("req_7")
    );
}
