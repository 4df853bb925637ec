//! The meter reads in passing what the reader of a stream would have read.

use brasskey_metering::{Usage, UsageStatus};
use brasskey_providers::{AnswerStream, BodyKind, Ending, Endpoint, Event, Meter};
use futures::StreamExt;
use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::transcripts::{Transcript, all, endpoint};

fn read(endpoint: &Endpoint, bytes: &[u8]) -> Ending {
    let chunks = futures::stream::iter(vec![bytes.to_vec()]);
    let events: Vec<Event> = block_on(AnswerStream::replay(endpoint, chunks).collect());
    match events.into_iter().last() {
        Some(Event::End(ending)) => ending,
        other => panic!("no end: {other:?}"),
    }
}

/// Feeds the bytes in pieces whose lengths repeat.
fn metered(endpoint: &Endpoint, kind: BodyKind, bytes: &[u8], lengths: &[usize]) -> Meter {
    let mut meter = Meter::new(endpoint, kind);
    let mut rest = bytes;
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let (piece, others) = rest.split_at((*lengths.next().unwrap()).min(rest.len()));
        let boundary = meter.read(piece);
        assert!(boundary.is_none_or(|end| end <= piece.len()));
        rest = others;
    }
    meter.close();
    meter
}

fn assert_same(transcript: &Transcript, bytes: &[u8], lengths: &[usize]) {
    let endpoint = transcript.endpoint();
    let read = read(&endpoint, bytes);
    for kind in [BodyKind::Events, BodyKind::Json] {
        let meter = metered(&endpoint, kind, bytes, lengths);
        assert_eq!(meter.usage(), &read.usage, "{}", transcript.name);
        assert!(meter.whole().is_some());
        if read.result.is_ok() {
            assert_eq!(meter.whole(), Some(true), "{}", transcript.name);
        }
        assert_eq!(meter.request_id(), read.request_id.as_deref());
        let text = transcript.expected.text.len() + transcript.expected.reasoning_text.len();
        assert!(meter.text_bytes() >= text as u64, "{}", transcript.name);
    }
}

#[test]
fn every_recorded_stream_is_metered_as_it_is_read() {
    for transcript in all() {
        for length in [1, 2, 3, 17, 1000, 1_000_000] {
            assert_same(&transcript, &transcript.bytes, &[length]);
        }
    }
}

#[test]
fn line_ends_of_all_kinds_mean_the_same() {
    for transcript in all() {
        let text = String::from_utf8(transcript.bytes.clone()).unwrap();
        for end in ["\r\n", "\r"] {
            let text = text.replace('\n', end);
            for length in [1, 5, 100_000] {
                assert_same(&transcript, text.as_bytes(), &[length]);
            }
        }
    }
}

#[test]
fn a_boundary_is_behind_a_whole_event() {
    let endpoint = endpoint("openai_chat");
    let mut meter = Meter::new(&endpoint, BodyKind::Events);
    assert_eq!(meter.read(b"data: {}\n"), None);
    assert_eq!(meter.read(b"\ndata: {}\n\ndata: {"), Some(11));
    assert_eq!(meter.read(b"}\r\n\r\n"), Some(5));
    assert_eq!(meter.read(b": comment"), None);
}

#[test]
fn a_broken_stream_counts_what_was_reported_and_what_passed() {
    let transcript = all()
        .into_iter()
        .find(|transcript| transcript.name == "anthropic_ok.txt")
        .unwrap();
    let half = &transcript.bytes[..transcript.bytes.len() / 2];
    let meter = metered(&transcript.endpoint(), BodyKind::Events, half, &[50]);
    assert_eq!(meter.whole(), Some(false));
    assert_eq!(meter.usage().status, UsageStatus::Partial);
    assert!(meter.usage().tokens.input() > 0);
    assert!(meter.pieces() > 0 && meter.text_bytes() > 0);
}

#[test]
fn text_that_looks_like_a_report_is_text() {
    let endpoint = endpoint("openai_chat");
    let stream = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}

data: {"choices":[{"index":0,"delta":{"content":"\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9} \"error\""},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

"#;
    let meter = metered(&endpoint, BodyKind::Events, stream.as_bytes(), &[7]);
    assert_eq!(meter.usage(), &Usage::default());
    assert_eq!(meter.whole(), Some(true));
    assert_eq!(meter.pieces(), 1);
    assert_eq!(meter.text_bytes(), 57);
}

#[test]
fn bodies_that_do_not_stream_are_metered_at_any_split() {
    let body = r#" {"choices":[{"message":{"content":"{\"usage\":{}} ] \\"},"usage":{"prompt_tokens":1}}],
        "usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}},"service_tier":"flex","id":"c1"} "#;
    let endpoint = endpoint("openai_chat");
    for first in 1..body.len() {
        let meter = metered(
            &endpoint,
            BodyKind::Json,
            body.as_bytes(),
            &[first, body.len()],
        );
        let usage = meter.usage();
        assert_eq!(usage.status, UsageStatus::Exact);
        assert_eq!((usage.tokens.input(), usage.tokens.output), (10, 5));
        assert_eq!(usage.tokens.cache_read, 4);
        assert_eq!(usage.service_tier.as_deref(), Some("flex"));
        assert_eq!(meter.whole(), Some(true));
        assert_eq!(meter.request_id(), Some("c1"));
    }
    for cut in 1..body.len() - 1 {
        let meter = metered(&endpoint, BodyKind::Json, &body.as_bytes()[..cut], &[13]);
        assert_eq!(meter.whole(), Some(false), "{cut}");
    }
}

#[test]
fn an_event_that_is_too_large_to_keep_ends_the_count_and_not_the_program() {
    let endpoint = endpoint("openai_responses");
    let mut meter = Meter::new(&endpoint, BodyKind::Events);
    meter.read(b"data: {\"type\":\"response.completed\",\"response\":{\"x\":\"");
    for _ in 0..200 {
        meter.read(&[b'x'; 64 * 1024]);
    }
    meter.read(b"\"}}\n\n");
    meter.close();
    assert_eq!(meter.whole(), Some(false));
    assert_eq!(meter.usage().status, UsageStatus::Missing);
}

proptest! {
    #[test]
    fn any_chunking_meters_the_same(which in 0_usize..18, lengths in vec(1_usize..300, 1..20)) {
        let transcript = &all()[which];
        assert_same(transcript, &transcript.bytes, &lengths);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        which in 0_usize..4,
        events in any::<bool>(),
        bytes in vec(any::<u8>(), 0..600),
        lengths in vec(1_usize..40, 1..6),
    ) {
        let format = ["openai_chat", "openai_responses", "anthropic", "gemini"][which];
        let kind = if events { BodyKind::Events } else { BodyKind::Json };
        let meter = metered(&endpoint(format), kind, &bytes, &lengths);
        prop_assert!(meter.whole().is_some());
    }

    #[test]
    fn bytes_that_look_like_answers_never_panic(
        which in 0_usize..4,
        parts in vec(prop_oneof![
            Just("data:"), Just(" "), Just("\n"), Just("\r"), Just("\n\n"), Just("{"), Just("}"), Just("["), Just("]"),
            Just("\""), Just("\\"), Just("\\u00"), Just(":"), Just(","), Just("\"usage\""), Just("\"usageMetadata\""),
            Just("\"content\":\""), Just("\"finish_reason\":\"stop\""), Just("\"type\":\"message_delta\""), Just("[DONE]"),
            Just("{\"type\":\"response."), Just("-1"), Just("1e99"), Just("null"), Just("\u{feff}"), Just("é"),
        ], 0..80),
        lengths in vec(1_usize..9, 1..6),
    ) {
        let format = ["openai_chat", "openai_responses", "anthropic", "gemini"][which];
        let bytes = parts.concat();
        for kind in [BodyKind::Events, BodyKind::Json] {
            let whole = metered(&endpoint(format), kind, bytes.as_bytes(), &[bytes.len().max(1)]);
            let split = metered(&endpoint(format), kind, bytes.as_bytes(), &lengths);
            prop_assert_eq!(whole.usage(), split.usage());
            prop_assert_eq!(whole.whole(), split.whole());
            prop_assert_eq!(whole.text_bytes(), split.text_bytes());
        }
    }
}
