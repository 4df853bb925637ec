//! How the command ends: one code for each class of cause, the same for ever (`docs/command.md`).

use std::process::ExitCode;

use brasskey_app::error::ErrorCode;

/// How the command ended. The numbers are part of the contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It is done.
    Done = 0,
    /// Something of this computer failed.
    Failed = 1,
    /// It was called wrongly.
    Usage = 2,
    /// The key: unknown, expired, of the wrong kind, without the permission.
    Key = 10,
    /// The account's money.
    Money = 11,
    /// A limit; it passes by itself.
    Limit = 12,
    /// The request: too long, no such model, not understood.
    Request = 13,
    /// The content was refused.
    Content = 14,
    /// The provider failed or broke off.
    Provider = 15,
    /// The way to the provider.
    Network = 16,
    /// The account at the provider, or where it is used.
    Account = 17,
    /// The credential store.
    Store = 20,
    /// Brasskey's plan, licence or terms.
    Plan = 21,
    /// It was interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        use ErrorCode as Code;
        match code {
            Code::KeyInvalid
            | Code::KeyInvalidOrQuota
            | Code::KeyDisabled
            | Code::KeyExpired
            | Code::KeyWrongKind
            | Code::PermissionMissing
            | Code::IpNotAllowed
            | Code::OrgMismatch
            | Code::KeyEmpty
            | Code::OriginChanged => Self::Key,
            Code::OutOfCredit
            | Code::BillingProblem
            | Code::BillingRequired
            | Code::SpendLimit
            | Code::PaymentFailed => Self::Money,
            Code::UsageLimit | Code::DailyQuota | Code::RateLimited => Self::Limit,
            Code::RequestTooLargeForLimit
            | Code::ModelUnavailable
            | Code::ContextTooLong
            | Code::PayloadTooLarge
            | Code::BadRequest
            | Code::NotFound
            | Code::InvalidInput
            | Code::BaseUrlInvalid => Self::Request,
            Code::ContentBlocked => Self::Content,
            Code::Overloaded | Code::ServerError | Code::Timeout | Code::StreamBroken => {
                Self::Provider
            }
            Code::ProxyOrNetwork | Code::Offline | Code::PlatformUnreachable => Self::Network,
            Code::AccountDisabled | Code::RegionUnsupported => Self::Account,
            Code::CredentialStore
            | Code::PassphraseTooShort
            | Code::PassphraseWrong
            | Code::VaultExists => Self::Store,
            Code::LicenceLapsed
            | Code::LicenceRevoked
            | Code::SignInNeeded
            | Code::EntitlementReached
            | Code::DeviceLimit
            | Code::SignInFailed
            | Code::TrialUsed
            | Code::PreviewChanged
            | Code::ChangePending
            | Code::PlanDenied
            | Code::AtPortal
            | Code::OtherMode
            | Code::AppOutdated
            | Code::TermsDue => Self::Plan,
            Code::Stopped => Self::Interrupted,
            Code::Storage
            | Code::ClipboardEmpty
            | Code::PendingExpired
            | Code::Busy
            | Code::LinkRefused => Self::Failed,
        }
    }
}
