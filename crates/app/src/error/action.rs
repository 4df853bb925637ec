//! What mends a failure, as one code: for scripts, which cannot press what the window offers.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::ErrorCode;

/// The one thing that mends a failure. Values are stable once shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Enter another key.
    ReplaceKey,
    /// Look at the key and at the account's balance: the provider does not tell which it is.
    CheckKeyAndBalance,
    /// Change what the key may do, or from where, at the provider.
    ChangePermissions,
    /// Correct or leave out organisation and project.
    FixOrganisation,
    /// Ask the provider about the account.
    ContactProvider,
    /// Buy credit at the provider.
    AddCredit,
    /// Mend the payment details, or switch billing on, at the provider.
    FixBilling,
    /// Raise the limit at the provider, or wait until it starts again.
    RaiseLimit,
    /// Wait, then ask again.
    Wait,
    /// Ask for less at once, or another model.
    ShortenRequest,
    /// Choose another model.
    ChooseModel,
    /// Say it in other words.
    Rephrase,
    /// Choose a provider that serves this place.
    ChooseProvider,
    /// Ask again; nothing here is wrong.
    TryAgain,
    /// Correct what was asked for.
    FixRequest,
    /// Look at the address, the proxy and the network.
    CheckNetwork,
    /// Unlock or repair the credential store.
    OpenStore,
    /// Free some room on the disk, or close what holds the database.
    CheckDisk,
    /// Sign in, or renew the plan.
    OpenAccount,
    /// Accept the terms in force.
    AcceptTerms,
    /// Install the newer version.
    Update,
}

impl ErrorCode {
    /// The one thing that mends it.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::KeyInvalid
            | Self::KeyDisabled
            | Self::KeyExpired
            | Self::KeyWrongKind
            | Self::KeyEmpty => Action::ReplaceKey,
            Self::KeyInvalidOrQuota => Action::CheckKeyAndBalance,
            Self::PermissionMissing | Self::IpNotAllowed => Action::ChangePermissions,
            Self::OrgMismatch => Action::FixOrganisation,
            Self::AccountDisabled => Action::ContactProvider,
            Self::OutOfCredit => Action::AddCredit,
            Self::BillingProblem | Self::BillingRequired => Action::FixBilling,
            Self::SpendLimit | Self::UsageLimit | Self::DailyQuota => Action::RaiseLimit,
            Self::RateLimited => Action::Wait,
            Self::RequestTooLargeForLimit | Self::ContextTooLong | Self::PayloadTooLarge => {
                Action::ShortenRequest
            }
            Self::ModelUnavailable => Action::ChooseModel,
            Self::ContentBlocked => Action::Rephrase,
            Self::RegionUnsupported => Action::ChooseProvider,
            Self::Overloaded
            | Self::ServerError
            | Self::Timeout
            | Self::StreamBroken
            | Self::Busy
            | Self::Stopped
            | Self::PlatformUnreachable => Action::TryAgain,
            Self::ProxyOrNetwork | Self::Offline => Action::CheckNetwork,
            Self::CredentialStore
            | Self::PassphraseTooShort
            | Self::PassphraseWrong
            | Self::VaultExists => Action::OpenStore,
            Self::Storage => Action::CheckDisk,
            Self::LicenceLapsed
            | Self::LicenceRevoked
            | Self::SignInNeeded
            | Self::EntitlementReached
            | Self::DeviceLimit
            | Self::PaymentFailed
            | Self::SignInFailed
            | Self::TrialUsed
            | Self::PreviewChanged
            | Self::ChangePending
            | Self::PlanDenied
            | Self::AtPortal
            | Self::OtherMode => Action::OpenAccount,
            Self::TermsDue => Action::AcceptTerms,
            Self::AppOutdated => Action::Update,
            Self::BadRequest
            | Self::ClipboardEmpty
            | Self::PendingExpired
            | Self::OriginChanged
            | Self::BaseUrlInvalid
            | Self::NotFound
            | Self::InvalidInput
            | Self::LinkRefused => Action::FixRequest,
        }
    }
}

impl Action {
    /// What to do, in one sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::ReplaceKey => "Create a new key at the provider and use that one.",
            Self::CheckKeyAndBalance => {
                "Look at the key and at the balance in the provider's console: it does not say which of the two it is."
            }
            Self::ChangePermissions => {
                "Change what the key may do, or from where, in the provider's console."
            }
            Self::FixOrganisation => "Correct the organisation and the project, or leave both out.",
            Self::ContactProvider => "Ask the provider about the account.",
            Self::AddCredit => "Buy credit at the provider.",
            Self::FixBilling => "Mend the payment details at the provider.",
            Self::RaiseLimit => "Raise the limit at the provider, or wait until it starts again.",
            Self::Wait => "Wait a moment, then ask again.",
            Self::ShortenRequest => "Ask for less at once, or choose a model that reads more.",
            Self::ChooseModel => "Choose another model: `brasskey models` lists them.",
            Self::Rephrase => "Say it in other words.",
            Self::ChooseProvider => "Choose a provider that serves this place.",
            Self::TryAgain => "Ask again in a moment; nothing here is wrong.",
            Self::FixRequest => "Correct the request.",
            Self::CheckNetwork => {
                "Look at the address, the proxy and the network: `brasskey doctor` helps."
            }
            Self::OpenStore => {
                "Unlock or repair the credential store: `brasskey doctor` says what is wrong."
            }
            Self::CheckDisk => "Look whether the disk is full or read-only.",
            Self::OpenAccount => "Look at your plan: `brasskey status`.",
            Self::AcceptTerms => "Open Brasskey once, choose how you pay and accept the terms.",
            Self::Update => "Install the newer version of Brasskey.",
        }
    }
}
