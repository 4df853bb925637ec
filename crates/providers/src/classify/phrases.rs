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
    ("credits remaining", Cause::OutOfCredit),
    ("credits are depleted", Cause::OutOfCredit),
    ("balance is insufficient", Cause::OutOfCredit),
    ("requires more credits", Cause::OutOfCredit),
    ("prepay", Cause::OutOfCredit),
    ("specified api usage limits", Cause::SpendLimit),
    ("specified workspace api usage limits", Cause::SpendLimit),
    ("maximum billing", Cause::SpendLimit),
    ("billing hard limit", Cause::SpendLimit),
    ("spending limit", Cause::SpendLimit),
    ("spend limit", Cause::SpendLimit),
    // Accounts.
    ("organization has been disabled", Cause::AccountDisabled),
    ("organization has been restricted", Cause::AccountDisabled),
    ("account has been deactivated", Cause::AccountDisabled),
    ("account has been suspended", Cause::AccountDisabled),
    ("account is suspended", Cause::AccountDisabled),
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
    ("ip allowlist", Cause::IpNotAllowed),
    ("virtual network/firewall rules", Cause::IpNotAllowed),
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
    ("is overloaded", Cause::Overloaded),
    ("currently overloaded", Cause::Overloaded),
    ("temporarily unavailable", Cause::Overloaded),
    // Content.
    ("content filtering policy", Cause::ContentBlocked),
    ("content management policy", Cause::ContentBlocked),
    ("flagged by", Cause::ContentBlocked),
    // Models.
    ("model identifier is invalid", Cause::ModelUnavailable),
    ("invalid model:", Cause::ModelUnavailable),
    ("invalid model name", Cause::ModelUnavailable),
];

/// The conversation is too long; never said with a rate limit or a refusal of the key.
const CONTEXT: &[&str] = &[
    "maximum context length",
    "context length",
    "context size",
    "input is too long",
    "context window",
    "prompt is too long",
    "too many tokens:",
    "exceeds the maximum number of tokens allowed",
    "too large for model with",
    "tokens + `max_new_tokens`",
    "tokens + max_new_tokens",
    "maximum prompt length",
];

/// Something is wrong with how the account pays, and not with how much it has.
const PAYMENT: &[&str] = &[
    "payment method",
    "payment information",
    "payment details",
    "unpaid",
];

/// The units of a rate limit.
const PER_MINUTE: &[&str] = &["per min", "(tpm)", "(rpm)"];

/// The cause that a known phrase names.
pub(super) fn by_phrase(facts: &Facts<'_>) -> Option<Cause> {
    let message = facts.words()?;
    let status = facts.status();
    // Fireworks suspends accounts with 412, and names spending limits among the possible reasons.
    if status == 412 && message.contains("suspended") {
        return Some(Cause::AccountDisabled);
    }
    // Anthropic's edge refuses a country before the API sees the request.
    if status == 403 && message.trim_end_matches('.') == "request not allowed" {
        return Some(Cause::RegionUnsupported);
    }
    if status == 402 && PAYMENT.iter().any(|phrase| message.contains(phrase)) {
        return Some(Cause::BillingProblem);
    }
    if matches!(status, 401 | 403) && message.contains("expired") {
        return Some(Cause::KeyExpired);
    }
    // Before "too large for model": it is the minute that the request does not fit into, and not the model.
    if message.contains("request too large") && PER_MINUTE.iter().any(|unit| message.contains(unit))
    {
        return Some(Cause::RequestTooLargeForLimit);
    }
    if let Some((_, cause)) = ANYWHERE.iter().find(|(phrase, _)| message.contains(phrase)) {
        return Some(*cause);
    }
    match status {
        429 if has_no_quota(&message) => Some(Cause::BillingRequired),
        429 if message.contains("request too large") => Some(Cause::RequestTooLargeForLimit),
        429 if is_per_day(&message) => Some(Cause::DailyQuota),
        401 | 402 | 429 => None,
        _ if CONTEXT.iter().any(|phrase| message.contains(phrase)) => Some(Cause::ContextTooLong),
        400 | 422 if has_no_such_model(&message) => Some(Cause::ModelUnavailable),
        _ => None,
    }
}

/// "The model `x` does not exist", "x is not a valid model ID": said with a 400 as well as with a 404.
fn has_no_such_model(message: &str) -> bool {
    message.contains("model")
        && [
            "does not exist",
            "not found",
            "not a valid model",
            "unknown model",
        ]
        .iter()
        .any(|phrase| message.contains(phrase))
}

/// Google's "limit: 0": this plan has no quota at all for the model.
fn has_no_quota(message: &str) -> bool {
    message
        .split("limit: 0")
        .skip(1)
        .any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
}
