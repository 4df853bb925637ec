//! Tells the events that are nothing but text from the others, and weighs their text, without parsing them.
//!
//! It looks for names of members with their quotes. A quote inside a JSON string is escaped, so that no text that a model
//! writes can look like a member. It must never call an event with a count, an end or an error text alone.

use std::sync::LazyLock;

use memchr::memchr2;
use memchr::memmem::Finder;

use crate::provider::Protocol;

struct Names {
    usage: Finder<'static>,
    finish_reason: Finder<'static>,
    error: Finder<'static>,
    chat_text: [Finder<'static>; 5],
    responses_text: [Finder<'static>; 1],
    messages_text: [Finder<'static>; 3],
    part_text: [Finder<'static>; 1],
}

static NAMES: LazyLock<Names> = LazyLock::new(|| Names {
    usage: Finder::new("\"usage\""),
    finish_reason: Finder::new("\"finish_reason\""),
    error: Finder::new("\"error\""),
    chat_text: [
        Finder::new("\"content\""),
        Finder::new("\"reasoning\""),
        Finder::new("\"reasoning_content\""),
        Finder::new("\"arguments\""),
        Finder::new("\"refusal\""),
    ],
    responses_text: [Finder::new("\"delta\"")],
    messages_text: [
        Finder::new("\"text\""),
        Finder::new("\"thinking\""),
        Finder::new("\"partial_json\""),
    ],
    part_text: [Finder::new("\"text\"")],
});

/// Whether an event is known to hold nothing but text. When in doubt it is not.
pub(super) fn is_text_alone(protocol: Protocol, payload: &[u8]) -> bool {
    match protocol {
        Protocol::OpenAiChat => {
            let names = &*NAMES;
            let holds = |name, begins: u8| {
                values(payload, name).any(|value| value.first().is_some_and(|byte| *byte == begins))
            };
            payload.starts_with(b"{")
                && !holds(&names.usage, b'{')
                && !holds(&names.finish_reason, b'"')
                && names.error.find(payload).is_none()
        }
        // The kind comes first, as both documentations and all recordings have it; otherwise the event is parsed.
        Protocol::OpenAiResponses => {
            const OTHERS: [&[u8]; 6] = [
                b"created\"",
                b"in_progress\"",
                b"queued\"",
                b"completed\"",
                b"incomplete\"",
                b"failed\"",
            ];
            payload
                .strip_prefix(b"{\"type\":\"response.")
                .is_some_and(|kind| !OTHERS.iter().any(|other| kind.starts_with(other)))
        }
        Protocol::AnthropicMessages => payload.starts_with(b"{\"type\":\"content_block_"),
        // Every chunk counts what was used so far.
        Protocol::Gemini => false,
    }
}

/// The bytes of text in an event, as they are without the escapes of JSON.
pub(super) fn text(protocol: Protocol, payload: &[u8]) -> u64 {
    let names = &*NAMES;
    let sum = |names: &[Finder<'static>]| {
        names
            .iter()
            .flat_map(|name| values(payload, name).filter_map(string_length))
            .fold(0, u64::saturating_add)
    };
    match protocol {
        // Mistral's text may stand in a list of parts. Others repeat theirs in one, where it must not count twice.
        Protocol::OpenAiChat => match sum(&names.chat_text) {
            0 => sum(&names.part_text),
            length => length,
        },
        Protocol::OpenAiResponses => sum(&names.responses_text),
        Protocol::AnthropicMessages => sum(&names.messages_text),
        Protocol::Gemini => sum(&names.part_text),
    }
}

/// What follows the colon behind each member of this name.
fn values<'a>(
    payload: &'a [u8],
    name: &'a Finder<'static>,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    name.find_iter(payload).filter_map(|at| {
        let rest = payload.get(at + name.needle().len()..)?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?;
        Some(rest.trim_ascii_start())
    })
}

/// The length of the string that begins here; none where something else begins.
fn string_length(value: &[u8]) -> Option<u64> {
    let mut rest = value.strip_prefix(b"\"")?;
    let mut length = 0_usize;
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        length += at;
        match rest.get(at..at + 2) {
            Some([b'\\', b'u']) => {
                // Up to three bytes in UTF-8 for each of its halves or wholes.
                length += 3;
                rest = rest.get(at + 6..).unwrap_or_default();
            }
            Some([b'\\', _]) => {
                length += 1;
                rest = &rest[at + 2..];
            }
            _ => return u64::try_from(length).ok(),
        }
    }
    u64::try_from(length + rest.len()).ok()
}
