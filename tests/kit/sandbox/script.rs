//! What a test asks of the sandbox provider for one model call: the answer, its pace, its usage, and what goes wrong.

use std::time::Duration;

use super::answers;
use super::counts::Counts;

/// How one model call is answered. The default is a Markdown answer, sent as fast as the socket takes it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The visible answer.
    pub answer: String,
    /// Reasoning before the answer. OpenAI's Chat Completions does not stream it; there it is only counted.
    pub thinking: Option<String>,
    /// Pace of the answer; `None` is as fast as the socket takes it. A token is four characters.
    pub tokens_per_second: Option<u32>,
    /// Pause between the first event, which carries no text, and the first token.
    pub first_token_delay: Duration,
    /// The most tokens that the model writes, thinking included, before it stops at its limit.
    pub longest: Option<u64>,
    /// Usage to report instead of the count of what was really sent.
    pub usage: Option<Counts>,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            answer: answers::MARKDOWN.to_owned(),
            thinking: None,
            tokens_per_second: None,
            first_token_delay: Duration::ZERO,
            longest: None,
            usage: None,
            fault: None,
        }
    }
}

impl Script {
    /// Answers with `text`.
    pub fn answer(text: impl Into<String>) -> Self {
        Self {
            answer: text.into(),
            ..Self::default()
        }
    }

    /// The default answer with `fault`.
    pub fn fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Answers with a response of `errors.json`.
    pub fn error(situation: impl Into<Situation>) -> Self {
        Self::fault(Fault::Error(situation.into()))
    }

    /// The default answer at the pace of a real provider, for a person who watches.
    pub fn unhurried() -> Self {
        Self {
            tokens_per_second: Some(60),
            first_token_delay: Duration::from_millis(500),
            ..Self::default()
        }
    }
}

/// Names one response of `fixtures/errors.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// A situation (`out_of_credit`), a failure cause (`rate_limited`) or, to be exact, `provider/situation`
    /// (`groq/rate_limited_daily`). Without a provider it is searched among those that fit the wire of the call.
    Named(String),
    /// The place in the file, from 0.
    Index(usize),
}

impl From<&str> for Situation {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl From<String> for Situation {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

impl From<usize> for Situation {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// What goes wrong. Where a fault comes after a number of events and the answer has fewer, it comes before the closing
/// events: a scripted fault always happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A response of `errors.json`, to the letter. One that the wire does not have is answered with 501, so that the
    /// test that asked for it fails.
    Error(Situation),
    /// The connection breaks after this many events, in the middle of the body.
    CutAfter {
        /// Events sent before it.
        events: usize,
    },
    /// Nothing more comes after this many events, and the connection stays open.
    StallAfter {
        /// Events sent before it.
        events: usize,
    },
    /// Not even the response's head comes.
    Silence,
    /// Broken JSON, invalid UTF-8 and loose bytes after the first event, then a clean end.
    Garbage,
    /// The answer never ends; as the answer to a check, the list of models never does.
    Endless,
    /// One event that never ends.
    EndlessEvent,
    /// A redirect.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The `Location`.
        to: String,
    },
    /// 401 (Gemini: 403) with the whole key that was sent in the text of the error and in its details.
    KeyEcho,
    /// As [`Fault::KeyEcho`], with the key percent-encoded.
    KeyEchoEncoded,
    /// 401 with the key in a body that breaks off: no JSON.
    KeyEchoMalformed,
    /// After this many events the provider reports an error inside the stream, as the wire does it.
    ErrorInStream {
        /// Events sent before it.
        events: usize,
        /// Whose error object is sent.
        situation: Situation,
    },
    /// The whole text comes, then a clean end without the wire's closing events.
    NoTerminalEvent,
    /// 200 with a web page, as a captive portal sends it.
    Html200,
    /// The model declines, as the wire reports it (HTTP 200).
    Refusal,
    /// 429 with this delay; the next call meets the same script without the fault.
    RateLimitedOnce {
        /// Sent as `retry-after` (Gemini: `retryDelay`), in whole seconds.
        retry_after: Duration,
    },
    /// 400 to a request that names `stream_options`, as some compatible servers send it; the same script stays for
    /// the next call. A request without it is answered.
    NoStreamOptions,
}
