//! The chunks of a generateContent stream, each a whole response.
//!
//! There is no closing event: the finish reason is the end, and a chunk with a last count may follow it.

use brasskey_metering::{Tokens, UsageStatus};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::event::Finish;
use crate::failure::{Cause, Failure};
use crate::json::{Count, Text};
use crate::progress::{Parser, Progress, read};

/// Reads a generateContent stream.
#[derive(Default)]
pub(crate) struct Generation {
    blocked: Option<String>,
    explanation: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow, default)]
    prompt_feedback: Option<PromptFeedback<'a>>,
    #[serde(default)]
    usage_metadata: Option<UsageReport>,
    #[serde(borrow, default)]
    model_version: Text<'a>,
    #[serde(borrow, default)]
    response_id: Text<'a>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    #[serde(borrow, default)]
    finish_message: Text<'a>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(borrow, rename = "functionCall", default)]
    function_call: Option<FunctionCall<'a>>,
}

#[derive(Deserialize)]
struct FunctionCall<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback<'a> {
    #[serde(borrow, default)]
    block_reason: Text<'a>,
    #[serde(borrow, default)]
    block_reason_message: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageReport {
    #[serde(default)]
    prompt_token_count: Count,
    #[serde(default)]
    tool_use_prompt_token_count: Count,
    #[serde(default)]
    cached_content_token_count: Count,
    #[serde(default)]
    candidates_token_count: Count,
    #[serde(default)]
    thoughts_token_count: Count,
}

impl Parser for Generation {
    fn event(&mut self, payload: &str, progress: &mut Progress) {
        let Some(chunk) = read::<Chunk<'_>>(payload, progress) else {
            return;
        };
        if chunk.error.is_some() {
            let failure = progress.classify(payload.as_bytes());
            return progress.fail(failure);
        }
        progress.identifier(chunk.response_id.some());
        progress.model(chunk.model_version.some());
        progress.start();
        let candidate = chunk.candidates.as_ref().and_then(|list| list.first());
        if let Some(candidate) = candidate {
            self.candidate(candidate, progress);
        }
        if let Some(feedback) = &chunk.prompt_feedback
            && let Some(reason) = feedback.block_reason.some()
        {
            self.blocked = Some(reason.to_owned());
            self.explanation = feedback.block_reason_message.some().map(str::to_owned);
            progress.finish_raw(format!("blocked:{reason}"));
            progress.set_closing();
        }
        if let Some(report) = &chunk.usage_metadata {
            let before = progress.usage().clone();
            report.count(progress);
            progress.tell_usage(&before);
        }
    }

    fn close(&mut self, progress: &mut Progress) {
        if !progress.is_closing() {
            return progress.broken("no_end");
        }
        if let Some(reason) = self.blocked.take() {
            let failure = progress.blocked(Some(&reason), self.explanation.as_deref());
            return progress.fail(failure);
        }
        let reason = progress.raw().unwrap_or("").to_owned();
        match ending(&reason) {
            Ok(finish) => progress.finish(finish),
            Err(Cause::ContentBlocked) => {
                let failure = progress.blocked(Some(&reason), self.explanation.as_deref());
                progress.fail(failure);
            }
            Err(cause) => {
                let failure: Failure = progress.failure(cause).with_code(&reason);
                progress.fail(failure);
            }
        }
    }
}

impl Generation {
    fn candidate(&mut self, candidate: &Candidate<'_>, progress: &mut Progress) {
        let parts = candidate
            .content
            .iter()
            .flat_map(|content| content.parts.iter().flatten());
        for part in parts {
            if let Some(call) = &part.function_call {
                let arguments = call.args.map_or("{}", RawValue::get);
                progress.tool_call(call.id.some(), &call.name.0, arguments);
            }
            if part.thought == Some(true) {
                progress.thinking(&part.text.0);
            } else {
                progress.text(&part.text.0);
            }
        }
        if let Some(reason) = candidate.finish_reason.some() {
            progress.finish_raw(reason);
            self.explanation = candidate.finish_message.some().map(str::to_owned);
            progress.set_closing();
        }
    }
}

/// What a finish reason means, after Google's own list of them.
fn ending(reason: &str) -> Result<Finish, Cause> {
    match reason {
        "STOP" => Ok(Finish::Complete),
        "MAX_TOKENS" => Ok(Finish::Length),
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE"
        | "ESCALATION" => Err(Cause::ContentBlocked),
        reason if reason.starts_with("IMAGE_") => Err(Cause::ContentBlocked),
        "PUP_LIMITED_DISABLED" => Err(Cause::AccountDisabled),
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE"
        | "OTHER" => Err(Cause::ServerError),
        other => Ok(Finish::Other(other.to_owned())),
    }
}

impl UsageReport {
    /// The cache is inside the prompt; tool prompts and thoughts come on top.
    fn count(&self, progress: &mut Progress) {
        let Some(prompt) = self.prompt_token_count.get() else {
            return;
        };
        let input = prompt.saturating_add(self.tool_use_prompt_token_count.or_zero());
        let cached = self.cached_content_token_count.or_zero();
        let thoughts = self.thoughts_token_count.or_zero();
        // The counts are running ones until the finish reason.
        let status = if progress.is_closing() {
            UsageStatus::Exact
        } else {
            UsageStatus::Partial
        };
        let usage = progress.usage();
        usage.clamped = cached > input
            || self.prompt_token_count.is_negative()
            || self.candidates_token_count.is_negative();
        usage.tokens = Tokens {
            input_uncached: input.saturating_sub(cached),
            cache_read: cached,
            output: self
                .candidates_token_count
                .or_zero()
                .saturating_add(thoughts),
            reasoning: thoughts,
            ..Tokens::default()
        };
        usage.status = status;
    }
}
