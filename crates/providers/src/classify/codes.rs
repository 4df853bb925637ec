//! Machine codes of the providers and what they mean.
//!
//! Only codes that are documented, in a vendor's SDK, or recorded from a real exchange stand here. A code that is not
//! listed decides nothing; its message or status then does.

use super::facts::Facts;
use crate::failure::Cause;

/// The cause that a code names by itself. Codes come before every phrase.
pub(super) fn by_code(facts: &Facts<'_>) -> Option<Cause> {
    if facts.status() == 401 && facts.is_bare_unauthorised() {
        // Mistral says the same of a wrong key and of a valid key whose quota is used up.
        return Some(Cause::KeyInvalidOrQuota);
    }
    facts
        .error_code()
        .and_then(anthropic)
        .or_else(|| google(facts))
        .or_else(|| openrouter(facts))
        .or_else(|| facts.code().and_then(|code| openai(code, facts)))
        .or_else(|| facts.kind().and_then(money_kind))
        .or_else(|| facts.kind().and_then(|kind| amazon(kind, facts)))
}

/// OpenAI's `error.code`, which Azure, Groq, Together and many compatible endpoints share.
fn openai(code: &str, facts: &Facts<'_>) -> Option<Cause> {
    Some(match code {
        "invalid_api_key" => Cause::KeyInvalid,
        "missing_scope" => Cause::PermissionMissing,
        "mismatched_organization" | "mismatched_project" => Cause::OrgMismatch,
        "account_deactivated" => Cause::AccountDisabled,
        "credit_balance_exhausted" | "insufficient_quota" => Cause::OutOfCredit,
        "organization_spend_limit_exceeded" | "project_spend_limit_exceeded" => Cause::SpendLimit,
        "organization_usage_limit_exceeded" => Cause::UsageLimit,
        "billing_not_active" => Cause::BillingProblem,
        "rate_limit_exceeded" => rate_limit(facts),
        "slow_down" => Cause::RateLimited,
        "model_not_found" | "DeploymentNotFound" => Cause::ModelUnavailable,
        "context_length_exceeded" => Cause::ContextTooLong,
        "invalid_prompt"
        | "content_policy_violation"
        | "content_filter"
        | "bio_policy"
        | "misalignment_policy_violation" => Cause::ContentBlocked,
        "unsupported_country_region_territory" => Cause::RegionUnsupported,
        "server_is_overloaded" | "capacity_exceeded" => Cause::Overloaded,
        "server_error" => Cause::ServerError,
        _ => return None,
    })
}

/// One code stands for three cases; what differs is only said in words.
fn rate_limit(facts: &Facts<'_>) -> Cause {
    let message = facts.message().unwrap_or_default().to_ascii_lowercase();
    if message.contains("request too large") {
        Cause::RequestTooLargeForLimit
    } else if is_per_day(&message) {
        Cause::DailyQuota
    } else {
        Cause::RateLimited
    }
}

/// Whether a message in lower case speaks of a limit per day.
pub(super) fn is_per_day(message: &str) -> bool {
    ["per day", "per-day", "(tpd)", "(rpd)"]
        .iter()
        .any(|phrase| message.contains(phrase))
}

/// Anthropic's `details.error_code`; an unknown one means: go by the `type`.
fn anthropic(code: &str) -> Option<Cause> {
    Some(match code {
        "enforced_spend_limit_reached" | "contract_spend_limit_reached" => Cause::UsageLimit,
        "linked_organization_spend_limit_reached" => Cause::SpendLimit,
        "user_profile_billing_not_authorized" => Cause::BillingProblem,
        "ramp_limit_exceeded" => Cause::RateLimited,
        "organization_on_hold" => Cause::AccountDisabled,
        "api_key_scope_missing" => Cause::PermissionMissing,
        "organization_level_scoped_api_key_required" => Cause::KeyWrongKind,
        "image_dimensions_too_large" => Cause::PayloadTooLarge,
        _ => return None,
    })
}

/// Google's `ErrorInfo.reason` and the quotas of its `QuotaFailure`.
fn google(facts: &Facts<'_>) -> Option<Cause> {
    if facts.status() == 429 && facts.has_quota_of_the_day() {
        return Some(Cause::DailyQuota);
    }
    Some(match facts.reason()? {
        "API_KEY_INVALID" => {
            let message = facts.message().unwrap_or_default().to_ascii_lowercase();
            if message.contains("expired") {
                Cause::KeyExpired
            } else {
                Cause::KeyInvalid
            }
        }
        "ACCESS_TOKEN_TYPE_UNSUPPORTED" => Cause::KeyWrongKind,
        "CONSUMER_SUSPENDED" => Cause::KeyDisabled,
        "API_KEY_IP_ADDRESS_BLOCKED" => Cause::IpNotAllowed,
        "SERVICE_DISABLED"
        | "API_KEY_SERVICE_BLOCKED"
        | "API_KEY_HTTP_REFERRER_BLOCKED"
        | "IAM_PERMISSION_DENIED" => Cause::PermissionMissing,
        "BILLING_DISABLED" => Cause::BillingRequired,
        _ => return None,
    })
}

/// OpenRouter's limit source, availability and stable `error_type`.
fn openrouter(facts: &Facts<'_>) -> Option<Cause> {
    match facts.limit_source() {
        Some("openrouter_credits") => return Some(Cause::OutOfCredit),
        Some("openrouter_key_limit") => return Some(Cause::SpendLimit),
        // A 402 that passes: other requests in flight hold the budget.
        Some("openrouter_in_flight_budget") => return Some(Cause::RateLimited),
        _ => {}
    }
    if facts.status() == 403 && facts.is_flagged() {
        return Some(Cause::ContentBlocked);
    }
    match facts.availability() {
        Some("capacity_exhausted" | "temporarily_unavailable") => return Some(Cause::Overloaded),
        Some("region_restricted") => return Some(Cause::RegionUnsupported),
        Some(
            "model_not_found"
            | "no_endpoints"
            | "model_deprecated"
            | "privacy_restricted"
            | "constraint_filtered"
            | "free_variant_ended",
        ) => return Some(Cause::ModelUnavailable),
        _ => {}
    }
    Some(match facts.error_type()? {
        "authentication" => Cause::KeyInvalid,
        "payment_required" => Cause::OutOfCredit,
        "rate_limit_exceeded" => rate_limit(facts),
        "provider_overloaded" | "provider_unavailable" => Cause::Overloaded,
        "context_length_exceeded" | "token_limit_exceeded" | "string_too_long" => {
            Cause::ContextTooLong
        }
        "not_found" => Cause::ModelUnavailable,
        "payload_too_large" => Cause::PayloadTooLarge,
        "content_policy_violation" | "invalid_prompt" | "refusal" => Cause::ContentBlocked,
        "server" => Cause::ServerError,
        "timeout" => Cause::Timeout,
        _ => return None,
    })
}

/// Types that name money and are seen with codes of every kind.
fn money_kind(kind: &str) -> Option<Cause> {
    Some(match kind {
        "insufficient_quota" => Cause::OutOfCredit,
        "billing_not_active" | "billing_error" => Cause::BillingProblem,
        _ => return None,
    })
}

/// Amazon's exceptions, from the header `x-amzn-errortype`.
fn amazon(kind: &str, facts: &Facts<'_>) -> Option<Cause> {
    let message = facts.message().unwrap_or_default().to_ascii_lowercase();
    Some(match kind {
        "AccessDeniedException" if message.contains("expired") => Cause::KeyExpired,
        "AccessDeniedException" => Cause::PermissionMissing,
        "ExpiredTokenException" => Cause::KeyExpired,
        "UnrecognizedClientException" => Cause::KeyInvalid,
        "ThrottlingException" => Cause::RateLimited,
        "ModelNotReadyException" | "ServiceUnavailableException" => Cause::Overloaded,
        "ModelTimeoutException" => Cause::Timeout,
        "ServiceQuotaExceededException" => Cause::UsageLimit,
        "ValidationException" if message.contains("model identifier is invalid") => {
            Cause::ModelUnavailable
        }
        _ => return None,
    })
}

/// The error's general type, after every phrase: it only narrows what the status would say.
pub(super) fn by_kind(facts: &Facts<'_>) -> Option<Cause> {
    Some(match facts.kind()? {
        "authentication_error" | "UNAUTHENTICATED" => Cause::KeyInvalid,
        "permission_error" | "PERMISSION_DENIED" => Cause::PermissionMissing,
        "rate_limit_error" | "rate_limited" | "requests" | "tokens" => Cause::RateLimited,
        // Google's word for prepaid credit that is used up; with 429 it is a limit of time.
        "RESOURCE_EXHAUSTED" if facts.status() == 402 => Cause::OutOfCredit,
        "RESOURCE_EXHAUSTED" => resource_exhausted(facts),
        "not_found_error" | "NOT_FOUND" | "invalid_model" => Cause::ModelUnavailable,
        "request_too_large" => Cause::PayloadTooLarge,
        "overloaded_error" | "service_unavailable_error" | "UNAVAILABLE" => Cause::Overloaded,
        "timeout_error" | "DEADLINE_EXCEEDED" => Cause::Timeout,
        "api_error" | "server_error" | "INTERNAL" => Cause::ServerError,
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" => Cause::BadRequest,
        _ => return None,
    })
}

/// A quota that is named is the caller's; without one the shared capacity is exhausted (Vertex).
fn resource_exhausted(facts: &Facts<'_>) -> Cause {
    let message = facts.message().unwrap_or_default().to_ascii_lowercase();
    if facts.has_quota_ids() || facts.google_delay().is_some() || message.contains("quota") {
        Cause::RateLimited
    } else {
        Cause::Overloaded
    }
}
