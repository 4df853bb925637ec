//! The events of a Responses stream.
//!
//! It must never take `error` for the whole story: `response.failed` follows with less detail, so the first one counts.

use brasskey_metering::{Tokens, UsageStatus};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cost;
use crate::event::Finish;
use crate::failure::{Cause, Failure};
use crate::json::{Count, Text};
use crate::progress::{Parser, Progress, read};

/// Reads a Responses stream.
#[derive(Default)]
pub(crate) struct Responses {
    failure: Option<Failure>,
    refused: bool,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    delta: Text<'a>,
    #[serde(borrow, default)]
    response: Option<Response<'a>>,
    #[serde(borrow, default)]
    item: Option<Item<'a>>,
}

/// A whole piece of the answer; of interest is a call of a tool.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    call_id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    arguments: Text<'a>,
    /// What a tool without a schema is given.
    #[serde(borrow, default)]
    input: Text<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    status: Text<'a>,
    #[serde(borrow, default)]
    service_tier: Text<'a>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    incomplete_details: Option<Incomplete<'a>>,
    #[serde(borrow, default)]
    usage: Option<UsageReport<'a>>,
}

#[derive(Deserialize)]
struct Incomplete<'a> {
    #[serde(borrow, default)]
    reason: Text<'a>,
}

#[derive(Deserialize)]
struct UsageReport<'a> {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    input_tokens_details: Option<InputDetails>,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    output_tokens_details: Option<OutputDetails>,
    /// Perplexity's amount in dollars.
    #[serde(borrow, default)]
    cost: Option<&'a RawValue>,
    /// xAI's amount in ticks.
    #[serde(default)]
    cost_in_usd_ticks: Count,
}

#[derive(Default, Deserialize)]
struct InputDetails {
    #[serde(default)]
    cached_tokens: Count,
    /// Perplexity's word for cached tokens.
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    cache_write_tokens: Count,
    /// Perplexity's word for cache writes.
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    cache_write_tokens_details: Option<WriteDetails>,
}

#[derive(Default, Deserialize)]
struct WriteDetails {
    #[serde(default)]
    ttl_12h_tokens: Count,
}

#[derive(Default, Deserialize)]
struct OutputDetails {
    #[serde(default)]
    reasoning_tokens: Count,
}

impl Parser for Responses {
    fn event(&mut self, payload: &str, progress: &mut Progress) {
        let Some(event) = read::<Envelope<'_>>(payload, progress) else {
            return;
        };
        match &*event.kind.0 {
            "response.output_text.delta" => progress.text(&event.delta.0),
            "response.refusal.delta" => {
                self.refused = true;
                progress.text(&event.delta.0);
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                progress.thinking(&event.delta.0);
            }
            "response.created" | "response.in_progress" | "response.queued" => {
                if let Some(response) = &event.response {
                    open(response, progress);
                    progress.start();
                }
            }
            "response.output_item.done" => {
                if let Some(item) = &event.item
                    && matches!(&*item.kind.0, "function_call" | "custom_tool_call")
                {
                    let arguments = item.arguments.some().or(item.input.some()).unwrap_or("");
                    progress.tool_call(item.call_id.some(), &item.name.0, arguments);
                }
            }
            "error" => {
                if self.failure.is_none() {
                    self.failure = Some(progress.classify(payload.as_bytes()));
                }
                progress.set_closing();
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                if let Some(response) = &event.response {
                    self.end(response, progress);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, progress: &mut Progress) {
        match self.failure.take() {
            Some(failure) => progress.fail(failure),
            None => progress.broken("no_end"),
        }
    }
}

fn open(response: &Response<'_>, progress: &mut Progress) {
    progress.identifier(response.id.some());
    progress.model(response.model.some());
    if let Some(tier) = response.service_tier.some() {
        progress.usage().service_tier = Some(tier.to_owned());
    }
}

impl Responses {
    fn end(&mut self, response: &Response<'_>, progress: &mut Progress) {
        open(response, progress);
        if let Some(report) = &response.usage {
            let before = progress.usage().clone();
            count(report, progress);
            progress.tell_usage(&before);
        }
        if let Some(failure) = self.failure.take() {
            progress.finish_raw(&*response.status.0);
            return progress.fail(failure);
        }
        match &*response.status.0 {
            "completed" => {
                progress.finish_raw("completed");
                progress.finish(if self.refused {
                    Finish::Refused
                } else {
                    Finish::Complete
                });
            }
            "incomplete" => {
                let reason = response
                    .incomplete_details
                    .as_ref()
                    .map_or("", |details| &*details.reason.0);
                progress.finish_raw(format!("incomplete:{reason}"));
                match reason {
                    "max_output_tokens" => progress.finish(Finish::Length),
                    "content_filter" => {
                        let failure = progress.blocked(Some(reason), None);
                        progress.fail(failure);
                    }
                    _ => progress.finish(Finish::Other(reason.to_owned())),
                }
            }
            status => {
                progress.finish_raw(status);
                let failure = match response.error {
                    Some(error) => progress.classify(error.get().as_bytes()),
                    None => progress.failure(Cause::ServerError),
                };
                progress.fail(failure);
            }
        }
    }
}

/// Cached reads, cache writes and reasoning are all inside the totals.
fn count(report: &UsageReport<'_>, progress: &mut Progress) {
    let (Some(input), Some(output)) = (report.input_tokens.get(), report.output_tokens.get())
    else {
        return;
    };
    let none = InputDetails::default();
    let details = report.input_tokens_details.as_ref().unwrap_or(&none);
    let cache_read = details
        .cached_tokens
        .or(details.cache_read_input_tokens)
        .or_zero();
    let written = details
        .cache_write_tokens
        .or(details.cache_creation_input_tokens)
        .or_zero();
    // What is not named as kept for twelve hours is kept for the default 30 minutes.
    let kept_12h = details
        .cache_write_tokens_details
        .as_ref()
        .map_or(0, |split| split.ttl_12h_tokens.or_zero())
        .min(written);
    let cached = cache_read.saturating_add(written);
    let reasoning = report
        .output_tokens_details
        .as_ref()
        .map_or(0, |details| details.reasoning_tokens.or_zero());
    let usage = progress.usage();
    usage.clamped = cached > input
        || reasoning > output
        || report.input_tokens.is_negative()
        || report.output_tokens.is_negative();
    usage.tokens = Tokens {
        input_uncached: input.saturating_sub(cached),
        cache_read,
        cache_write_30m: written - kept_12h,
        cache_write_12h: kept_12h,
        output,
        reasoning: reasoning.min(output),
        ..Tokens::default()
    };
    usage.status = UsageStatus::Exact;
    usage.provider_cost =
        cost::in_ticks(report.cost_in_usd_ticks).or_else(|| cost::in_dollars(report.cost?));
}
