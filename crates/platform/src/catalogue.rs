//! Plans, plan groups, features, prices and the trial: one file, checked when it is read.
//!
//! Nothing of it is a constant in code. Prices are decimal text and never become a float.

use std::collections::{BTreeMap, BTreeSet};

use crate::billing::{OfferedPlan, money};
use brasskey_licence::{Feature, Mode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The catalogue that ships with the service.
const EMBEDDED: &str = include_str!("../data/catalogue.json");

/// What is wrong with a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is not of the expected form.
    #[error("the catalogue cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// It contradicts itself.
    #[error("{0}")]
    Content(String),
}

/// All that is sold.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The plan that is tried.
    pub plan: String,
    /// For how long.
    pub days: u32,
}

/// A group of plans.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The billing mode that its plans allow.
    #[schema(value_type = String, example = "byok")]
    pub mode: Mode,
}

/// A kind of feature.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureKind {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether its use is counted.
    pub metered: bool,
}

/// A plan at one interval.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its code, which says the interval, too.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<String>,
    /// Decimal, up to nine digits after the point: what each unit of a metered feature costs that is reported as used beyond what
    /// is included. Billed in arrears.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overage: BTreeMap<String, String>,
    /// Whoever has it keeps it, nobody else gets it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// From when it is retired, where that is known before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// What it grants.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub features: BTreeMap<String, Feature>,
}

/// How often a plan is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

impl Plan {
    /// Whether somebody new can have it.
    #[must_use]
    pub fn is_sold(&self, now: Timestamp) -> bool {
        !self.retired && self.until.is_none_or(|end| now < end)
    }
}

impl Catalogue {
    /// The catalogue that ships with the service.
    ///
    /// # Errors
    /// [`CatalogueError`], which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::read(EMBEDDED)
    }

    /// Reads and checks a catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`] names the first contradiction.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = serde_json::from_str(text)?;
        catalogue.check()?;
        Ok(catalogue)
    }

    fn check(&self) -> Result<(), CatalogueError> {
        let wrong = |what: String| Err(CatalogueError::Content(what));
        let mut codes = BTreeSet::new();
        for plan in &self.plans {
            if !codes.insert(&plan.code) {
                return wrong(format!("the plan {} stands twice", plan.code));
            }
            if self.group(&plan.group).is_none() {
                return wrong(format!(
                    "{} is in no known group: {}",
                    plan.code, plan.group
                ));
            }
            for amount in [&plan.price, &plan.included].into_iter().flatten() {
                if !is_amount(amount) {
                    return wrong(format!("{} has a price that is none: {amount}", plan.code));
                }
            }
            for (code, price) in &plan.overage {
                if !matches!(plan.features.get(code), Some(Feature::Metered { .. })) {
                    return wrong(format!(
                        "{} prices {code}, which it does not meter",
                        plan.code
                    ));
                }
                if money::of_units(1, price).is_none() {
                    return wrong(format!("{} has a price that is none: {price}", plan.code));
                }
            }
            for (code, grant) in &plan.features {
                let Some(kind) = self.features.iter().find(|kind| kind.code == *code) else {
                    return wrong(format!("{} grants an unknown feature: {code}", plan.code));
                };
                if kind.metered != matches!(grant, Feature::Metered { .. }) {
                    return wrong(format!("{} grants {code} as another kind", plan.code));
                }
            }
        }
        match self.plan(&self.trial.plan) {
            // Vendor-billed use spends our money: it needs an account. Who tries a plan wants to keep it.
            Some(plan) if plan.retired || plan.until.is_some() => {
                wrong(format!("the trial is of {}, which is retired", plan.code))
            }
            Some(plan) if self.mode_of(plan) == Some(Mode::Byok) && self.trial.days > 0 => Ok(()),
            _ => wrong(format!("the trial cannot be of {}", self.trial.plan)),
        }
    }

    /// A plan by its code.
    #[must_use]
    pub fn plan(&self, code: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.code == code)
    }

    /// The billing mode of a plan.
    #[must_use]
    pub fn mode_of(&self, plan: &Plan) -> Option<Mode> {
        self.group(&plan.group).map(|group| group.mode)
    }

    /// Where what a billing provider offers differs from what is sold, one sentence each.
    #[must_use]
    pub fn differences(&self, offered: &[OfferedPlan], now: Timestamp) -> Vec<String> {
        let mut found = Vec::new();
        for plan in &self.plans {
            let code = &plan.code;
            let Some(offer) = offered.iter().find(|offer| offer.code == *code) else {
                // A price that is agreed with each customer need not be on offer.
                if plan.price.is_some() && plan.is_sold(now) {
                    found.push(format!("{code} is not offered"));
                }
                continue;
            };
            if offer
                .interval
                .is_some_and(|interval| interval != plan.interval)
            {
                found.push(format!("{code} is offered at another interval"));
            }
            if let (Some(offers), Some(sells)) = (&offer.price, &plan.price)
                && money::cents(offers) != money::cents(sells)
            {
                found.push(format!("{code} is offered at {offers} instead of {sells}"));
            }
        }
        let unknown = offered
            .iter()
            .filter(|offer| self.plan(&offer.code).is_none());
        found.extend(unknown.map(|offer| format!("{} is offered, and unknown here", offer.code)));
        found
    }

    fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.code == code)
    }
}

/// Whether a text is an amount of money: digits, a point, two digits.
fn is_amount(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, cents)| {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        !whole.is_empty() && cents.len() == 2 && digits(whole) && digits(cents)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_catalogue_that_ships_is_sound_and_names_the_plans_by_name() {
        let catalogue = Catalogue::embedded().unwrap();
        let byok = catalogue.plan("byok_monthly").unwrap();
        assert_eq!(
            (byok.name.as_str(), byok.price.as_deref()),
            ("BYOK", Some("12.00"))
        );
        assert_eq!(byok.features["projects"], Feature::Metered { max: None });
        assert_eq!(catalogue.mode_of(byok), Some(Mode::Byok));
        for code in [
            "byok_annual",
            "byok_enterprise",
            "standard_monthly",
            "standard_annual",
        ] {
            assert!(catalogue.plan(code).is_some(), "{code}");
        }
    }

    #[test]
    fn a_catalogue_that_contradicts_itself_is_refused() {
        for (find, put, says) in [
            (
                "\"group\": \"standard\"",
                "\"group\": \"gold\"",
                "no known group",
            ),
            ("\"12.00\"", "\"12.0\"", "price that is none"),
            (
                "\"local_gateway\": true",
                "\"telepathy\": true",
                "unknown feature",
            ),
            (
                "\"local_gateway\": true",
                "\"local_gateway\": {\"max\": 1}",
                "another kind",
            ),
            (
                "\"plan\": \"byok_monthly\"",
                "\"plan\": \"standard_monthly\"",
                "the trial cannot",
            ),
            ("byok_annual", "byok_monthly", "stands twice"),
            (
                "\"ai_credit\": \"0.01\"",
                "\"gold\": \"0.01\"",
                "does not meter",
            ),
            (
                "\"ai_credit\": \"0.01\"",
                "\"ai_credit\": \"-1\"",
                "price that is none",
            ),
            (
                "\"price\": \"12.00\"",
                "\"retired\": true, \"price\": \"12.00\"",
                "which is retired",
            ),
        ] {
            let error = Catalogue::read(&EMBEDDED.replacen(find, put, 1)).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn what_a_provider_offers_otherwise_is_found() {
        let catalogue = Catalogue::embedded().unwrap();
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let offer = |code: &str, price: &str| OfferedPlan {
            code: code.to_owned(),
            interval: Some(
                catalogue
                    .plan(code)
                    .map_or(Interval::Month, |plan| plan.interval),
            ),
            price: Some(price.to_owned()),
        };
        let right = [
            offer("byok_monthly", "12.00"),
            offer("byok_annual", "120.00"),
            offer("standard_monthly", "24.00"),
            offer("standard_annual", "240.00"),
        ];
        assert!(catalogue.differences(&right, now).is_empty());
        let wrong = [
            offer("byok_monthly", "13.00"),
            OfferedPlan {
                interval: Some(Interval::Month),
                ..offer("byok_annual", "120.00")
            },
            offer("standard_monthly", "24.00"),
            offer("gold", "1.00"),
        ];
        let found = catalogue.differences(&wrong, now).join("; ");
        for says in [
            "byok_monthly is offered at 13.00 instead of 12.00",
            "byok_annual is offered at another interval",
            "standard_annual is not offered",
            "gold is offered, and unknown here",
        ] {
            assert!(found.contains(says), "{found}");
        }
    }
}
