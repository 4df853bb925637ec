//! The closed list of codes: what the window, the log and support tell failures apart by.

use brasskey_providers::Cause;
use serde::{Deserialize, Serialize};
use specta::Type;

/// The closed list of codes. The failure causes are those of the product's "Failure causes"; the rest are refusals
/// of this computer's own commands. Values are stable once shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The provider does not know the key.
    KeyInvalid,
    /// Key or balance: the provider does not tell which.
    KeyInvalidOrQuota,
    /// The provider switched the key off.
    KeyDisabled,
    /// The key's own end date has passed.
    KeyExpired,
    /// An admin or management key where a model key is needed.
    KeyWrongKind,
    /// The key lacks a scope or permission.
    PermissionMissing,
    /// This network address is not on the key's allow list.
    IpNotAllowed,
    /// Organisation or project of the request and of the key differ.
    OrgMismatch,
    /// The account is on hold or suspended.
    AccountDisabled,
    /// No prepaid credit left.
    OutOfCredit,
    /// Payment details are missing or refused.
    BillingProblem,
    /// The provider wants billing switched on.
    BillingRequired,
    /// A limit that the user set at the provider.
    SpendLimit,
    /// A limit that the provider set for the account.
    UsageLimit,
    /// The day's allowance is used.
    DailyQuota,
    /// Too many requests or tokens a minute.
    RateLimited,
    /// One request above the per-minute limit: waiting does not help.
    RequestTooLargeForLimit,
    /// Model unknown, retired or not open to this key.
    ModelUnavailable,
    /// Longer than the model can read.
    ContextTooLong,
    /// Body or attachment too large.
    PayloadTooLarge,
    /// The provider declined for reasons of content.
    ContentBlocked,
    /// Not served from this place.
    RegionUnsupported,
    /// The provider is overloaded.
    Overloaded,
    /// The provider had an internal error.
    ServerError,
    /// No answer in time.
    Timeout,
    /// The provider did not accept the request's form.
    BadRequest,
    /// Proxy, TLS, DNS or an address that does not answer as it should.
    ProxyOrNetwork,
    /// This computer has no connection.
    Offline,
    /// The answer stopped before its end.
    StreamBroken,
    /// The credential store: see the state beside it.
    CredentialStore,
    /// The database could not be written or read.
    Storage,
    /// The platform does not answer, or not in a way that is understood.
    PlatformUnreachable,
    /// There is no licence in force: grace is over, or the plan has ended.
    LicenceLapsed,
    /// The licence was taken back by a signed statement.
    LicenceRevoked,
    /// It needs an account, or this computer has to sign in again.
    SignInNeeded,
    /// The plan does not include it, or what it includes is used up.
    EntitlementReached,
    /// All computers of the plan are taken.
    DeviceLimit,
    /// A payment is needed, or failed.
    PaymentFailed,
    /// Nobody was signed in: declined, not confirmed in time, or refused.
    SignInFailed,
    /// This computer had its trial.
    TrialUsed,
    /// What was accepted is not what would happen any more.
    PreviewChanged,
    /// Another change of plan is open.
    ChangePending,
    /// The plan cannot be had that way.
    PlanDenied,
    /// It is done on the billing provider's own page.
    AtPortal,
    /// The mode in force pays otherwise: the model, or the key, belongs to the other one.
    OtherMode,
    /// The platform no longer serves this version.
    AppOutdated,
    /// The terms in force have not been accepted.
    TermsDue,
    /// A new passphrase has too few characters.
    PassphraseTooShort,
    /// The passphrase is not the vault's.
    PassphraseWrong,
    /// There is a passphrase vault already.
    VaultExists,
    /// Nothing was entered.
    KeyEmpty,
    /// The clipboard holds no text.
    ClipboardEmpty,
    /// The pending key was wiped: saved, cancelled, or ten minutes old.
    PendingExpired,
    /// The address now points to another host than the key was entered for.
    OriginChanged,
    /// The base URL cannot be used; see the problem beside it.
    BaseUrlInvalid,
    /// The thing named by the request does not exist (any more).
    NotFound,
    /// An answer is already running in this conversation.
    Busy,
    /// The user stopped it.
    Stopped,
    /// The request's values make no sense (empty message, unknown model).
    InvalidInput,
    /// A link that Brasskey does not open.
    LinkRefused,
}

impl From<Cause> for ErrorCode {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::KeyInvalid => Self::KeyInvalid,
            Cause::KeyInvalidOrQuota => Self::KeyInvalidOrQuota,
            Cause::KeyDisabled => Self::KeyDisabled,
            Cause::KeyExpired => Self::KeyExpired,
            Cause::KeyWrongKind => Self::KeyWrongKind,
            Cause::PermissionMissing => Self::PermissionMissing,
            Cause::IpNotAllowed => Self::IpNotAllowed,
            Cause::OrgMismatch => Self::OrgMismatch,
            Cause::AccountDisabled => Self::AccountDisabled,
            Cause::OutOfCredit => Self::OutOfCredit,
            Cause::BillingProblem => Self::BillingProblem,
            Cause::BillingRequired => Self::BillingRequired,
            Cause::SpendLimit => Self::SpendLimit,
            Cause::UsageLimit => Self::UsageLimit,
            Cause::DailyQuota => Self::DailyQuota,
            Cause::RateLimited => Self::RateLimited,
            Cause::RequestTooLargeForLimit => Self::RequestTooLargeForLimit,
            Cause::ModelUnavailable => Self::ModelUnavailable,
            Cause::ContextTooLong => Self::ContextTooLong,
            Cause::PayloadTooLarge => Self::PayloadTooLarge,
            Cause::ContentBlocked => Self::ContentBlocked,
            Cause::RegionUnsupported => Self::RegionUnsupported,
            Cause::Overloaded => Self::Overloaded,
            Cause::ServerError => Self::ServerError,
            Cause::Timeout => Self::Timeout,
            Cause::BadRequest => Self::BadRequest,
            Cause::ProxyOrNetwork => Self::ProxyOrNetwork,
            Cause::Offline => Self::Offline,
            Cause::StreamBroken => Self::StreamBroken,
        }
    }
}

/// What a failure says of the key that was to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is of no use until it is mended or replaced.
    Unusable,
    /// The account behind it refused this: its money, a quota, a limit. It may answer another model, or another day.
    Refused,
    /// Nothing: this message, this model, the network or this computer is at fault.
    Nothing,
}

impl ErrorCode {
    /// What this says of the key.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::KeyInvalid
            | Self::KeyDisabled
            | Self::KeyExpired
            | Self::KeyWrongKind
            | Self::AccountDisabled => Verdict::Unusable,
            Self::KeyInvalidOrQuota
            | Self::PermissionMissing
            | Self::IpNotAllowed
            | Self::OrgMismatch
            | Self::RegionUnsupported
            | Self::OutOfCredit
            | Self::BillingProblem
            | Self::BillingRequired
            | Self::SpendLimit
            | Self::UsageLimit
            | Self::DailyQuota => Verdict::Refused,
            _ => Verdict::Nothing,
        }
    }

    /// The stable name, the same as in TypeScript and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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
            Self::CredentialStore => "credential_store",
            Self::Storage => "storage",
            Self::PlatformUnreachable => "platform_unreachable",
            Self::LicenceLapsed => "licence_lapsed",
            Self::LicenceRevoked => "licence_revoked",
            Self::SignInNeeded => "sign_in_needed",
            Self::EntitlementReached => "entitlement_reached",
            Self::DeviceLimit => "device_limit",
            Self::PaymentFailed => "payment_failed",
            Self::SignInFailed => "sign_in_failed",
            Self::TrialUsed => "trial_used",
            Self::PreviewChanged => "preview_changed",
            Self::ChangePending => "change_pending",
            Self::PlanDenied => "plan_denied",
            Self::AtPortal => "at_portal",
            Self::OtherMode => "other_mode",
            Self::AppOutdated => "app_outdated",
            Self::TermsDue => "terms_due",
            Self::PassphraseTooShort => "passphrase_too_short",
            Self::PassphraseWrong => "passphrase_wrong",
            Self::VaultExists => "vault_exists",
            Self::KeyEmpty => "key_empty",
            Self::ClipboardEmpty => "clipboard_empty",
            Self::PendingExpired => "pending_expired",
            Self::OriginChanged => "origin_changed",
            Self::BaseUrlInvalid => "base_url_invalid",
            Self::NotFound => "not_found",
            Self::Busy => "busy",
            Self::Stopped => "stopped",
            Self::InvalidInput => "invalid_input",
            Self::LinkRefused => "link_refused",
        }
    }
}
