//! The lines of `brasskey ask --json`: a contract for scripts, described in `docs/command.md`. Members may be added; none that is
//! here is taken away or changes its meaning without another version.

use brasskey_metering::{Tokens, UsageStatus};
use brasskey_providers::{Counted, RateLimit};
use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

use crate::error::{Action, ErrorCode, RetryAdvice};
use crate::keys::view::ProviderId;

/// The version of the contract, told in the first line.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum AskEvent {
    /// What is asked, of whom. First, and once.
    Start {
        /// The version of this contract.
        version: u32,
        /// The provider.
        provider: ProviderId,
        /// How it is spoken to: `openai_responses`, `openai_chat`, `anthropic_messages`, `gemini`.
        protocol: String,
        /// The host that is asked.
        host: String,
        /// The model that is asked for.
        model: String,
    },
    /// Text of the answer, to be appended.
    Text {
        /// It.
        text: String,
    },
    /// Text of the model's thinking, to be appended.
    Thinking {
        /// It.
        text: String,
    },
    /// The model asks for a tool. Nothing is called here.
    ToolCall {
        /// The provider's identifier of the call.
        id: Option<String>,
        /// The tool.
        name: String,
        /// Its arguments as the model wrote them: usually JSON.
        arguments: String,
    },
    /// It failed and is asked again by itself, which `--no-retry` prevents.
    Waiting {
        /// Why it failed.
        cause: ErrorCode,
        /// The try that follows, from 2.
        attempt: u32,
        /// After so many milliseconds.
        #[specta(type = Number)]
        after_ms: u64,
    },
    /// What was used. Absent when the provider did not say.
    Usage {
        /// Tokens by kind; each is counted once, but `reasoning`, which is a part of `output`.
        #[serde(flatten)]
        tokens: TokenCounts,
        /// `exact`, or `partial`: at least so much.
        status: CountStatus,
    },
    /// What it cost. Absent when that is not known, which is not zero.
    Cost {
        /// Exact decimal dollars.
        usd: String,
        /// Where the price is from.
        price: PricedBy,
    },
    /// It failed. Text that came before is what the provider may bill for.
    Failure {
        /// Why: one of the closed list.
        cause: ErrorCode,
        /// Whether and how it may be repeated.
        retry: RetryAdvice,
        /// Milliseconds until it may be repeated, as the provider asks.
        #[specta(type = Option<Number>)]
        retry_after_ms: Option<u64>,
        /// Whether it cost anything.
        billed: BilledWord,
        /// What mends it.
        action: Action,
        /// The provider's identifier of the request, for its support.
        request_id: Option<String>,
        /// What the provider said, without keys, at most 500 characters.
        message: Option<String>,
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
        /// The provider's own machine code, or ours where nothing was received.
        provider_code: Option<String>,
        /// The permissions that the provider names as missing.
        scopes: Vec<String>,
    },
    /// The end. Last, and once.
    End {
        /// The provider's own word for the end; none where it sent none.
        finish: Option<String>,
        /// The same, in one word for all providers.
        outcome: OutcomeWord,
        /// The model that answered, as the provider names it.
        served_model: Option<String>,
        /// The provider's identifier of the request, for its support.
        request_id: Option<String>,
        /// The provider's rate limits as they were when the answer began; none where it does not say.
        limits: Vec<LimitLine>,
    },
}

/// One rate limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct LimitLine {
    /// What is counted.
    pub counted: Counted,
    /// How many there are.
    #[specta(type = Number)]
    pub limit: u64,
    /// How many are left.
    #[specta(type = Number)]
    pub remaining: u64,
    /// Milliseconds until it starts again, where the provider says so.
    #[specta(type = Option<Number>)]
    pub resets_in_ms: Option<u64>,
}

impl From<&RateLimit> for LimitLine {
    fn from(limit: &RateLimit) -> Self {
        Self {
            counted: limit.counted,
            limit: limit.limit,
            remaining: limit.remaining,
            resets_in_ms: limit
                .resets_in
                .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

/// Tokens by the kind they are billed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
pub struct TokenCounts {
    /// Input read afresh.
    #[specta(type = Number)]
    pub input_uncached: u64,
    /// Input read from the provider's cache.
    #[specta(type = Number)]
    pub cache_read: u64,
    /// Input written to a cache that is kept for five minutes.
    #[specta(type = Number)]
    pub cache_write_5m: u64,
    /// One hour.
    #[specta(type = Number)]
    pub cache_write_1h: u64,
    /// 30 minutes.
    #[specta(type = Number)]
    pub cache_write_30m: u64,
    /// Twelve hours.
    #[specta(type = Number)]
    pub cache_write_12h: u64,
    /// Everything billed as output, reasoning included.
    #[specta(type = Number)]
    pub output: u64,
    /// The part of `output` that was reasoning.
    #[specta(type = Number)]
    pub reasoning: u64,
}

impl From<&Tokens> for TokenCounts {
    fn from(tokens: &Tokens) -> Self {
        Self {
            input_uncached: tokens.input_uncached,
            cache_read: tokens.cache_read,
            cache_write_5m: tokens.cache_write_5m,
            cache_write_1h: tokens.cache_write_1h,
            cache_write_30m: tokens.cache_write_30m,
            cache_write_12h: tokens.cache_write_12h,
            output: tokens.output,
            reasoning: tokens.reasoning,
        }
    }
}

/// How certain counts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CountStatus {
    /// The final counts.
    Exact,
    /// At least so much.
    Partial,
}

impl CountStatus {
    /// None where nothing was counted.
    pub(super) const fn of(status: UsageStatus) -> Option<Self> {
        match status {
            UsageStatus::Exact => Some(Self::Exact),
            UsageStatus::Partial => Some(Self::Partial),
            UsageStatus::Missing => None,
        }
    }
}

/// Where a price is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct PricedBy {
    /// The list with its version, `provider` for an amount that the provider itself reported, `free` on this computer.
    pub list: String,
    /// The list's day, ISO 8601.
    pub as_of: Option<String>,
    /// The row of the list.
    pub row: Option<String>,
    /// Two lists disagree, and this is the higher price, or the provider's figures contradict each other.
    pub to_be_confirmed: bool,
}

/// Whether a failed call cost anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BilledWord {
    /// No.
    No,
    /// Yes: the provider counted it.
    Yes,
    /// The provider may bill for it and has not said.
    Unknown,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeWord {
    /// The model was done.
    Complete,
    /// The output limit or the context window was reached.
    Length,
    /// The model declined, in words of its own.
    Refused,
    /// Another reason, in the provider's word.
    Other,
    /// It failed: the line before says why.
    Failed,
}
