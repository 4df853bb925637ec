//! Billing mode, plans as the first run shows them, terms.

use brasskey_licence::Mode;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// Who bills for model use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BillingMode {
    /// The user's own keys.
    Byok,
    /// The platform.
    VendorBilled,
}

impl BillingMode {
    /// The mode of a licence; none for one of a later platform.
    #[must_use]
    pub(crate) fn of(mode: Mode) -> Option<Self> {
        match mode {
            Mode::Byok => Some(Self::Byok),
            Mode::VendorBilled => Some(Self::VendorBilled),
            Mode::Unknown => None,
        }
    }
}

impl From<BillingMode> for Mode {
    fn from(mode: BillingMode) -> Self {
        match mode {
            BillingMode::Byok => Self::Byok,
            BillingMode::VendorBilled => Self::VendorBilled,
        }
    }
}

/// A plan of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The mode it belongs to.
    pub mode: BillingMode,
    /// Whole and exact dollars a month.
    pub monthly: String,
    /// Exact dollars a year, where offered.
    pub annual: Option<String>,
    /// Model use included a month, exact dollars.
    pub included: Option<String>,
    /// Days free of charge.
    pub trial_days: u32,
}

/// A version of the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TermsView {
    /// Which document.
    pub document: String,
    /// Its version, `YYYY-MM-DD.n`.
    pub version: String,
    /// SHA-256 of the exact text, lower-case hex.
    pub sha256: String,
    /// The text, Markdown.
    pub text: String,
    /// When this version was accepted on this computer.
    #[specta(type = Option<Number>)]
    pub accepted_at: Option<i64>,
}

/// What the user accepted: exactly what was on screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TermsAcceptance {
    /// Which document.
    pub document: String,
    /// Its version.
    pub version: String,
    /// The hash of the text that was shown.
    pub sha256: String,
}

/// Everything of Settings > Billing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BillingView {
    /// The mode in force; none before the first choice.
    pub mode: Option<BillingMode>,
    /// The plans.
    pub plans: Vec<PlanView>,
    /// The terms for own keys.
    pub terms: TermsView,
    /// The first run is over.
    pub set_up: bool,
}
