//! What a licence says. Unknown claims are ignored, and what is missing is not granted, so that a later service can say more
//! to an earlier application.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom licences are made for.
pub const AUDIENCE: &str = "brasskey-desktop";

/// The version of the format. A reader refuses a higher one and keeps what it has.
pub(crate) const VERSION: u32 = 1;

/// The statement that the platform signs. Times are RFC 3339, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// 1.
    pub v: u32,
    /// The service's URL.
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// The account's id; no address, no name.
    pub sub: String,
    /// The token's id.
    pub jti: String,
    /// Orders a device's licences; only grows.
    pub seq: u64,
    /// The device's id.
    pub dev: String,
    /// When it was made, by the service's clock.
    pub iat: Timestamp,
    /// Not to be used before.
    pub nbf: Timestamp,
    /// Until when it holds.
    pub exp: Timestamp,
    /// From when on it should be renewed.
    pub rfr: Timestamp,
    /// The end of grace: until then everything works although it was not renewed.
    pub grace: Timestamp,
    /// The plan's code.
    pub plan: String,
    /// How the account stands.
    pub st: Standing,
    /// The date to show: the end of the period or of the trial.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// The billing modes that the plan allows.
    #[serde(default)]
    pub modes: Vec<Mode>,
    /// What the plan grants, by feature.
    #[serde(default)]
    pub feat: BTreeMap<String, Feature>,
    /// A code of a notice to show; never free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg: Option<String>,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Trying it out.
    Trial,
    /// Paid.
    Active,
    /// The last payment failed; it is tried again.
    PastDue,
    /// Cancelled; the period that was paid still runs.
    Ending,
    /// Without a plan.
    Free,
    /// Taken back.
    Revoked,
    /// A word of a later service: counts as without a plan.
    #[serde(other)]
    Unknown,
}

/// A billing mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The user's own keys.
    Byok,
    /// We bill.
    VendorBilled,
    /// A mode of a later service.
    #[serde(other)]
    Unknown,
}

/// What a plan grants of one feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Feature {
    /// A feature that one has or has not.
    Granted(bool),
    /// A feature that is counted.
    Metered {
        /// How often, in a period; `None` is without a limit.
        max: Option<u64>,
    },
}
