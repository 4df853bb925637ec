//! The usage of a Messages answer.
//!
//! It must never add reports up: every one is cumulative and may correct an earlier one, so the last value of each field
//! counts.

use brasskey_metering::{Tokens, Usage, UsageStatus};
use serde::Deserialize;

use crate::json::{Count, Text};

#[derive(Deserialize)]
pub(super) struct UsageReport<'a> {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    cache_creation: Option<CacheCreation>,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    output_tokens_details: Option<OutputDetails>,
    #[serde(default)]
    server_tool_use: Option<ServerTools>,
    #[serde(borrow, default)]
    iterations: Option<Vec<Iteration<'a>>>,
    #[serde(borrow, default)]
    service_tier: Text<'a>,
    #[serde(borrow, default)]
    inference_geo: Text<'a>,
    #[serde(borrow, default)]
    speed: Text<'a>,
}

#[derive(Deserialize)]
struct CacheCreation {
    #[serde(default)]
    ephemeral_5m_input_tokens: Count,
    #[serde(default)]
    ephemeral_1h_input_tokens: Count,
}

#[derive(Deserialize)]
struct OutputDetails {
    #[serde(default)]
    thinking_tokens: Count,
}

#[derive(Deserialize)]
struct ServerTools {
    #[serde(default)]
    web_search_requests: Count,
}

#[derive(Deserialize)]
struct Iteration<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
}

/// The last value of each field over all reports.
#[derive(Default)]
pub(super) struct Counts {
    input: Count,
    cache_read: Count,
    cache_write: Count,
    cache_write_5m: Count,
    cache_write_1h: Count,
    output: Count,
    thinking: Count,
    extra: Extra,
}

/// Rounds that the totals leave out (compaction), and whether another model's price applies to a part.
#[derive(Clone, Copy, Default)]
struct Extra {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
    other_model: bool,
}

impl Counts {
    /// Takes a report up and writes what is known now into `usage`.
    pub(super) fn update(&mut self, report: &UsageReport<'_>, usage: &mut Usage) {
        let set = |place: &mut Option<String>, word: &Text<'_>| {
            if let Some(word) = word.some() {
                *place = Some(word.to_owned());
            }
        };
        set(&mut usage.service_tier, &report.service_tier);
        set(&mut usage.region, &report.inference_geo);
        set(&mut usage.speed, &report.speed);
        if let Some(searches) = report
            .server_tool_use
            .as_ref()
            .and_then(|tools| tools.web_search_requests.get())
        {
            usage.web_searches = u32::try_from(searches).unwrap_or(u32::MAX);
        }
        self.take(report);
        if let Some((tokens, clamped)) = self.tokens() {
            usage.tokens = tokens;
            usage.clamped = clamped;
            usage.status = UsageStatus::Partial;
        }
    }

    /// Whether all of it is billed at the price of the model that answered.
    pub(super) fn are_of_one_model(&self) -> bool {
        !self.extra.other_model
    }

    fn take(&mut self, report: &UsageReport<'_>) {
        self.input = report.input_tokens.or(self.input);
        self.cache_read = report.cache_read_input_tokens.or(self.cache_read);
        self.cache_write = report.cache_creation_input_tokens.or(self.cache_write);
        self.output = report.output_tokens.or(self.output);
        if let Some(split) = &report.cache_creation {
            self.cache_write_5m = split.ephemeral_5m_input_tokens.or(self.cache_write_5m);
            self.cache_write_1h = split.ephemeral_1h_input_tokens.or(self.cache_write_1h);
        }
        if let Some(details) = &report.output_tokens_details {
            self.thinking = details.thinking_tokens.or(self.thinking);
        }
        if let Some(iterations) = &report.iterations {
            self.extra = Extra::of(iterations);
        }
    }

    /// The tokens by kind, and whether the counts contradict each other. Input has three parts that do not overlap.
    fn tokens(&self) -> Option<(Tokens, bool)> {
        let input = self.input.get()?;
        let extra = &self.extra;
        let split = self
            .cache_write_5m
            .or_zero()
            .saturating_add(self.cache_write_1h.or_zero());
        let written = self.cache_write.get().unwrap_or(split);
        let kept_1h = self.cache_write_1h.or_zero().min(written);
        let output = self.output.or_zero();
        let thinking = self.thinking.or_zero();
        let clamped = split > written
            || thinking > output
            || self.input.is_negative()
            || self.output.is_negative();
        Some((
            Tokens {
                input_uncached: input.saturating_add(extra.input),
                cache_read: self.cache_read.or_zero().saturating_add(extra.cache_read),
                // What is not named as kept for an hour is kept for the default five minutes.
                cache_write_5m: (written - kept_1h).saturating_add(extra.cache_write),
                cache_write_1h: kept_1h,
                output: output.saturating_add(extra.output),
                reasoning: thinking.min(output),
                ..Tokens::default()
            },
            clamped,
        ))
    }
}

impl Extra {
    /// The totals are those of the answer alone: rounds of compaction come on top. An adviser is another model with
    /// another price, so that the whole cannot be priced as one.
    fn of(iterations: &[Iteration<'_>]) -> Self {
        let mut extra = Self::default();
        for iteration in iterations {
            match &*iteration.kind.0 {
                "compaction" => {
                    let add =
                        |sum: &mut u64, count: Count| *sum = sum.saturating_add(count.or_zero());
                    add(&mut extra.input, iteration.input_tokens);
                    add(&mut extra.cache_read, iteration.cache_read_input_tokens);
                    add(
                        &mut extra.cache_write,
                        iteration.cache_creation_input_tokens,
                    );
                    add(&mut extra.output, iteration.output_tokens);
                }
                "advisor_message" => extra.other_model = true,
                _ => {}
            }
        }
        extra
    }
}
