//! The account, the licence, the computers and a sign-in under way, as the window sees them.

use serde::Serialize;
use specta::Type;
use specta_typescript::Number;

use crate::billing::view::BillingMode;
use crate::error::ErrorCode;

/// Whose this computer is at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Nobody's: it has no licence.
    None,
    /// Its own, for the trial.
    Trial,
    /// A person's.
    SignedIn,
}

/// The account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Whose.
    pub kind: AccountKind,
    /// The person's address, where the identity provider says it.
    pub email: Option<String>,
    /// This computer's name, as the platform lists it.
    pub computer: String,
    /// The licence, once there is one.
    pub licence: Option<LicenceView>,
    /// A renewal is under way.
    pub checking: bool,
    /// Why the last try to renew failed.
    pub check_failed: Option<ErrorCode>,
    /// A sign-in that waits for the person.
    pub sign_in: Option<SignInProgress>,
}

/// How a licence stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "state"
)]
pub enum LicenceState {
    /// Everything works.
    Active,
    /// It was not renewed in time; everything works.
    RenewalDue {
        /// Until then, in milliseconds since 1970.
        #[specta(type = Number)]
        until: i64,
        /// Whole days left, never 0.
        days_left: u32,
    },
    /// Grace is over, or there is no plan: new model calls stop, and nothing else.
    Limited,
    /// Taken back: as limited.
    Revoked,
}

/// How an account stands, as its licence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StandingView {
    /// Trying it out.
    Trial,
    /// Paid.
    Active,
    /// The last payment failed; it is tried again.
    PastDue,
    /// Cancelled; the paid period still runs.
    Ending,
    /// Without a plan.
    Free,
    /// Taken back.
    Revoked,
    /// A word of a later platform.
    Unknown,
}

impl From<brasskey_licence::Standing> for StandingView {
    fn from(standing: brasskey_licence::Standing) -> Self {
        use brasskey_licence::Standing;
        match standing {
            Standing::Trial => Self::Trial,
            Standing::Active => Self::Active,
            Standing::PastDue => Self::PastDue,
            Standing::Ending => Self::Ending,
            Standing::Free => Self::Free,
            Standing::Revoked => Self::Revoked,
            Standing::Unknown => Self::Unknown,
        }
    }
}

/// The licence. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LicenceView {
    /// How it stands.
    pub state: LicenceState,
    /// How the account stands.
    pub standing: StandingView,
    /// The plan's code.
    pub plan: String,
    /// The billing modes that it allows.
    pub modes: Vec<BillingMode>,
    /// The end of the trial or of the period that is paid.
    #[specta(type = Option<Number>)]
    pub end: Option<i64>,
    /// When the platform signed it.
    #[specta(type = Number)]
    pub checked_at: i64,
    /// Works offline until then without a word.
    #[specta(type = Number)]
    pub works_until: i64,
    /// And until then with a notice.
    #[specta(type = Number)]
    pub grace_until: i64,
    /// What is known of this computer's clock.
    pub clock: ClockView,
}

/// A computer's clock beside the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ClockView {
    /// Nothing speaks against it.
    Right,
    /// It is behind what is known for sure, by more than a day.
    Behind,
    /// It was ahead of the platform's by more than a day when the licence came, and has not been set back.
    Ahead,
}

/// How the person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// With the browser of this computer.
    Browser,
    /// With a code that is typed into any browser.
    Code,
}

/// A sign-in that waits for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    tag = "way"
)]
pub enum SignInProgress {
    /// The browser was opened there.
    Browser {
        /// The page.
        address: String,
    },
    /// The person types a code into any browser.
    Code {
        /// What is typed, or compared.
        code: String,
        /// The page to type it into.
        address: String,
        /// The page with the code in it, as the rows of a QR code: `1` is dark.
        qr: Vec<String>,
        /// Until when it can be confirmed, in milliseconds since 1970.
        #[specta(type = Number)]
        expires_at: i64,
    },
}

/// A computer that has a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SeatView {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// It is this one.
    pub is_this: bool,
    /// Since when, in milliseconds since 1970.
    #[specta(type = Number)]
    pub created_at: i64,
    /// When it last renewed its licence.
    #[specta(type = Number)]
    pub seen_at: i64,
}

/// The computers of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SeatsView {
    /// Those that have a seat, the longest unseen first.
    pub seats: Vec<SeatView>,
    /// How many there may be; none is any number.
    #[specta(type = Option<Number>)]
    pub max: Option<u64>,
}

/// What a sign-in came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum SignInOutcome {
    /// The person is signed in.
    SignedIn,
    /// All computers of the plan are taken: one of them has to give its seat.
    SeatsTaken {
        /// Which have them.
        seats: Vec<SeatView>,
    },
}
