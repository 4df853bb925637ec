//! The usage of a Chat Completions answer.
//!
//! What is inside a total and what comes on top differs per provider and is told apart by the totals themselves. It must
//! never count a token twice, nor let a negative difference through unnoticed.

use brasskey_metering::{Money, Tokens, Usage, UsageStatus};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::catalogue::CacheWrites;
use crate::cost;
use crate::json::Count;

#[derive(Deserialize)]
pub(super) struct UsageReport<'a> {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(default)]
    total_tokens: Count,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
    /// Mistral's other spelling.
    #[serde(default)]
    prompt_token_details: Option<PromptDetails>,
    #[serde(default)]
    completion_tokens_details: Option<CompletionDetails>,
    /// Mistral.
    #[serde(default)]
    num_cached_tokens: Count,
    /// DeepSeek.
    #[serde(default)]
    prompt_cache_hit_tokens: Count,
    /// OpenRouter: the amount charged, in dollars.
    #[serde(borrow, default)]
    cost: Option<&'a RawValue>,
    /// OpenRouter: `true` when it went over a key of the user's kept there; `cost` is then OpenRouter's fee alone.
    #[serde(borrow, default)]
    is_byok: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cost_details: Option<&'a RawValue>,
    /// xAI: the amount charged, in ticks.
    #[serde(default)]
    cost_in_usd_ticks: Count,
}

#[derive(Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Count,
    #[serde(default)]
    cache_write_tokens: Count,
    #[serde(default)]
    cache_write_tokens_details: Option<WriteDetails>,
}

#[derive(Deserialize)]
struct WriteDetails {
    #[serde(default)]
    ttl_12h_tokens: Count,
}

#[derive(Deserialize)]
struct CompletionDetails {
    #[serde(default)]
    reasoning_tokens: Count,
}

impl UsageReport<'_> {
    /// Writes the counts into `usage`; without totals nothing is known and nothing changes.
    pub(super) fn count(&self, retention: CacheWrites, usage: &mut Usage) {
        let (Some(prompt), Some(completion)) =
            (self.prompt_tokens.get(), self.completion_tokens.get())
        else {
            return;
        };
        let details = self
            .prompt_tokens_details
            .as_ref()
            .or(self.prompt_token_details.as_ref());
        let cache_read = self
            .num_cached_tokens
            .or(details.map_or_else(Count::default, |details| details.cached_tokens))
            .or(self.prompt_cache_hit_tokens)
            .or_zero();
        let written = details.map_or(0, |details| details.cache_write_tokens.or_zero());
        let kept_12h = details
            .and_then(|details| details.cache_write_tokens_details.as_ref())
            .map_or(0, |split| split.ttl_12h_tokens.or_zero())
            .min(written);
        let reasoning = self
            .completion_tokens_details
            .as_ref()
            .map_or(0, |details| details.reasoning_tokens.or_zero());

        // More cached than prompt: then the cached tokens come on top of the prompt.
        let uncached = if cache_read > prompt {
            prompt.checked_sub(written)
        } else {
            prompt.checked_sub(cache_read.saturating_add(written))
        };
        // The total says whether reasoning comes on top of the completion (xAI) or is inside of it (all others).
        let on_top = reasoning > 0
            && self.total_tokens.get()
                == prompt
                    .checked_add(completion)
                    .and_then(|sum| sum.checked_add(reasoning));
        let output = if on_top {
            completion.saturating_add(reasoning)
        } else {
            completion
        };
        let rest = written - kept_12h;
        let (cache_write_5m, cache_write_30m) = match retention {
            CacheWrites::FiveMinutes => (rest, 0),
            CacheWrites::HalfAnHour => (0, rest),
        };
        usage.clamped = uncached.is_none()
            || reasoning > output
            || self.prompt_tokens.is_negative()
            || self.completion_tokens.is_negative();
        usage.tokens = Tokens {
            input_uncached: uncached.unwrap_or(0),
            cache_read,
            cache_write_5m,
            cache_write_30m,
            cache_write_12h: kept_12h,
            output,
            reasoning: reasoning.min(output),
            ..Tokens::default()
        };
        usage.status = UsageStatus::Exact;
        usage.provider_cost = self.charged();
    }

    /// All that is charged for it, whoever charges it; none when a part is not told.
    fn charged(&self) -> Option<Money> {
        #[derive(Deserialize)]
        struct Details<'a> {
            #[serde(borrow)]
            upstream_inference_cost: &'a RawValue,
        }
        let charged =
            cost::in_ticks(self.cost_in_usd_ticks).or_else(|| cost::in_dollars(self.cost?))?;
        if self.is_byok.is_none_or(|byok| byok.get() != "true") {
            return Some(charged);
        }
        let details: Details<'_> = serde_json::from_str(self.cost_details?.get()).ok()?;
        charged.checked_add(cost::in_dollars(details.upstream_inference_cost)?)
    }
}
