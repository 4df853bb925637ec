//! How long a provider asks to wait.
//!
//! It must never read this computer's clock: an HTTP date is compared with the provider's own `Date` header.

use std::time::Duration;

use super::facts::Facts;

/// The delay that was asked for, from the most exact source to the least.
pub(super) fn delay<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    facts: &Facts<'_>,
) -> Option<Duration> {
    let milliseconds = header("retry-after-ms").and_then(|text| seconds(text, 1000.0));
    milliseconds
        .or_else(|| retry_after(header("retry-after")?, header("date")))
        .or_else(|| written(facts.google_delay()?))
        .or_else(|| in_words(&facts.message()?))
}

fn seconds(text: &str, per_second: f64) -> Option<Duration> {
    let number: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(number / per_second).ok()
}

/// Seconds, or an HTTP date relative to the answer's own date.
fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    if let Some(delay) = seconds(text, 1.0) {
        return Some(delay);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(date?).ok()?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

/// "Please try again in 9m38.016s", "retry after 26 seconds".
fn in_words(message: &str) -> Option<Duration> {
    let lower = message.to_ascii_lowercase();
    ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|phrase| {
            let (_, rest) = lower.split_once(phrase)?;
            written(rest)
        })
}

/// A duration that is all of a text.
pub(crate) fn in_full(text: &str) -> Option<Duration> {
    let text = text.trim();
    text.ends_with(|last: char| last.is_ascii_alphabetic())
        .then(|| written(text))?
}

/// A duration at the beginning of a text: "21.4s", "900ms", "9m38.016s", "1h2m", "26 seconds".
fn written(text: &str) -> Option<Duration> {
    let mut total = None;
    let mut rest = text;
    loop {
        let digits = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let Ok(number) = rest[..digits].parse::<f64>() else {
            return total;
        };
        let after = rest[digits..].trim_start_matches(' ');
        let letters = after
            .find(|character: char| !character.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let factor = match &after[..letters] {
            "ms" | "milliseconds" => 0.001,
            "s" | "sec" | "second" | "seconds" => 1.0,
            "m" | "min" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            _ => return total,
        };
        let part = Duration::try_from_secs_f64(number * factor).ok()?;
        total = Some(total.unwrap_or(Duration::ZERO).checked_add(part)?);
        rest = &after[letters..];
    }
}
