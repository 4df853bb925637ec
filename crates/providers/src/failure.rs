//! Why a call failed: one closed list of causes, what a retry would do, and what the provider said, without secrets.
//!
//! It must never carry a key, a header, a request body or a URL.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The cause of a failure. The serialised name is the stable code that the window, the command and the logs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The key is wrong, unknown, deleted or missing.
    KeyInvalid,
    /// The provider says no without telling a wrong key from a used-up balance.
    KeyInvalidOrQuota,
    /// The provider disabled or suspended the key, or it was reported as leaked.
    KeyDisabled,
    /// The key's time is over.
    KeyExpired,
    /// A key of another kind (administration, management, another product).
    KeyWrongKind,
    /// The key is valid but lacks a permission.
    PermissionMissing,
    /// The provider accepts the key from other addresses only.
    IpNotAllowed,
    /// The organisation or project does not fit the key.
    OrgMismatch,
    /// The provider suspended or restricted the account.
    AccountDisabled,
    /// The prepaid credit is used up.
    OutOfCredit,
    /// Something is wrong with the payment details or billing is not active.
    BillingProblem,
    /// The account has to turn on billing before this can be used.
    BillingRequired,
    /// A limit that the user set at the provider is reached.
    SpendLimit,
    /// A limit that the provider set is reached.
    UsageLimit,
    /// The quota of the day is used up.
    DailyQuota,
    /// Too many requests or tokens in a short time.
    RateLimited,
    /// This one request is larger than the rate limit allows at any time.
    RequestTooLargeForLimit,
    /// The model does not exist or this account may not use it.
    ModelUnavailable,
    /// The conversation does not fit into the model's context window.
    ContextTooLong,
    /// The request has too many bytes.
    PayloadTooLarge,
    /// The provider refused the content.
    ContentBlocked,
    /// The provider does not serve this country.
    RegionUnsupported,
    /// The provider has no capacity at the moment.
    Overloaded,
    /// The provider failed.
    ServerError,
    /// The provider took too long.
    Timeout,
    /// The provider does not accept the request as it is.
    BadRequest,
    /// Something between here and the provider answered or failed instead of it.
    ProxyOrNetwork,
    /// This computer has no network.
    Offline,
    /// The answer broke off before its end.
    StreamBroken,
}

impl Cause {
    /// The stable code, the same as the serialised name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyInvalid => "key_invalid",
            Self::KeyInvalidOrQuota => "key_invalid_or_quota",
            Self::KeyDisabled => "key_disabled",
            Self::KeyExpired => "key_expired",
            Self::KeyWrongKind => "key_wrong_kind",
            Self::PermissionMissing => "permission_missing",
            Self::IpNotAllowed => "ip_not_allowed",
            Self::OrgMismatch => "org_mismatch",
            Self::AccountDisabled => "account_disabled",
            Self::OutOfCredit => "out_of_credit",
            Self::BillingProblem => "billing_problem",
            Self::BillingRequired => "billing_required",
            Self::SpendLimit => "spend_limit",
            Self::UsageLimit => "usage_limit",
            Self::DailyQuota => "daily_quota",
            Self::RateLimited => "rate_limited",
            Self::RequestTooLargeForLimit => "request_too_large_for_limit",
            Self::ModelUnavailable => "model_unavailable",
            Self::ContextTooLong => "context_too_long",
            Self::PayloadTooLarge => "payload_too_large",
            Self::ContentBlocked => "content_blocked",
            Self::RegionUnsupported => "region_unsupported",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::BadRequest => "bad_request",
            Self::ProxyOrNetwork => "proxy_or_network",
            Self::Offline => "offline",
            Self::StreamBroken => "stream_broken",
        }
    }

    /// What a retry of the same request can do, before the provider's own word on it.
    pub fn retry(self) -> Retry {
        match self {
            Self::RateLimited => Retry::AfterDelay,
            Self::DailyQuota => Retry::AfterReset,
            Self::Overloaded
            | Self::ServerError
            | Self::Timeout
            | Self::ProxyOrNetwork
            | Self::Offline
            | Self::StreamBroken => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a retry of the same request can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It cannot help, or it would cost money without being asked for.
    Never,
    /// It helps after `retry_after`, or after a short wait where the provider named none.
    AfterDelay,
    /// It may help after growing waits.
    Backoff,
    /// It helps when a limit resets, too late to wait for: tell the user.
    AfterReset,
}

/// A failed call. Safe to log, store and show: every text in it is redacted and bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{cause} ({host})")]
pub struct Failure {
    /// Why it failed.
    pub cause: Cause,
    /// What a retry of the same request can do.
    pub retry: Retry,
    /// How long to wait before a retry, where the provider said so.
    #[serde(rename = "retry_after_ms", with = "milliseconds", default)]
    pub retry_after: Option<Duration>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The provider's machine code, or ours where nothing was received (`not_running`, `dns`, `tls`, ...).
    pub provider_code: Option<String>,
    /// What the provider said: redacted, one line, at most 500 characters.
    pub message: Option<String>,
    /// The provider's identifier of the request, for its support.
    pub request_id: Option<String>,
    /// The permissions that the provider names as missing.
    pub scopes: Vec<String>,
    /// The host that was called, with its port where unusual.
    pub host: String,
}

impl Failure {
    /// A failure of which no more is known than its cause and the host.
    pub fn new(cause: Cause, host: impl Into<String>) -> Self {
        Self {
            cause,
            retry: cause.retry(),
            retry_after: None,
            status: None,
            provider_code: None,
            message: None,
            request_id: None,
            scopes: Vec::new(),
            host: host.into(),
        }
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.provider_code = Some(code.to_owned());
        self
    }

    pub(crate) fn never_retried(mut self) -> Self {
        self.retry = Retry::Never;
        self.retry_after = None;
        self
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration
            .map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}
