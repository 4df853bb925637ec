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
    /// The one that is not in force then.
    #[must_use]
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Byok => Self::VendorBilled,
            Self::VendorBilled => Self::Byok,
        }
    }

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

/// A plan of the catalogue, at each interval that it can be had. Amounts are exact dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The mode it belongs to.
    pub mode: BillingMode,
    /// Its name.
    pub name: String,
    /// What it costs a month.
    pub monthly: String,
    /// The code of the plan that is billed each month.
    pub monthly_code: String,
    /// What it costs a year, where offered.
    pub annual: Option<String>,
    /// The code of the plan that is billed each year.
    pub annual_code: Option<String>,
    /// Model use included a month.
    pub included: Option<String>,
    /// Days free of charge, without an account; none where there is no trial.
    pub trial_days: Option<u32>,
}

/// A text that people accept: `terms` (everybody), `byok` (own keys), `vendor` (vendor-billed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TermsView {
    /// Which.
    pub document: String,
    /// Its version, `YYYY-MM-DD.n`.
    pub version: String,
    /// SHA-256 of the exact text, lower-case hex.
    pub sha256: String,
    /// The text, Markdown.
    pub text: String,
    /// Whether it changes what was agreed before.
    pub material: bool,
    /// When it was accepted on this computer by whoever uses it now; milliseconds since 1970.
    #[specta(type = Option<Number>)]
    pub accepted_at: Option<i64>,
    /// The text of the version that was accepted before this one, to show what is different.
    pub before: Option<String>,
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

/// A switch of the billing mode that waits for the end of the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledSwitch {
    /// The mode then.
    pub mode: BillingMode,
    /// The plan's name then.
    pub plan_name: String,
    /// When, in milliseconds since 1970.
    #[specta(type = Number)]
    pub at: i64,
}

/// Mode, plans and terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BillingView {
    /// The mode in force; none before the first choice.
    pub mode: Option<BillingMode>,
    /// The plans, one for each mode; empty until the platform was asked for the first time.
    pub plans: Vec<PlanView>,
    /// The newest known version of each text; empty until the platform was asked for the first time.
    pub terms: Vec<TermsView>,
    /// A switch that was agreed and waits for the end of the period.
    pub scheduled: Option<ScheduledSwitch>,
    /// A switch that was sent and whose outcome is not known yet; Brasskey keeps asking.
    pub switching: Option<BillingMode>,
    /// The first run is over.
    pub set_up: bool,
}
