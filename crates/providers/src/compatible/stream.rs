//! The chunks of a Chat Completions stream.
//!
//! It must never call an answer complete before `[DONE]`: an interrupted stream looks finished too.

use std::borrow::Cow;
use std::fmt;

use brasskey_metering::UsageStatus;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::usage::UsageReport;
use crate::catalogue::CacheWrites;
use crate::event::Finish;
use crate::failure::Cause;
use crate::json::{Count, Text};
use crate::progress::{Parser, Progress, read};

/// The most tool calls of one answer.
const MOST_CALLS: usize = 256;
/// The most bytes of the arguments of one call, give or take a piece.
const LONGEST_ARGUMENTS: usize = 1024 * 1024;

/// Reads a Chat Completions stream.
pub(crate) struct Chat {
    retention: CacheWrites,
    refused: bool,
    calls: Vec<Call>,
}

impl Chat {
    pub(crate) fn new(retention: CacheWrites) -> Self {
        Self {
            retention,
            refused: false,
            calls: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    service_tier: Text<'a>,
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    usage: Option<UsageReport<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    x_groq: Option<Groq<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    /// OpenRouter may put an error here.
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Content<'a>,
    /// DeepSeek, xAI.
    #[serde(borrow, default)]
    reasoning_content: Text<'a>,
    /// OpenRouter, Groq, Ollama.
    #[serde(borrow, default)]
    reasoning: Text<'a>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<CallPart<'a>>>,
}

/// A piece of a tool call: the first has its name, all have some of its arguments.
#[derive(Deserialize)]
struct CallPart<'a> {
    #[serde(default)]
    index: Count,
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    arguments: Text<'a>,
}

/// A tool call as far as it has arrived.
#[derive(Default)]
struct Call {
    index: u64,
    id: Option<String>,
    name: String,
    arguments: String,
}

/// Groq's own field, with its identifier, a second copy of the usage and mid-stream errors.
#[derive(Deserialize)]
struct Groq<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    usage: Option<UsageReport<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// A text, or Mistral's list of parts.
#[derive(Default)]
struct Content<'a> {
    text: Text<'a>,
    parts: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    thinking: Option<Box<Content<'a>>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list of parts or null")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Content {
            text: Text(Cow::Borrowed(text)),
            parts: Vec::new(),
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Content {
            text: Text(Cow::Owned(text.to_owned())),
            parts: Vec::new(),
        })
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Content::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element()? {
            parts.push(part);
        }
        Ok(Content {
            text: Text::default(),
            parts,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Content::default())
    }
}

impl Content<'_> {
    fn write(&self, progress: &mut Progress) {
        progress.text(&self.text.0);
        for part in &self.parts {
            if let Some(thinking) = &part.thinking {
                progress.thinking(&thinking.text.0);
                for thought in &thinking.parts {
                    progress.thinking(&thought.text.0);
                }
            }
            progress.text(&part.text.0);
        }
    }
}

impl Parser for Chat {
    fn event(&mut self, payload: &str, progress: &mut Progress) {
        if payload.trim() == "[DONE]" {
            return self.done(progress);
        }
        let Some(chunk) = read::<Chunk<'_>>(payload, progress) else {
            return;
        };
        let groq = chunk.x_groq.as_ref();
        progress.identifier(groq.and_then(|groq| groq.id.some()));
        progress.identifier(chunk.id.some());
        progress.model(chunk.model.some());
        if let Some(tier) = chunk.service_tier.some()
            && progress.usage().service_tier.as_deref() != Some(tier)
        {
            progress.usage().service_tier = Some(tier.to_owned());
        }
        let choices = chunk.choices.unwrap_or_default();
        let mut error = chunk.error.or_else(|| groq?.error);
        // Azure opens with a chunk that has neither a choice nor a name.
        if !choices.is_empty() {
            progress.start();
        }
        for choice in &choices {
            self.choice(choice, progress);
            error = error.or(choice.error);
        }
        if let Some(report) = chunk.usage.as_ref().or_else(|| groq?.usage.as_ref()) {
            let before = progress.usage().clone();
            report.count(self.retention, progress.usage());
            if progress.raw().is_none() && progress.usage().status == UsageStatus::Exact {
                // A running count: the choice is not finished yet.
                progress.usage().status = UsageStatus::Partial;
            }
            progress.tell_usage(&before);
        }
        if let Some(error) = error.filter(|error| error.get() != "null") {
            let body = format!("{{\"error\":{}}}", error.get());
            let failure = progress.classify(body.as_bytes());
            progress.fail(failure);
        }
    }

    fn close(&mut self, progress: &mut Progress) {
        progress.broken("no_end");
    }
}

impl Chat {
    fn choice(&mut self, choice: &Choice<'_>, progress: &mut Progress) {
        if let Some(delta) = &choice.delta {
            let reasoning = delta.reasoning.some().or(delta.reasoning_content.some());
            progress.thinking(reasoning.unwrap_or(""));
            delta.content.write(progress);
            if let Some(refusal) = delta.refusal.some() {
                self.refused = true;
                progress.text(refusal);
            }
            for part in delta.tool_calls.iter().flatten() {
                self.call(part);
            }
        }
        if let Some(reason) = choice.finish_reason.some() {
            progress.finish_raw(reason);
        }
    }

    fn call(&mut self, part: &CallPart<'_>) {
        let index = part.index.or_zero();
        // Some name no index and repeat the identifier of the call instead; a new one is a new call.
        let is_same = |call: &Call| {
            call.index == index
                && (part.id.some().is_none() || part.id.some() == call.id.as_deref())
        };
        let at = match self.calls.iter().rposition(is_same) {
            Some(at) => at,
            None if self.calls.len() < MOST_CALLS => {
                self.calls.push(Call {
                    index,
                    id: part.id.some().map(str::to_owned),
                    ..Call::default()
                });
                self.calls.len() - 1
            }
            None => return,
        };
        if let (Some(call), Some(function)) = (self.calls.get_mut(at), &part.function) {
            call.name.push_str(&function.name.0);
            if call.arguments.len() < LONGEST_ARGUMENTS {
                call.arguments.push_str(&function.arguments.0);
            }
        }
    }

    fn done(&mut self, progress: &mut Progress) {
        for call in self.calls.drain(..) {
            progress.tool_call(call.id.as_deref(), &call.name, &call.arguments);
        }
        match progress.raw() {
            Some("stop" | "eos") if self.refused => progress.finish(Finish::Refused),
            Some("stop" | "eos") => progress.finish(Finish::Complete),
            Some("length" | "model_length") => progress.finish(Finish::Length),
            Some("content_filter") => {
                let failure = progress.blocked(Some("content_filter"), None);
                progress.fail(failure);
            }
            Some("error") => {
                let failure = progress.failure(Cause::ServerError).with_code("error");
                progress.fail(failure);
            }
            Some(other) => {
                let other = other.to_owned();
                progress.finish(Finish::Other(other));
            }
            // The closing mark without a reason: the choice was never finished.
            None => progress.broken("no_finish_reason"),
        }
    }
}
