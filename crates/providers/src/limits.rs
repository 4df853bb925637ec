//! What providers say of their rate limits in the headers of an answer.
//!
//! It must never guess: a header that is not understood is left out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::classify::duration_in_words;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Requests.
    Requests,
    /// Tokens of input and output.
    Tokens,
    /// Tokens of input.
    InputTokens,
    /// Tokens of output.
    OutputTokens,
}

/// One limit, as it was when the answer began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// What is counted.
    pub counted: Counted,
    /// How many there are until it starts again.
    pub limit: u64,
    /// How many of them are left.
    pub remaining: u64,
    /// In how long it starts again, where the provider says so.
    pub resets_in: Option<Duration>,
}

/// The beginnings of the three headers of a limit, and what they count; the rest is `limit`, `remaining` and `reset`, in the
/// middle (OpenAI and those who follow it: platform.openai.com/docs/guides/rate-limits; Groq) or at the end (Anthropic:
/// docs.claude.com/en/api/rate-limits; OpenRouter).
const NAMES: &[(&str, &str, Counted)] = &[
    ("x-ratelimit-", "-requests", Counted::Requests),
    ("x-ratelimit-", "-tokens", Counted::Tokens),
    ("anthropic-ratelimit-requests-", "", Counted::Requests),
    ("anthropic-ratelimit-tokens-", "", Counted::Tokens),
    (
        "anthropic-ratelimit-input-tokens-",
        "",
        Counted::InputTokens,
    ),
    (
        "anthropic-ratelimit-output-tokens-",
        "",
        Counted::OutputTokens,
    ),
    ("x-ratelimit-", "", Counted::Requests),
];

/// The limits among the headers of an answer.
pub(crate) fn rate_limits<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Vec<RateLimit> {
    let mut limits: Vec<RateLimit> = Vec::new();
    for (start, end, counted) in NAMES {
        let of = |part: &str| header(&format!("{start}{part}{end}"));
        let number = |part: &str| of(part)?.trim().parse::<u64>().ok();
        let (Some(limit), Some(remaining)) = (number("limit"), number("remaining")) else {
            continue;
        };
        if limits.iter().all(|known| known.counted != *counted) {
            limits.push(RateLimit {
                counted: *counted,
                limit,
                remaining,
                resets_in: of("reset").and_then(|text| resets_in(text, header("date"))),
            });
        }
    }
    limits
}

/// `6m0s` (OpenAI), `2m59.56s` (Groq), or a moment (Anthropic: RFC 3339), which is compared with the answer's own date: the clock of
/// this computer may be wrong.
fn resets_in(text: &str, date: Option<&str>) -> Option<Duration> {
    if let Some(duration) = duration_in_words(text) {
        return Some(duration);
    }
    let until = rfc_3339(text)?;
    let now = httpdate::parse_http_date(date?).ok()?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

/// A moment in UTC, as `2026-11-27T13:32:01Z`.
fn rfc_3339(text: &str) -> Option<std::time::SystemTime> {
    let at: jiff::Timestamp = text.trim().parse().ok()?;
    Some(at.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> Vec<RateLimit> {
        rate_limits(|name| {
            headers
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        })
    }

    #[test]
    fn openai_says_its_limits_apart() {
        let limits = read(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ]);
        assert_eq!(
            limits,
            [
                RateLimit {
                    counted: Counted::Requests,
                    limit: 60,
                    remaining: 59,
                    resets_in: Some(Duration::from_secs(1)),
                },
                RateLimit {
                    counted: Counted::Tokens,
                    limit: 150_000,
                    remaining: 149_984,
                    resets_in: Some(Duration::from_secs(360)),
                },
            ]
        );
    }

    #[test]
    fn anthropic_names_the_moment() {
        let limits = read(&[
            ("date", "Fri, 27 Nov 2026 13:32:01 GMT"),
            ("anthropic-ratelimit-input-tokens-limit", "50000"),
            ("anthropic-ratelimit-input-tokens-remaining", "49000"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "2026-11-27T13:32:31Z",
            ),
        ]);
        assert_eq!(limits.len(), 1);
        assert_eq!(limits[0].counted, Counted::InputTokens);
        assert_eq!(limits[0].resets_in, Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        assert!(
            read(&[
                ("x-ratelimit-limit-requests", "many"),
                ("x-ratelimit-remaining-requests", "1")
            ])
            .is_empty()
        );
        let limits = read(&[
            ("x-ratelimit-limit", "20"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "soon"),
        ]);
        assert_eq!((limits[0].remaining, limits[0].resets_in), (0, None));
    }
}
