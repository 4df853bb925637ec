//! Streams arrive in any pieces, with any line ends, and are cut anywhere.

use brasskey_metering::UsageStatus;
use brasskey_providers::{Cause, Endpoint, Provider};
use proptest::prelude::*;

use crate::transcripts::{Transcript, all, assert_expected, endpoint, replay};

fn lines_ended_with(transcript: &Transcript, end: &str) -> Vec<u8> {
    let text = String::from_utf8(transcript.bytes.clone()).unwrap();
    text.replace('\n', end).into_bytes()
}

fn split_at(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| bytes[pair[0]..pair[1]].to_vec())
        .collect()
}

#[test]
fn a_transcript_may_be_split_at_every_byte() {
    for transcript in all() {
        for end in ["\n", "\r\n", "\r"] {
            let bytes = lines_ended_with(&transcript, end);
            let endpoint = transcript.endpoint();
            let single: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
            assert_expected(&replay(&endpoint, single), &transcript);
            // Every place once with each line end is much: the second and third are taken in larger steps.
            let step = if end == "\n" { 1 } else { 7 };
            for at in (0..bytes.len()).step_by(step) {
                let answer = replay(&endpoint, split_at(&bytes, &[at]));
                assert_expected(&answer, &transcript);
            }
        }
    }
}

#[test]
fn a_byte_order_mark_comments_and_unknown_fields_change_nothing() {
    for transcript in all() {
        for end in ["\n", "\r\n", "\r"] {
            let noise = format!(
                ": a comment{end}{end}id: 7{end}retry: 100{end}unheard: of{end}{end}: more{end}"
            );
            let mut bytes = "\u{FEFF}".as_bytes().to_vec();
            bytes.extend(noise.bytes());
            bytes.extend(lines_ended_with(&transcript, end));
            let single: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
            for chunks in [vec![bytes], single] {
                assert_expected(&replay(&transcript.endpoint(), chunks), &transcript);
            }
        }
    }
}

#[test]
fn data_on_several_lines_is_one_event() {
    let chat = endpoint("openai_chat");
    let body = "data: {\"choices\":\ndata:[{\"delta\":{\"content\":\"Hi\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n\
                data: [DONE]\n\n";
    let answer = replay(&chat, vec![body.into()]);
    assert_eq!(answer.text, "Hi");
    assert!(answer.ending.result.is_ok());
}

#[test]
fn unknown_events_are_ignored() {
    let strange = "event: novelty\ndata: {\"type\":\"novelty\",\"object\":{\"a\":[1,{\"b\":null}]}}\n\n\
                   data: {\"type\":\"response.output_audio.delta\",\"delta\":{\"not\":\"a text\"}}\n\n";
    for transcript in all() {
        let mut bytes = strange.as_bytes().to_vec();
        bytes.extend(&transcript.bytes);
        assert_expected(&replay(&transcript.endpoint(), vec![bytes]), &transcript);
    }
}

#[test]
fn a_cut_answer_is_never_a_success() {
    for transcript in all() {
        if transcript.expected.error_class.is_some() {
            continue;
        }
        let whole = transcript.bytes.len();
        for length in 0..whole {
            let answer = replay(
                &transcript.endpoint(),
                vec![transcript.bytes[..length].to_vec()],
            );
            let failure = answer.ending.result.expect_err("an answer without its end");
            assert_eq!(failure.cause, Cause::StreamBroken, "{}", transcript.name);
            assert!(transcript.expected.text.starts_with(&answer.text));
            assert_ne!(answer.ending.usage.status, UsageStatus::Exact);
        }
    }
}

#[test]
fn bytes_that_are_not_text_or_not_json_break_the_answer() {
    for payload in [&b"data: \xFF\xFE\n\n"[..], b"data: {\"choices\":[{\n\n"] {
        let answer = replay(&endpoint("openai_chat"), vec![payload.to_vec()]);
        assert_eq!(answer.ending.result.unwrap_err().cause, Cause::StreamBroken);
    }
}

fn too_large(chunks: Vec<Vec<u8>>) -> bool {
    let local = Endpoint::of(Provider::Ollama).unwrap();
    let failure = replay(&local, chunks).ending.result.unwrap_err();
    failure.cause == Cause::StreamBroken && failure.provider_code.as_deref() == Some("too_large")
}

#[test]
fn an_event_without_end_and_an_answer_without_end_are_cut() {
    let endless_line = std::iter::once(b"data: ".to_vec())
        .chain(std::iter::repeat_n(vec![b'x'; 64 * 1024], 40))
        .collect();
    assert!(too_large(endless_line));

    let text = "x".repeat(256 * 1024);
    let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    assert!(too_large(vec![event.into_bytes(); 300]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_split_reads_the_same(
        which in 0..18_usize,
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let transcript = &all()[which];
        let bytes = lines_ended_with(transcript, end);
        assert_expected(&replay(&transcript.endpoint(), split_at(&bytes, &cuts)), transcript);
    }

    #[test]
    fn damaged_streams_end_once_and_never_panic(
        which in 0..18_usize,
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..20),
        cuts in prop::collection::vec(any::<usize>(), 0..5),
    ) {
        let transcript = &all()[which];
        let mut bytes = transcript.bytes.clone();
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        replay(&transcript.endpoint(), split_at(&bytes, &cuts));
    }

    #[test]
    fn arbitrary_bytes_end_once_and_never_panic(
        which in 0..18_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        lead in prop::sample::select(vec!["", "data: ", "data: {\"choices\":", "data: {\"error\":"]),
    ) {
        let mut body = lead.as_bytes().to_vec();
        body.extend(bytes);
        body.extend(b"\n\n");
        let answer = replay(&all()[which].endpoint(), vec![body]);
        prop_assert!(answer.ending.result.is_err());
    }
}
