//! What a failed call of the plan means: the gateway's own refusals by their codes, and what a provider said of the vendor's key,
//! which is not the user's matter.

use crate::error::{ErrorCode, FailureView, Verdict};

/// The failure as the window tells it.
pub(crate) fn of_the_gateway(failure: FailureView) -> FailureView {
    let said = failure.provider_code.as_deref();
    let code = match said {
        Some("unauthenticated" | "device-unknown") => ErrorCode::SignInNeeded,
        Some("device-revoked") => ErrorCode::LicenceRevoked,
        Some("plan-required" | "allowance-spent" | "funds-on-hold" | "request-too-large") => {
            ErrorCode::EntitlementReached
        }
        Some("model-unavailable") => ErrorCode::ModelUnavailable,
        Some("rate-limited") => ErrorCode::RateLimited,
        Some("provider-key-unavailable" | "unavailable" | "internal") => {
            ErrorCode::PlatformUnreachable
        }
        // Whatever a provider has against the vendor's key or account, the user cannot mend it.
        _ if failure.code.verdict() != Verdict::Nothing => ErrorCode::PlatformUnreachable,
        // The gateway was not reached, or something else answered in its place.
        _ if failure.code == ErrorCode::ProxyOrNetwork => ErrorCode::PlatformUnreachable,
        _ => failure.code,
    };
    FailureView { code, ..failure }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn refusals_of_the_gateway_are_told_by_their_codes_and_nothing_blames_a_key_of_the_user() {
        let failure = |code, said: Option<&str>| FailureView {
            provider_code: said.map(str::to_owned),
            ..FailureView::not_sent(code, "platform.example")
        };
        for (code, said, told) in [
            (
                ErrorCode::OutOfCredit,
                Some("allowance-spent"),
                ErrorCode::EntitlementReached,
            ),
            (
                ErrorCode::OutOfCredit,
                Some("plan-required"),
                ErrorCode::EntitlementReached,
            ),
            (
                ErrorCode::KeyInvalid,
                Some("device-unknown"),
                ErrorCode::SignInNeeded,
            ),
            (
                ErrorCode::KeyInvalid,
                Some("invalid_api_key"),
                ErrorCode::PlatformUnreachable,
            ),
            (
                ErrorCode::OutOfCredit,
                Some("insufficient_quota"),
                ErrorCode::PlatformUnreachable,
            ),
            (
                ErrorCode::ProxyOrNetwork,
                None,
                ErrorCode::PlatformUnreachable,
            ),
            (ErrorCode::Offline, None, ErrorCode::Offline),
            (
                ErrorCode::ContextTooLong,
                Some("context_length_exceeded"),
                ErrorCode::ContextTooLong,
            ),
            (
                ErrorCode::Overloaded,
                Some("overloaded_error"),
                ErrorCode::Overloaded,
            ),
        ] {
            assert_eq!(of_the_gateway(failure(code, said)).code, told, "{said:?}");
        }
    }
}
