//! Key phrases of providers that have no machine code for the case, matched in lower case.
//!
//! Money comes before limits and before "bad request", context before "bad request". It must never hold whole messages:
//! vendors reword them.

use super::codes::is_per_day;
use super::facts::Facts;
use crate::failure::Cause;

/// Said with any status.
const ANYWHERE: &[(&str, Cause)] = &[
    // Money: empty balances first, then limits that somebody set.
    ("credit balance is too low", Cause::OutOfCredit),
    ("insufficient balance", Cause::OutOfCredit),
    ("used all available credits", Cause::OutOfCredit),
    ("out of credits", Cause::OutOfCredit),
    ("requires more credits", Cause::OutOfCredit),
    ("prepay", Cause::OutOfCredit),
    ("specified api usage limits", Cause::SpendLimit),
    ("specified workspace api usage limits", Cause::SpendLimit),
    ("maximum billing", Cause::SpendLimit),
    ("spending limit", Cause::SpendLimit),
    // Accounts.
    ("organization has been disabled", Cause::AccountDisabled),
    ("organization has been restricted", Cause::AccountDisabled),
    // Keys.
    ("reported as leaked", Cause::KeyDisabled),
    ("api key has expired", Cause::KeyExpired),
    ("api key expired", Cause::KeyExpired),
    ("token has expired", Cause::KeyExpired),
    ("admin api credential", Cause::KeyWrongKind),
    ("incorrect api key", Cause::KeyInvalid),
    ("invalid api key", Cause::KeyInvalid),
    ("api key not valid", Cause::KeyInvalid),
    ("invalid x-api-key", Cause::KeyInvalid),
    ("invalid api token", Cause::KeyInvalid),
    (
        "security token included in the request is invalid",
        Cause::KeyInvalid,
    ),
    // Permissions and places.
    ("ip address is not authorized", Cause::IpNotAllowed),
    ("ip not authorized", Cause::IpNotAllowed),
    ("insufficient permissions", Cause::PermissionMissing),
    ("missing scopes", Cause::PermissionMissing),
    ("does not have permission", Cause::PermissionMissing),
    ("user location is not supported", Cause::RegionUnsupported),
    (
        "country, region, or territory not supported",
        Cause::RegionUnsupported,
    ),
    ("free tier is not available", Cause::BillingRequired),
    // Capacity.
    ("service tier capacity exceeded", Cause::Overloaded),
    ("currently unavailable", Cause::Overloaded),
    ("temporarily unavailable", Cause::Overloaded),
    // Content.
    ("content filtering policy", Cause::ContentBlocked),
    // Models.
    ("model identifier is invalid", Cause::ModelUnavailable),
    ("invalid model:", Cause::ModelUnavailable),
];

/// The conversation is too long; never said with a rate limit or a refusal of the key.
const CONTEXT: &[&str] = &[
    "maximum context length",
    "context length",
    "context window",
    "prompt is too long",
    "too many tokens:",
    "exceeds the maximum number of tokens allowed",
    "too large for model with",
    "tokens + `max_new_tokens`",
    "tokens + max_new_tokens",
    "maximum prompt length",
];

/// The cause that a known phrase names.
pub(super) fn by_phrase(facts: &Facts<'_>) -> Option<Cause> {
    let message = facts.message()?.to_ascii_lowercase();
    let status = facts.status();
    // Fireworks suspends accounts with 412, and names spending limits among the possible reasons.
    if status == 412 && message.contains("suspended") {
        return Some(Cause::AccountDisabled);
    }
    // Anthropic's edge refuses a country before the API sees the request.
    if status == 403 && message == "request not allowed" {
        return Some(Cause::RegionUnsupported);
    }
    if status == 402 && message.contains("payment method") {
        return Some(Cause::BillingProblem);
    }
    if let Some((_, cause)) = ANYWHERE.iter().find(|(phrase, _)| message.contains(phrase)) {
        return Some(*cause);
    }
    match status {
        429 if has_no_quota(&message) => Some(Cause::BillingRequired),
        429 if message.contains("request too large") => Some(Cause::RequestTooLargeForLimit),
        429 if is_per_day(&message) => Some(Cause::DailyQuota),
        401 | 402 | 429 => None,
        _ => CONTEXT
            .iter()
            .any(|phrase| message.contains(phrase))
            .then_some(Cause::ContextTooLong),
    }
}

/// Google's "limit: 0": this plan has no quota at all for the model.
fn has_no_quota(message: &str) -> bool {
    message
        .split("limit: 0")
        .skip(1)
        .any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
}
