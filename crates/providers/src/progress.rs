//! What is known of an answer while its stream is read, and the events that follow from it.
//!
//! It holds the rules that all protocols share: `Started` first and once, `End` last and once, and no success without the
//! protocol's own word for the end.

use std::collections::VecDeque;

use brasskey_metering::{Usage, UsageStatus};

use crate::classify::{Reply, classify_with};
use crate::echo::Echo;
use crate::event::{Ending, Event, Finish, ToolCall};
use crate::failure::{Cause, Failure, Retry};
use crate::limits::RateLimit;
use crate::redact::Redactor;

/// Reads one protocol's events.
pub(crate) trait Parser: Send {
    /// Reads the payload of one event.
    fn event(&mut self, payload: &str, progress: &mut Progress);

    /// The connection closed in good order. Protocols without a closing event end here.
    fn close(&mut self, progress: &mut Progress);
}

/// The state of one answer.
pub(crate) struct Progress {
    events: VecDeque<Event>,
    host: String,
    redactor: Redactor,
    /// Take the key out of what is said and of what is thought.
    said: Echo,
    thought: Echo,
    request_id: Option<String>,
    limits: Vec<RateLimit>,
    served_model: Option<String>,
    usage: Usage,
    finish_raw: Option<String>,
    started: bool,
    /// Whether text is told, or only noticed.
    tells_text: bool,
    visible: bool,
    /// The answer is complete and only the connection's end is awaited.
    closing: bool,
    ended: bool,
}

impl Progress {
    pub(crate) fn new(host: String, request_id: Option<String>, redactor: Redactor) -> Self {
        let request_id = request_id.map(|id| redactor.name(&id));
        Self {
            events: VecDeque::new(),
            host,
            said: redactor.echo(),
            thought: redactor.echo(),
            redactor,
            request_id,
            limits: Vec::new(),
            served_model: None,
            usage: Usage::default(),
            finish_raw: None,
            started: false,
            tells_text: true,
            visible: false,
            closing: false,
            ended: false,
        }
    }

    /// With what the headers said of rate limits.
    pub(crate) fn with_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.limits = limits;
        self
    }

    /// For a reader that counts and shows nothing.
    pub(crate) fn without_text(mut self) -> Self {
        self.tells_text = false;
        self
    }

    pub(crate) fn next(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    pub(crate) fn set_closing(&mut self) {
        self.closing = true;
    }

    /// The model that answers; the last name counts.
    pub(crate) fn model(&mut self, model: Option<&str>) {
        if let Some(model) = model.filter(|model| !model.is_empty())
            && self.served_model.as_deref() != Some(model)
        {
            self.served_model = Some(self.redactor.name(model));
        }
    }

    /// An identifier from the stream, used where the headers held none.
    pub(crate) fn identifier(&mut self, id: Option<&str>) {
        if self.request_id.is_none()
            && let Some(id) = id.filter(|id| !id.is_empty())
        {
            self.request_id = Some(self.redactor.name(id));
        }
    }

    /// Announces the answer once; later calls do nothing.
    pub(crate) fn start(&mut self) {
        if !self.started {
            self.started = true;
            self.events.push_back(Event::Started {
                request_id: self.request_id.clone(),
                served_model: self.served_model.clone(),
                limits: std::mem::take(&mut self.limits),
            });
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.start();
            self.visible = true;
            if self.tells_text {
                let rest = self.thought.rest();
                self.tell(Event::Thinking, rest);
                let said = self.said.pass(text);
                self.tell(Event::Text, said);
            }
        }
    }

    pub(crate) fn thinking(&mut self, text: &str) {
        if !text.is_empty() {
            self.start();
            self.visible = true;
            if self.tells_text {
                let rest = self.said.rest();
                self.tell(Event::Text, rest);
                let thought = self.thought.pass(text);
                self.tell(Event::Thinking, thought);
            }
        }
    }

    /// A call of a tool, whole. It is no visible text, but it is output that the provider bills.
    pub(crate) fn tool_call(&mut self, id: Option<&str>, name: &str, arguments: &str) {
        self.start();
        self.visible = true;
        if self.tells_text {
            self.events.push_back(Event::ToolCall(ToolCall {
                id: id.map(|id| self.redactor.name(id)),
                name: self.redactor.name(name),
                arguments: self.redactor.redact(arguments),
            }));
        }
    }

    fn tell(&mut self, event: fn(String) -> Event, text: String) {
        if !text.is_empty() {
            self.events.push_back(event(text));
        }
    }

    pub(crate) fn reported(&self) -> &Usage {
        &self.usage
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    pub(crate) fn usage(&mut self) -> &mut Usage {
        &mut self.usage
    }

    /// Tells what was used so far, when the counts changed since `before`.
    pub(crate) fn tell_usage(&mut self, before: &Usage) {
        if self.usage != *before {
            self.redact_usage();
            self.start();
            self.events.push_back(Event::Usage(self.usage.clone()));
        }
    }

    /// The terms of the call are the provider's own words.
    fn redact_usage(&mut self) {
        let usage = &mut self.usage;
        for word in [&mut usage.service_tier, &mut usage.region, &mut usage.speed] {
            *word = word.as_deref().map(|word| self.redactor.name(word));
        }
    }

    pub(crate) fn finish_raw(&mut self, word: impl Into<String>) {
        self.finish_raw = Some(word.into());
    }

    pub(crate) fn raw(&self) -> Option<&str> {
        self.finish_raw.as_deref()
    }

    pub(crate) fn failure(&self, cause: Cause) -> Failure {
        Failure {
            status: Some(200),
            request_id: self.request_id.clone(),
            ..Failure::new(cause, self.host.clone())
        }
    }

    /// The failure that an error object inside the stream means.
    pub(crate) fn classify(&self, body: &[u8]) -> Failure {
        let reply = Reply {
            status: 200,
            headers: &[],
            body,
        };
        let mut failure = classify_with(&reply, &self.host, &self.redactor);
        if failure.request_id.is_none() {
            failure.request_id.clone_from(&self.request_id);
        }
        failure
    }

    /// A refusal of the content, with the provider's reason and explanation.
    pub(crate) fn blocked(&self, code: Option<&str>, explanation: Option<&str>) -> Failure {
        let mut failure = self.failure(Cause::ContentBlocked);
        failure.provider_code = code.map(|code| self.redactor.name(code));
        failure.message =
            explanation.map(|text| self.redactor.redact(text).chars().take(500).collect());
        failure
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.end(Err(failure));
    }

    pub(crate) fn finish(&mut self, finish: Finish) {
        self.end(Ok(finish));
    }

    /// The stream stopped before its end. Counts that arrived are a lower bound: more may have been written and billed.
    pub(crate) fn broken(&mut self, code: &str) {
        if self.usage.status == UsageStatus::Exact {
            self.usage.status = UsageStatus::Partial;
        }
        let failure = self.failure(Cause::StreamBroken).with_code(code);
        self.fail(failure);
    }

    fn end(&mut self, mut result: Result<Finish, Failure>) {
        if self.ended {
            return;
        }
        self.ended = true;
        let (thought, said) = (self.thought.rest(), self.said.rest());
        self.tell(Event::Thinking, thought);
        self.tell(Event::Text, said);
        self.redact_usage();
        // A count of nothing for an answer that was written is no count: it must not pass for an answer that cost nothing.
        let counted = self.usage.tokens.input() > 0 || self.usage.tokens.output > 0;
        if self.visible && !counted && self.usage.provider_cost.is_none() {
            self.usage.status = UsageStatus::Missing;
        }
        if let Err(failure) = &mut result {
            // The provider bills what it wrote: repeating it would pay twice for one answer without being asked to.
            if self.visible {
                failure.retry = Retry::Never;
                failure.retry_after = None;
            }
        }
        if let Ok(Finish::Other(word)) = &mut result {
            *word = self.redactor.name(word);
        }
        let finish_raw = self.finish_raw.take();
        self.events.push_back(Event::End(Ending {
            result,
            finish_raw: finish_raw.map(|word| self.redactor.name(&word)),
            usage: std::mem::take(&mut self.usage),
            served_model: self.served_model.take(),
            request_id: self.request_id.take(),
        }));
    }
}

/// Reads an event; one that is not of the expected shape is looked at for an error and otherwise ignored.
///
/// Bytes that are not JSON at all mean that something was lost, so that the answer cannot be trusted to be whole.
pub(crate) fn read<'a, T: serde::Deserialize<'a>>(
    payload: &'a str,
    progress: &mut Progress,
) -> Option<T> {
    if let Ok(event) = serde_json::from_str(payload) {
        return Some(event);
    }
    match serde_json::from_str::<serde_json::Value>(payload) {
        Ok(value) if value.get("error").is_some_and(|error| !error.is_null()) => {
            let failure = progress.classify(payload.as_bytes());
            progress.fail(failure);
        }
        Ok(_) => tracing::debug!("ignored an event of unknown shape"),
        Err(_) => progress.broken("malformed_event"),
    }
    None
}
