//! What went wrong, for the window: one code per thing the interface acts on, with the facts its text needs.
//!
//! The interface matches on [`ErrorCode`] and never on text. No value of this module may hold a key, a header
//! or a body: provider messages arrive here already redacted by the providers crate.

mod action;
mod code;
mod failure;

use brasskey_ledger::LedgerError;
use brasskey_providers::BaseUrlError;
use brasskey_vault::{StoreState, VaultError};
use serde::Serialize;
use specta::Type;

pub use action::Action;
pub use code::{ErrorCode, Verdict};
pub use failure::{Billed, FailureView, Heard, RetryAdvice};

/// What is wrong with a base URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BaseUrlProblem {
    /// Nothing entered.
    Empty,
    /// Not an address.
    NotAUrl,
    /// Plain http to another computer.
    InsecureHttp,
    /// Neither https nor http.
    BadScheme,
    /// A user name or password in the address.
    HasUserInfo,
    /// A question mark or a hash in the address.
    HasQueryOrFragment,
    /// A link-local address.
    LinkLocal,
    /// The provider needs an address and has no own one.
    Needed,
}

/// The credential store as the screens tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StoreStateView {
    /// Not asked yet in this run.
    Unknown,
    /// Written, read back and deleted a probe.
    Ready,
    /// Memory only, chosen by the user.
    Session,
    /// No store answers.
    Absent,
    /// A store without a collection to put keys in.
    NoCollection,
    /// Locked, and unlocking needs the user.
    Locked,
    /// The user closed the unlock prompt.
    PromptDismissed,
    /// The system refused.
    Denied,
    /// It does not answer in time.
    Unresponsive,
    /// It answers with errors.
    Broken,
    /// It is open and holds no such entry: something else removed the key.
    Missing,
    /// The key was kept in memory until Brasskey quit: it has to be entered again.
    SessionEnded,
    /// It holds the key and is not asked, because the user keeps keys elsewhere.
    SetAside,
    /// The passphrase vault, chosen by the user, is open.
    VaultOpen,
    /// It waits for its passphrase.
    VaultLocked,
    /// Its file is gone.
    VaultMissing,
    /// Its file cannot be read.
    VaultDamaged,
    /// Its file cannot be read or written now.
    VaultUnwritable,
    /// The passphrase vault holds the key and is not asked, because the user keeps keys elsewhere.
    VaultAside,
}

/// The one error type that crosses to the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// What the interface acts on.
    pub code: ErrorCode,
    /// One English sentence for the log and for support; never shown as the explanation.
    pub message: String,
    /// Set when a provider refused.
    pub failure: Option<FailureView>,
    /// Set for `credential_store`.
    pub store: Option<StoreStateView>,
    /// Set for `base_url_invalid`.
    pub base_url: Option<BaseUrlProblem>,
}

/// What a use case can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A provider refused, or could not be asked.
    #[error("{} from {}", .0.code.as_str(), .0.host)]
    Provider(Box<FailureView>),
    /// The credential store is in the way.
    #[error("the credential store is {}", .0.as_str())]
    Store(StoreStateView),
    /// The base URL cannot be used.
    #[error("the base URL cannot be used")]
    BaseUrl(BaseUrlProblem),
    /// The database.
    #[error("the database: {0}")]
    Storage(#[from] LedgerError),
    /// A file of this computer that is not the database.
    #[error("a file could not be written: {}", .0.kind())]
    Disk(std::io::Error),
    /// A named thing does not exist.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// An answer is already running.
    #[error("an answer is already running in this conversation")]
    Busy,
    /// Terms are not accepted.
    #[error("the terms in force have not been accepted")]
    TermsDue,
    /// The platform does not answer.
    #[error("the platform does not answer")]
    PlatformUnreachable,
    /// The platform, the licence or the plan stands in the way; the code says how.
    #[error("refused by the platform or the licence: {}", .0.as_str())]
    Refused(ErrorCode),
    /// No key entered.
    #[error("no key was entered")]
    KeyEmpty,
    /// No text on the clipboard.
    #[error("the clipboard holds no text")]
    ClipboardEmpty,
    /// The pending key is gone.
    #[error("the pending key was wiped")]
    PendingExpired,
    /// The user stopped it.
    #[error("it was stopped")]
    Stopped,
    /// The key was already sent to another origin.
    #[error("the key was entered for another host")]
    OriginChanged,
    /// The request makes no sense.
    #[error("{0}")]
    InvalidInput(&'static str),
    /// A link that is not opened.
    #[error("{0}")]
    LinkRefused(&'static str),
}

impl Error {
    /// The code that the interface acts on.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Provider(failure) => failure.code,
            Self::Store(_) => ErrorCode::CredentialStore,
            Self::BaseUrl(_) => ErrorCode::BaseUrlInvalid,
            Self::Storage(LedgerError::NotFound { .. }) | Self::NotFound(_) => ErrorCode::NotFound,
            Self::Storage(_) | Self::Disk(_) => ErrorCode::Storage,
            Self::Busy => ErrorCode::Busy,
            Self::TermsDue => ErrorCode::TermsDue,
            Self::PlatformUnreachable => ErrorCode::PlatformUnreachable,
            Self::Refused(code) => *code,
            Self::KeyEmpty => ErrorCode::KeyEmpty,
            Self::ClipboardEmpty => ErrorCode::ClipboardEmpty,
            Self::PendingExpired => ErrorCode::PendingExpired,
            Self::Stopped => ErrorCode::Stopped,
            Self::OriginChanged => ErrorCode::OriginChanged,
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
            Self::LinkRefused(_) => ErrorCode::LinkRefused,
        }
    }
}

impl From<Error> for ErrorView {
    fn from(error: Error) -> Self {
        let (code, message) = (error.code(), error.to_string());
        let (mut failure, mut store, mut base_url) = (None, None, None);
        match error {
            Error::Provider(view) => failure = Some(*view),
            Error::Store(state) => store = Some(state),
            Error::BaseUrl(problem) => base_url = Some(problem),
            _ => {}
        }
        Self {
            code,
            message,
            failure,
            store,
            base_url,
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(state) => Self::Store(state.into()),
            VaultError::Missing => Self::Store(StoreStateView::Missing),
            VaultError::TooLong { .. } => {
                Self::InvalidInput("the key is longer than the credential store allows")
            }
            VaultError::Corrupt | VaultError::NotVerified => Self::Store(StoreStateView::Broken),
            VaultError::Cancelled => Self::Store(StoreStateView::PromptDismissed),
            VaultError::Closed => Self::Store(StoreStateView::Unresponsive),
        }
    }
}

impl From<brasskey_client::Error> for Error {
    fn from(error: brasskey_client::Error) -> Self {
        use brasskey_client::Code;
        let Some(code) = error.code() else {
            return Self::PlatformUnreachable;
        };
        let is_at_portal = error.is_at_portal();
        Self::Refused(match code {
            Code::Unauthenticated
            | Code::TokenAudience
            | Code::DeviceUnknown
            | Code::SignInNeeded
            | Code::DeviceInUse => ErrorCode::SignInNeeded,
            Code::DeviceRevoked => ErrorCode::LicenceRevoked,
            Code::DeviceLimit => ErrorCode::DeviceLimit,
            Code::TermsChanged => return Self::TermsDue,
            Code::TrialUsed => ErrorCode::TrialUsed,
            Code::PlanChangePending => ErrorCode::ChangePending,
            Code::PlanChangeDenied if is_at_portal => ErrorCode::AtPortal,
            Code::PlanChangeDenied => ErrorCode::PlanDenied,
            Code::PreviewChanged => ErrorCode::PreviewChanged,
            Code::PaymentRequired => ErrorCode::PaymentFailed,
            Code::NotFound => return Self::NotFound("thing at the platform"),
            Code::InvalidRequest | Code::IdempotencyMismatch => {
                return Self::InvalidInput("the platform does not understand the request");
            }
            Code::IdentityUnavailable => ErrorCode::SignInFailed,
            Code::BillingUnavailable
            | Code::RequestInProgress
            | Code::RateLimited
            | Code::Unavailable
            | Code::Internal
            | Code::Unknown => return Self::PlatformUnreachable,
        })
    }
}

impl From<brasskey_client::sign_in::SignInError> for Error {
    fn from(error: brasskey_client::sign_in::SignInError) -> Self {
        use brasskey_client::sign_in::SignInError;
        match error {
            SignInError::Error(error) => error.into(),
            SignInError::NotOffered
            | SignInError::NoPort
            | SignInError::NoRandom
            | SignInError::Declined
            | SignInError::Expired
            | SignInError::Issuer
            | SignInError::Refused(_) => Self::Refused(ErrorCode::SignInFailed),
        }
    }
}

impl From<BaseUrlError> for Error {
    fn from(error: BaseUrlError) -> Self {
        Self::BaseUrl(match error {
            BaseUrlError::Empty => BaseUrlProblem::Empty,
            BaseUrlError::NotAUrl => BaseUrlProblem::NotAUrl,
            BaseUrlError::InsecureHttp { .. } => BaseUrlProblem::InsecureHttp,
            BaseUrlError::BadScheme { .. } => BaseUrlProblem::BadScheme,
            BaseUrlError::HasUserInfo => BaseUrlProblem::HasUserInfo,
            BaseUrlError::HasQueryOrFragment => BaseUrlProblem::HasQueryOrFragment,
            BaseUrlError::LinkLocal => BaseUrlProblem::LinkLocal,
        })
    }
}

impl From<StoreState> for StoreStateView {
    fn from(state: StoreState) -> Self {
        match state {
            StoreState::Unchecked => Self::Unknown,
            StoreState::Ready => Self::Ready,
            StoreState::Session => Self::Session,
            StoreState::VaultOpen => Self::VaultOpen,
            StoreState::VaultLocked => Self::VaultLocked,
            StoreState::VaultMissing => Self::VaultMissing,
            StoreState::VaultDamaged => Self::VaultDamaged,
            StoreState::VaultUnwritable => Self::VaultUnwritable,
            StoreState::Absent => Self::Absent,
            StoreState::NoCollection => Self::NoCollection,
            StoreState::Locked => Self::Locked,
            StoreState::PromptDismissed => Self::PromptDismissed,
            StoreState::Denied => Self::Denied,
            StoreState::Unresponsive => Self::Unresponsive,
            StoreState::Broken => Self::Broken,
        }
    }
}

impl StoreStateView {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ready => "ready",
            Self::Session => "session",
            Self::Absent => "absent",
            Self::NoCollection => "no_collection",
            Self::Locked => "locked",
            Self::PromptDismissed => "prompt_dismissed",
            Self::Denied => "denied",
            Self::Unresponsive => "unresponsive",
            Self::Broken => "broken",
            Self::Missing => "missing",
            Self::SessionEnded => "session_ended",
            Self::SetAside => "set_aside",
            Self::VaultOpen => "vault_open",
            Self::VaultLocked => "vault_locked",
            Self::VaultMissing => "vault_missing",
            Self::VaultDamaged => "vault_damaged",
            Self::VaultUnwritable => "vault_unwritable",
            Self::VaultAside => "vault_aside",
        }
    }
}
