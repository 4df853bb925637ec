//! The events of a Messages stream.
//!
//! It must never call an answer complete before `message_stop`.

use brasskey_metering::UsageStatus;
use serde::Deserialize;

use super::usage::{Counts, UsageReport};
use crate::event::Finish;
use crate::json::Text;
use crate::progress::{Parser, Progress, read};

/// The most bytes of the arguments of one tool call, give or take a piece.
const LONGEST_ARGUMENTS: usize = 1024 * 1024;

/// Reads a Messages stream.
#[derive(Default)]
pub(crate) struct Messages {
    counts: Counts,
    /// A `message_delta` with its final counts arrived.
    counted: bool,
    explanation: Option<(String, String)>,
    /// The tool call whose block is open: its identifier, its name, and its arguments so far.
    call: Option<(String, String, String)>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    content_block: Option<Delta<'a>>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    usage: Option<UsageReport<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    usage: Option<UsageReport<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    thinking: Text<'a>,
    /// `tool_use`, in a block that begins.
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    partial_json: Text<'a>,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
    #[serde(borrow, default)]
    stop_details: Option<StopDetails<'a>>,
}

#[derive(Deserialize)]
struct StopDetails<'a> {
    #[serde(borrow, default)]
    category: Text<'a>,
    #[serde(borrow, default)]
    explanation: Text<'a>,
}

impl Parser for Messages {
    fn event(&mut self, payload: &str, progress: &mut Progress) {
        let Some(event) = read::<Envelope<'_>>(payload, progress) else {
            return;
        };
        match &*event.kind.0 {
            "message_start" => {
                if let Some(message) = &event.message {
                    progress.identifier(message.id.some());
                    progress.model(message.model.some());
                    progress.start();
                    self.report(message.usage.as_ref(), progress);
                }
            }
            "content_block_start" => {
                self.call = event.content_block.as_ref().and_then(tool_use);
                write(event.content_block.as_ref(), progress);
            }
            "content_block_delta" => {
                if let (Some((_, _, arguments)), Some(delta)) = (&mut self.call, &event.delta)
                    && arguments.len() < LONGEST_ARGUMENTS
                {
                    arguments.push_str(&delta.partial_json.0);
                }
                write(event.delta.as_ref(), progress);
            }
            "content_block_stop" => {
                if let Some((id, name, arguments)) = self.call.take() {
                    progress.tool_call(Some(&id), &name, &arguments);
                }
            }
            "message_delta" => {
                if let Some(delta) = &event.delta {
                    self.stop(delta, progress);
                }
                self.counted |= event.usage.is_some();
                self.report(event.usage.as_ref(), progress);
            }
            "message_stop" => self.end(progress),
            "error" => {
                let failure = progress.classify(payload.as_bytes());
                progress.fail(failure);
            }
            _ => {}
        }
    }

    fn close(&mut self, progress: &mut Progress) {
        progress.broken("no_end");
    }
}

fn tool_use(block: &Delta<'_>) -> Option<(String, String, String)> {
    (block.kind.0 == "tool_use").then(|| {
        (
            block.id.0.to_string(),
            block.name.0.to_string(),
            String::new(),
        )
    })
}

fn write(block: Option<&Delta<'_>>, progress: &mut Progress) {
    if let Some(block) = block {
        progress.thinking(&block.thinking.0);
        progress.text(&block.text.0);
    }
}

impl Messages {
    fn stop(&mut self, delta: &Delta<'_>, progress: &mut Progress) {
        if let Some(reason) = delta.stop_reason.some() {
            progress.finish_raw(reason);
        }
        if let Some(details) = &delta.stop_details {
            self.explanation = Some((
                details.category.0.to_string(),
                details.explanation.0.to_string(),
            ));
        }
    }

    fn end(&mut self, progress: &mut Progress) {
        if self.counted && self.counts.are_of_one_model() {
            let before = progress.usage().clone();
            progress.usage().status = UsageStatus::Exact;
            progress.tell_usage(&before);
        }
        match progress.raw() {
            Some("end_turn" | "stop_sequence") => progress.finish(Finish::Complete),
            Some("max_tokens" | "model_context_window_exceeded") => progress.finish(Finish::Length),
            Some("refusal") => {
                let (category, explanation) = self.explanation.take().unwrap_or_default();
                let some = |text: &'_ String| (!text.is_empty()).then(|| text.clone());
                let failure =
                    progress.blocked(some(&category).as_deref(), some(&explanation).as_deref());
                progress.fail(failure);
            }
            Some(other) => {
                let other = other.to_owned();
                progress.finish(Finish::Other(other));
            }
            None => progress.broken("no_finish_reason"),
        }
    }

    fn report(&mut self, report: Option<&UsageReport<'_>>, progress: &mut Progress) {
        if let Some(report) = report {
            let before = progress.usage().clone();
            self.counts.update(report, progress.usage());
            progress.tell_usage(&before);
        }
    }
}
