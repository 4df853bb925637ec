//! How each protocol writes one answer: as a stream of server-sent events, and as one JSON body.

mod chat;
mod gemini;
mod messages;
mod responses;

use serde_json::Value;

use super::asked::{Asked, Interface};
use super::catalogue::Model;
use super::counts::Counts;
use super::wire::Wire;

/// When every answer was made, in seconds since 1970: transcripts are to be the same every time.
const CREATED: u64 = 1_795_424_400;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Complete,
    /// The caller's limit on the output was reached.
    Length,
    /// The model declined.
    Refused,
}

/// One answer, before it is put into a protocol's words.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) wire: Wire,
    pub(crate) model: &'static Model,
    /// Ends every id of the answer.
    pub(crate) number: u64,
    pub(crate) counts: Counts,
    pub(crate) finish: Finish,
    pub(crate) thinking: String,
    pub(crate) text: String,
    pub(crate) include_usage: bool,
    pub(crate) obfuscate: bool,
}

impl Turn {
    pub(crate) fn new(wire: Wire, model: &'static Model, number: u64, asked: &Asked) -> Self {
        Self {
            wire,
            model,
            number,
            counts: Counts::default(),
            finish: Finish::Complete,
            thinking: String::new(),
            text: String::new(),
            include_usage: asked.include_usage,
            obfuscate: asked.obfuscate,
        }
    }

    fn id(&self, prefix: &str) -> String {
        id(prefix, self.number)
    }
}

/// The id of a request or of one of its parts.
pub(crate) fn id(prefix: &str, number: u64) -> String {
    format!("{prefix}sandbox{number:08}")
}

/// A protocol's way of writing a [`Turn`]. Each event is returned as it goes over the wire, empty line included. The calls
/// come in this order: `opening`, `thinking` and then `text` for each token, `closing`; `failure` may come at any time and
/// is the last.
pub(crate) trait Dialect: Send {
    /// The events before any text.
    fn opening(&mut self) -> Vec<String>;
    /// The events of one token of reasoning.
    fn thinking(&mut self, token: &str) -> Vec<String>;
    /// The events of one token of the answer, or of the refusal.
    fn text(&mut self, token: &str) -> Vec<String>;
    /// The events that end the answer, with finish and usage.
    fn closing(&mut self) -> Vec<String>;
    /// An error inside the stream; `body` is what the provider answers to a call that fails from the start.
    fn failure(&mut self, body: &Value) -> Vec<String>;
    /// The answer in one piece.
    fn whole(&self) -> Value;
}

/// The dialect of `interface` for `turn`.
pub(crate) fn of(interface: &Interface, turn: Turn) -> Box<dyn Dialect> {
    match interface {
        Interface::Responses => Box::new(responses::Responses::new(turn)),
        Interface::Chat => Box::new(chat::Chat::new(turn)),
        Interface::Messages => Box::new(messages::Messages::new(turn)),
        Interface::Generate { .. } => Box::new(gemini::Gemini::new(turn)),
    }
}

/// An event with data alone.
fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// An event with a name.
fn event(name: &str, value: &Value) -> String {
    format!("event: {name}\ndata: {value}\n\n")
}
