//! A stream ends when its cost reaches the limit; a gateway bounds what one caller can make it do.

use std::time::Duration;

use axum::body::Body;
use brasskey_gateway::Ending;
use brasskey_metering::Money;
use brasskey_providers::Protocol;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::authority::TOKEN;
use crate::client::send;
use crate::rig::{ALL, CHAT, MESSAGES, dollars, rig};
use crate::upstream::{Answer, Then};

/// A long answer in events as the provider writes them, without its end.
fn long(protocol: Protocol) -> Vec<u8> {
    let word = "word and another one ";
    let event = match protocol {
        Protocol::OpenAiChat => format!(
            "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"finish_reason\":null}}],\"usage\":null}}\n\n"
        ),
        Protocol::OpenAiResponses => format!(
            "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"delta\":\"{word}\"}}\n\n"
        ),
        Protocol::AnthropicMessages => format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{word}\"}}}}\n\n"
        ),
        Protocol::Gemini => format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{word}\"}}]}}}}]}}\r\n\r\n"
        ),
    };
    event.repeat(2000).into_bytes()
}

#[tokio::test]
async fn a_stream_that_reaches_its_limit_is_cut_behind_a_whole_event_with_an_error_that_clients_read()
 {
    for line in ALL {
        let sent = long(line.protocol);
        let limit = dollars("0.02");
        let rig = rig(line)
            .rules(move |rules| rules.limit = limit)
            // Pieces that end within events.
            .answering(Answer::events(&sent, 190).then(Then::Hang))
            .await;
        let got = rig.ask().await;
        rig.upstream.somebody_left().await;
        assert!(!got.is_broken);

        let text = String::from_utf8(got.body.to_vec()).unwrap();
        let body = text.trim_end();
        let last = body.rfind("data: ").unwrap();
        let error: serde_json::Value = serde_json::from_str(&body[last + 6..]).unwrap();
        let is_error = error["error"]["message"].is_string() || error["type"] == "error";
        assert!(is_error, "{error}");
        // What stands before the error is the beginning of what was sent, in whole events.
        let start = body[..last].rfind("event: error").unwrap_or(last);
        assert_eq!(&sent[..start], &got.body[..start], "{line:?}");
        assert!(text[..start].ends_with("\n\n") || text[..start].ends_with("\r\n\r\n"));
        assert!(start < sent.len() * 9 / 10, "it was cut late: {start}");

        let outcome = rig.book.outcome().await;
        assert_eq!(outcome.ending, Ending::CutAtLimit, "{line:?}");
        assert!(outcome.is_estimated);
        assert_eq!(outcome.cost, limit);
    }
}

#[tokio::test]
async fn output_that_the_caller_bounded_itself_is_not_cut_by_an_estimate() {
    // 2000 pieces of 7 tokens pass, but the provider was told to stop at 100 tokens and knows better.
    let rig = rig(MESSAGES)
        .rules(|rules| {
            let most = rules.price.output_per_million().pico() / 1_000_000 * 200;
            rules.limit = Money::from_pico(most);
        })
        .answering(Answer::events(&long(Protocol::AnthropicMessages), 50_000))
        .await;
    let body = r#"{"model":"claude-opus-5-5","stream":true,"max_tokens":100}"#;
    let got = rig.ask_with(body).await;
    assert_eq!(got.body, long(Protocol::AnthropicMessages));
    assert_eq!(rig.book.outcome().await.usage.tokens.output, 100);
}

#[tokio::test]
async fn reported_usage_beyond_the_limit_is_charged_as_reported() {
    let rig = rig(MESSAGES)
        .rules(|rules| rules.limit = dollars("0.02"))
        .answering(Answer::events(&MESSAGES.recorded(), 100_000))
        .await;
    // The whole answer comes at once, with its report: there is nothing to cut any more.
    assert_eq!(rig.ask().await.body, MESSAGES.recorded());
    let outcome = rig.book.outcome().await;
    assert_eq!(outcome.ending, Ending::Complete);
    assert_eq!(outcome.cost, dollars("0.0226584"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_whether_its_length_is_told_or_not() {
    let rig = rig(CHAT)
        .settings(|settings| settings.longest_body = 1000)
        .answering(Answer::events(&CHAT.recorded(), 999))
        .await;
    let large = format!(r#"{{"model":"m","x":"{}"}}"#, "x".repeat(1000));
    let told = rig.ask_with(large.clone()).await;
    let pieces = futures::stream::iter(
        large
            .into_bytes()
            .chunks(100)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect::<Vec<_>>(),
    );
    let untold = send(rig.request().body(Body::from_stream(pieces)).unwrap()).await;
    for got in [told, untold] {
        assert_eq!(got.status, 413);
        assert_eq!(got.header("content-type"), Some("application/problem+json"));
        assert_eq!(got.json()["code"], "body-too-large");
    }
    assert!(rig.book.calls().is_empty() && rig.upstream.asked().is_empty());
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let rig = rig(CHAT)
        .settings(|settings| settings.body_within = Duration::from_millis(100))
        .answering(Answer::events(&CHAT.recorded(), 999))
        .await;
    let address = rig.root.trim_start_matches("http://");
    let address = address.split('/').next().unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/gateway/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&answer).contains("body-timeout") {
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..count]);
    }
    assert!(answer.starts_with(b"HTTP/1.1 408 "));
    assert!(rig.book.calls().is_empty());
}

#[tokio::test]
async fn calls_beyond_the_most_at_a_time_are_asked_to_come_back() {
    let rig = rig(CHAT)
        .settings(|settings| settings.most_calls = 1)
        .answering(Answer::mute())
        .await;
    let asked_beside = async {
        rig.upstream.was_asked(1).await;
        rig.ask().await
    };
    let second = tokio::select! {
        _ = rig.ask() => panic!("the first call was answered"),
        second = asked_beside => second,
    };
    assert_eq!(second.status, 503);
    assert_eq!(second.json()["code"], "busy");
    assert_eq!(second.header("retry-after"), Some("1"));
    assert_eq!(rig.book.admitted(), 1);
}
