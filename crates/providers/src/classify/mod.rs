//! Turns a provider's refusal into one cause: shapes first, then machine codes, phrases, and the status last.
//!
//! The order is that of evidence: a status lies (429 for an empty balance, 400 for a wrong key, 200 for an overload), a
//! machine code seldom. It must never look at who the provider claims to be: compatible endpoints relay each other.

mod codes;
mod delay;
mod facts;
mod phrases;

use std::time::Duration;

use crate::failure::{Cause, Failure, Retry};
use crate::redact::Redactor;

pub(crate) use delay::in_full as duration_in_words;
pub(crate) use facts::Facts;

/// A delay beyond this is told to the user instead of being waited for (the Gemini CLI's own limit).
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// The longest message kept, in characters.
const LONGEST_MESSAGE: usize = 500;
/// The longest machine code, request identifier or scope kept, in characters.
const LONGEST_CODE: usize = 120;

/// What a provider answered instead of an answer.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Header names (in any case) and values; those that are not text are left out.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, or its beginning.
    pub body: &'a [u8],
}

impl Reply<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The failure that a provider's reply means. `secret` is the key that was sent, so that an echo of it is cut out.
pub fn classify(reply: &Reply<'_>, host: &str, secret: Option<&secrecy::SecretString>) -> Failure {
    classify_with(reply, host, &Redactor::new(secret))
}

pub(crate) fn classify_with(reply: &Reply<'_>, host: &str, redactor: &Redactor) -> Failure {
    let facts = Facts::read(reply);
    let cause = cause(&facts);
    let clean = |text: &str, longest: usize| bounded(&redactor.redact(text), longest);
    let (retry, retry_after) = retry(cause, &facts, reply);
    Failure {
        cause,
        retry,
        retry_after,
        status: (reply.status != 0).then_some(reply.status),
        provider_code: facts.best_code().map(|code| clean(code, LONGEST_CODE)),
        message: facts.message().map(|text| clean(&text, LONGEST_MESSAGE)),
        request_id: request_id(|name| reply.header(name))
            .or(facts.request_id())
            .map(|id| clean(id, LONGEST_CODE)),
        scopes: scopes(&facts)
            .iter()
            .map(|scope| clean(scope, LONGEST_CODE))
            .collect(),
        host: host.to_owned(),
    }
}

/// The request identifier among the headers that providers use for it, the most useful one first.
pub(crate) fn request_id<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
    const NAMES: &[&str] = &[
        // OpenRouter's generation id is what its cost can be asked for with.
        "x-generation-id",
        "x-request-id",
        "request-id",
        "apim-request-id",
        "x-amzn-requestid",
    ];
    NAMES.iter().find_map(|name| header(name))
}

fn cause(facts: &Facts<'_>) -> Cause {
    if !facts.is_json()
        && let Some(cause) = not_json(facts)
    {
        return cause;
    }
    codes::by_code(facts)
        .or_else(|| phrases::by_phrase(facts))
        .or_else(|| codes::by_kind(facts))
        .unwrap_or_else(|| by_status(facts.status()))
}

/// Pages of proxies, captive portals and load balancers. Plain text goes on to the phrases.
fn not_json(facts: &Facts<'_>) -> Option<Cause> {
    match facts.status() {
        200..=399 => Some(Cause::ProxyOrNetwork),
        401 if facts.is_html() => Some(Cause::KeyInvalidOrQuota),
        403 | 404 | 500..=599 if facts.is_html() => Some(Cause::ProxyOrNetwork),
        _ => None,
    }
}

fn by_status(status: u16) -> Cause {
    match status {
        401 => Cause::KeyInvalid,
        402 => Cause::OutOfCredit,
        403 => Cause::PermissionMissing,
        404 => Cause::ModelUnavailable,
        407 | 300..=399 => Cause::ProxyOrNetwork,
        408 | 499 | 504 | 524 => Cause::Timeout,
        413 => Cause::PayloadTooLarge,
        429 => Cause::RateLimited,
        451 => Cause::RegionUnsupported,
        498 | 503 | 529 => Cause::Overloaded,
        // A conflict and a failed dependency pass by themselves, unlike other 4xx.
        409 | 424 => Cause::ServerError,
        400..=499 => Cause::BadRequest,
        _ => Cause::ServerError,
    }
}

fn retry(cause: Cause, facts: &Facts<'_>, reply: &Reply<'_>) -> (Retry, Option<Duration>) {
    let mut retry = cause.retry();
    if cause == Cause::Overloaded && facts.status() == 429 {
        retry = Retry::AfterDelay;
    }
    match reply.header("x-should-retry") {
        Some("false") => retry = Retry::Never,
        // The provider's word helps where the fault may be its own, not where money, a key or content is at fault.
        Some("true") if cause == Cause::BadRequest => retry = Retry::Backoff,
        _ => {}
    }
    if retry == Retry::Never {
        return (retry, None);
    }
    // Google sends a delay of seconds with a quota of the day, which resets much later.
    let misleading = cause == Cause::DailyQuota && facts.has_quota_ids();
    let after = if misleading {
        None
    } else {
        delay::delay(|name| reply.header(name), facts)
    };
    if retry == Retry::AfterDelay && after.is_some_and(|after| after > LONGEST_WAIT) {
        retry = Retry::AfterReset;
    }
    (retry, after)
}

/// The permissions that a refusal names.
fn scopes(facts: &Facts<'_>) -> Vec<String> {
    if let Some(permission) = facts.permission() {
        return vec![permission.to_owned()];
    }
    let Some(message) = facts.message() else {
        return Vec::new();
    };
    let lower = message.to_ascii_lowercase();
    let list = |label: &str| {
        let start = lower.find(label)? + label.len();
        Some(
            message[start..]
                .split([' ', ','])
                .map(|word| word.trim_end_matches('.'))
                .filter(|word| !word.is_empty())
                .take_while(|word| word.contains(['.', ':']))
                .map(str::to_owned)
                .collect(),
        )
    };
    list("missing scopes:")
        .or_else(|| list("not authorized to perform:"))
        .unwrap_or_default()
}

/// One line of at most `longest` characters.
fn bounded(text: &str, longest: usize) -> String {
    text.trim()
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(longest)
        .collect()
}
