//! What is sold.

use std::collections::BTreeMap;

use brasskey_licence::{Feature, Mode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// All that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// ISO 4217.
    pub currency: String,
    /// The trial without an account.
    pub trial: Trial,
    /// Groups of plans; each serves one billing mode.
    pub groups: Vec<Group>,
    /// What plans grant.
    pub features: Vec<FeatureKind>,
    /// The plans.
    pub plans: Vec<Plan>,
}

/// The trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The plan that is tried.
    pub plan: String,
    /// For how long.
    pub days: u32,
}

/// A group of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The billing mode that its plans allow.
    pub mode: Mode,
}

/// A kind of feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureKind {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether its use is counted.
    pub metered: bool,
}

/// A plan at one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: String,
    /// How often it is billed.
    pub interval: Interval,
    /// Decimal; none where it is agreed with each customer.
    pub price: Option<String>,
    /// Decimal: the model use that is included in each month.
    #[serde(default)]
    pub included: Option<String>,
    /// Decimal: what a unit of a metered feature costs beyond what is included.
    #[serde(default)]
    pub overage: BTreeMap<String, String>,
    /// Whoever has it keeps it, nobody else gets it.
    #[serde(default)]
    pub retired: bool,
    /// From when on it is retired.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// What it grants.
    pub features: BTreeMap<String, Feature>,
}

/// How often a plan is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Each month.
    Month,
    /// Each year.
    Year,
    /// A word of a later service: not offered here.
    #[serde(other)]
    Unknown,
}

impl Catalogue {
    /// The billing mode that a plan allows.
    #[must_use]
    pub fn mode_of(&self, plan: &Plan) -> Option<Mode> {
        let group = self.groups.iter().find(|group| group.code == plan.group)?;
        Some(group.mode)
    }

    /// A plan by its code.
    #[must_use]
    pub fn plan(&self, code: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.code == code)
    }
}
