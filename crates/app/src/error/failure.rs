//! A provider's refusal as the window sees it. Every text in it was redacted by the providers crate.

use brasskey_providers::{Failure, Retry};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use super::{ErrorCode, Verdict};

/// Whether the provider billed for what failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// Nothing was sent.
    NotSent,
    /// It was refused before any output.
    No,
    /// The provider may bill for it and has not said.
    Unknown,
    /// The provider said what it counted.
    Yes,
}

/// How a failure may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RetryAdvice {
    /// Repeating changes nothing.
    Never,
    /// After the delay that the provider asks for.
    AfterDelay,
    /// After a growing pause.
    Backoff,
    /// When the provider's quota starts again.
    AfterReset,
}

/// Facts about a provider's refusal. Every text in it is redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FailureView {
    /// The cause.
    pub code: ErrorCode,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The provider's own machine code.
    pub provider_code: Option<String>,
    /// The provider's own words, redacted, at most 500 characters.
    pub provider_message: Option<String>,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
    /// Scopes that the key lacks.
    pub scopes: Vec<String>,
    /// The host that was asked.
    pub host: String,
    /// Whether and how it may be repeated.
    pub retry: RetryAdvice,
    /// Milliseconds until it may be repeated, as the provider asked.
    #[specta(type = Option<Number>)]
    pub retry_after_ms: Option<u64>,
    /// When that is, milliseconds since 1970.
    #[specta(type = Option<Number>)]
    pub retry_at: Option<i64>,
    /// Whether it cost anything.
    pub billed: Billed,
    /// Something of the answer was on screen when it failed.
    pub begun: bool,
    /// How often it was tried, this time included; 0 where nothing was sent.
    pub tries: u32,
    /// How long the failed try took, in milliseconds.
    #[specta(type = Option<Number>)]
    pub waited_ms: Option<u64>,
}

/// What had come of an answer when its call failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The provider had begun to answer, be it with thinking that it does not show.
    pub begun: bool,
    /// The user had seen something of it.
    pub shown: bool,
    /// The final token count had come.
    pub counted: bool,
}

impl FailureView {
    /// A provider's failure for the window, of a call that was heard so far; `at` is now.
    #[must_use]
    pub fn of(failure: &Failure, heard: Heard, at: i64) -> Self {
        let code = ErrorCode::from(failure.cause);
        let retry_after_ms = failure
            .retry_after
            .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        Self {
            code,
            status: failure.status,
            provider_code: failure.provider_code.clone(),
            provider_message: failure.message.clone(),
            request_id: failure.request_id.clone(),
            scopes: failure.scopes.clone(),
            host: failure.host.clone(),
            retry: match failure.retry {
                Retry::Never => RetryAdvice::Never,
                Retry::AfterDelay => RetryAdvice::AfterDelay,
                Retry::Backoff => RetryAdvice::Backoff,
                Retry::AfterReset => RetryAdvice::AfterReset,
            },
            retry_after_ms,
            retry_at: retry_after_ms.and_then(|delay| at.checked_add(i64::try_from(delay).ok()?)),
            billed: billed(failure, code, heard),
            begun: heard.shown,
            tries: 1,
            waited_ms: None,
        }
    }

    /// A failure of this computer's own: nothing was sent.
    #[must_use]
    pub fn not_sent(code: ErrorCode, host: &str) -> Self {
        Self {
            code,
            status: None,
            provider_code: None,
            provider_message: None,
            request_id: None,
            scopes: Vec::new(),
            host: host.to_owned(),
            retry: RetryAdvice::Never,
            retry_after_ms: None,
            retry_at: None,
            billed: Billed::NotSent,
            begun: false,
            tries: 0,
            waited_ms: None,
        }
    }
}

fn billed(failure: &Failure, code: ErrorCode, heard: Heard) -> Billed {
    match (code, failure.status) {
        _ if heard.counted => Billed::Yes,
        // The account or the key was refused: whatever was announced before, no work was done.
        _ if code.verdict() != Verdict::Nothing && !heard.shown => {
            if failure.status.is_some() {
                Billed::No
            } else {
                Billed::NotSent
            }
        }
        (ErrorCode::StreamBroken | ErrorCode::Timeout, _) => Billed::Unknown,
        _ if heard.begun => Billed::Unknown,
        // A success that could not be read: whatever it was, the provider did it.
        (_, Some(200..=299)) if failure.provider_code.as_deref() == Some("not_a_stream") => {
            Billed::Unknown
        }
        // The connection was there and broke before an answer: the request may have arrived.
        (_, None) if failure.provider_code.as_deref() == Some("connection_lost") => Billed::Unknown,
        (_, None) => Billed::NotSent,
        _ => Billed::No,
    }
}
