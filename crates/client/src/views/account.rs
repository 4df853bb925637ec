//! The account, its devices, and what is to be accepted.

use std::collections::BTreeMap;

use brasskey_licence::Feature;
pub use brasskey_licence::Standing;
use jiff::Timestamp;
use serde::Deserialize;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Whose it is.
    pub account: Holder,
    /// Its plan.
    pub subscription: super::Subscription,
    /// What the plan grants, by feature.
    pub entitlements: BTreeMap<String, Feature>,
    /// Texts that are to be accepted.
    pub terms_due: Vec<TermsDue>,
}

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Holder {
    /// Its id.
    pub id: String,
    /// None in a trial, or where the identity provider does not say.
    pub email: Option<String>,
    /// Whether it is a person's; otherwise a device's trial.
    pub is_signed_in: bool,
    /// How many devices may have a seat; none is any number.
    pub devices_max: Option<u64>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A text that is to be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TermsDue {
    /// `terms`, `byok` or `vendor`.
    pub doc: String,
    /// The version.
    pub version: String,
    /// From when on it holds.
    pub effective_at: Timestamp,
    /// Whether it changes what was agreed.
    pub material: bool,
    /// Whether nothing new may be done before it is accepted.
    pub blocking: bool,
}

/// The devices that have a seat, the longest unseen first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Devices {
    /// The devices.
    pub devices: Vec<Device>,
    /// The one that asks.
    pub this: Option<String>,
}

/// A device that has a seat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// The application's version.
    pub app_version: String,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// When it last renewed its licence.
    pub seen_at: Timestamp,
}
