//! Reads what an answer used while its bytes pass to somebody else.
//!
//! The protocols' own parsers decide what a count means and when an answer is over; here only the pieces that can hold a
//! count reach them. A piece that is known to be nothing but text is weighed, not parsed, and nothing is allocated for it.
//! It must never change, keep or hold up a byte that passes, nor grow with the length of an answer.

mod lines;
mod members;
mod weight;

use brasskey_metering::Usage;

use crate::answer::parser;
use crate::endpoint::Endpoint;
use crate::event::Event;
use crate::failure::Cause;
use crate::progress::{Parser, Progress};
use crate::provider::Protocol;
use crate::redact::Redactor;
use lines::Lines;
use members::{Members, Piece};

/// The most bytes of one event or of the counted members of one body that are kept. A closing event of Responses repeats
/// the whole answer, pictures included.
const LONGEST: usize = 8 * 1024 * 1024;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Server-sent events.
    Events,
    /// JSON, or whatever its first character says: an object, an array of them, or events.
    Json,
    /// Encoded, so that nothing in it can be read.
    Encoded,
}

/// Reads the usage of one answer in passing.
pub struct Meter {
    form: Form,
    reading: Reading,
}

enum Form {
    Undecided,
    Events(Lines),
    Json(Members),
    Encoded,
}

/// What was read so far.
struct Reading {
    protocol: Protocol,
    parser: Box<dyn Parser>,
    progress: Progress,
    /// At least one piece was parsed: the first one names the answer.
    begun: bool,
    ended: Option<Ended>,
    text_bytes: u64,
    pieces: u64,
}

struct Ended {
    whole: bool,
    usage: Usage,
    request_id: Option<String>,
}

impl Meter {
    /// A meter for an answer of this endpoint.
    pub fn new(endpoint: &Endpoint, body: BodyKind) -> Self {
        let host = endpoint.base_url.origin().authority();
        let mut progress = Progress::new(host, None, Redactor::new(None)).without_text();
        progress.usage().region = endpoint.region().map(str::to_owned);
        Self {
            form: match body {
                BodyKind::Events => Form::Events(Lines::default()),
                BodyKind::Json => Form::Undecided,
                BodyKind::Encoded => Form::Encoded,
            },
            reading: Reading {
                protocol: endpoint.protocol,
                parser: parser(endpoint),
                progress,
                begun: false,
                ended: None,
                text_bytes: 0,
                pieces: 0,
            },
        }
    }

    /// Reads bytes that pass. They may begin and end anywhere.
    ///
    /// Returns the offset behind the last event that ended in them, where the stream may be cut without leaving a torn
    /// event; none in bodies that are not events.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut start = 0;
        if matches!(self.form, Form::Undecided) {
            let is_content =
                |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF);
            start = bytes.iter().position(is_content)?;
            self.form = match bytes.get(start) {
                Some(b'{' | b'[') => Form::Json(Members::default()),
                _ => Form::Events(Lines::default()),
            };
        }
        let bytes = bytes.get(start..)?;
        let reading = &mut self.reading;
        match &mut self.form {
            Form::Events(lines) => lines
                .read(bytes, &mut |event| reading.event(event))
                .map(|end| start + end),
            Form::Json(members) => {
                members.read(bytes, &mut |piece| reading.piece(&piece));
                reading.text_bytes = members.text_bytes();
                None
            }
            Form::Encoded => {
                reading.text_bytes = reading.text_bytes.saturating_add(bytes.len() as u64);
                None
            }
            Form::Undecided => None,
        }
    }

    /// The body came to its end in good order.
    pub fn close(&mut self) {
        let reading = &mut self.reading;
        match &self.form {
            Form::Events(_) => reading.parser.close(&mut reading.progress),
            // An object that did not close, or no content at all.
            Form::Json(_) | Form::Undecided => reading.progress.broken("no_end"),
            // Its end is all that can be seen of it.
            Form::Encoded => {
                reading.ended.get_or_insert(Ended {
                    whole: true,
                    usage: Usage::default(),
                    request_id: None,
                });
            }
        }
        reading.look();
    }

    /// What the provider reported so far.
    pub fn usage(&self) -> &Usage {
        match &self.reading.ended {
            Some(ended) => &ended.usage,
            None => self.reading.progress.reported(),
        }
    }

    /// Whether the answer is over, and if so whether it is whole. A refusal of the content is a whole answer.
    pub fn whole(&self) -> Option<bool> {
        self.reading.ended.as_ref().map(|ended| ended.whole)
    }

    /// Bytes of text and thinking that passed (of the whole body where it is encoded).
    pub fn text_bytes(&self) -> u64 {
        self.reading.text_bytes
    }

    /// Pieces with text that passed: each holds at least one token.
    pub fn pieces(&self) -> u64 {
        self.reading.pieces
    }

    /// The provider's name for the answer, from its body.
    pub fn request_id(&self) -> Option<&str> {
        match &self.reading.ended {
            Some(ended) => ended.request_id.as_deref(),
            None => self.reading.progress.request_id(),
        }
    }
}

impl Reading {
    /// The payload of an event; none when it was too large to keep.
    fn event(&mut self, payload: Option<&[u8]>) {
        if self.ended.is_some() {
            return;
        }
        let Some(payload) = payload else {
            self.progress.broken("too_large");
            return self.look();
        };
        let text = weight::text(self.protocol, payload);
        self.text_bytes = self.text_bytes.saturating_add(text);
        self.pieces += u64::from(text > 0);
        if self.begun && weight::is_text_alone(self.protocol, payload) {
            return;
        }
        self.begun = true;
        self.parse(payload);
    }

    fn parse(&mut self, payload: &[u8]) {
        match std::str::from_utf8(payload) {
            Ok(payload) => self.parser.event(payload, &mut self.progress),
            Err(_) => self.progress.broken("not_text"),
        }
        self.look();
    }

    /// A body that is no stream is read as the stream that would have said the same.
    fn piece(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Member(object) if self.protocol == Protocol::Gemini => self.parse(object),
            Piece::Member(_) => {}
            Piece::End(object) => self.replay(object),
        }
    }

    fn replay(&mut self, object: &[u8]) {
        let wrapped = |before: &[u8], after: &[u8]| [before, object, after].concat();
        match self.protocol {
            Protocol::OpenAiChat => {
                self.parse(br#"{"choices":[{"finish_reason":"stop"}]}"#);
                self.parse(object);
                self.parse(b"[DONE]");
            }
            Protocol::OpenAiResponses => {
                self.parse(&wrapped(
                    br#"{"type":"response.completed","response":"#,
                    b"}",
                ));
            }
            Protocol::AnthropicMessages => {
                self.parse(&wrapped(br#"{"type":"message_start","message":"#, b"}"));
                self.parse(
                    br#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}"#,
                );
                self.parse(br#"{"type":"message_stop"}"#);
            }
            Protocol::Gemini => {
                self.parse(br#"{"candidates":[{"finishReason":"STOP"}]}"#);
                self.parse(object);
                self.parser.close(&mut self.progress);
                self.look();
            }
        }
    }

    /// Takes the end out of what happened; the rest is of no interest here.
    fn look(&mut self) {
        while let Some(event) = self.progress.next() {
            if let Event::End(ending) = event {
                let blocked = |cause| cause == Cause::ContentBlocked;
                self.ended.get_or_insert(Ended {
                    whole: ending
                        .result
                        .map_or_else(|failure| blocked(failure.cause), |_| true),
                    usage: ending.usage,
                    request_id: ending.request_id,
                });
            }
        }
    }
}
