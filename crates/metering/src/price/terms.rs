//! The terms a call was served under, as far as they change its price, and the exact factors they bring.

use crate::{Money, Usage};

/// What besides the tokens decides the price of a call. The default is the provider's standard terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms<'a> {
    /// The service tier of the response, in the provider's word.
    pub service_tier: Option<&'a str>,
    /// Where it was processed, in the provider's word.
    pub region: Option<&'a str>,
    /// The speed it was served at, in the provider's word.
    pub speed: Option<&'a str>,
    /// Web searches billed per call.
    pub web_searches: u32,
}

impl<'a> Terms<'a> {
    /// The terms that a usage reports.
    #[must_use]
    pub fn of(usage: &'a Usage) -> Terms<'a> {
        Terms {
            service_tier: usage.service_tier.as_deref(),
            region: usage.region.as_deref(),
            speed: usage.speed.as_deref(),
            web_searches: usage.web_searches,
        }
    }
}

/// The name in the price list of a service tier in a provider's word; none: the standard tier.
///
/// `fast` is what OpenAI calls a request for `priority`; `on_demand…` are Google's and Groq's words. A word that is not
/// known here stays as it is and finds no price, because what it costs is not known.
pub(crate) fn listed_tier(word: Option<&str>) -> Option<&str> {
    const STANDARD: [&str; 6] = [
        "",
        "default",
        "standard",
        "auto",
        "on_demand",
        "standard_only",
    ];
    const OTHERS: [(&str, &str); 5] = [
        ("batches", "batch"),
        ("fast", "priority"),
        ("on_demand_flex", "flex"),
        ("on_demand_priority", "priority"),
        ("ultra_fast", "ultrafast"),
    ];
    let word = word?;
    if STANDARD
        .iter()
        .any(|standard| standard.eq_ignore_ascii_case(word))
    {
        return None;
    }
    let other = OTHERS
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(word));
    Some(other.map_or(word, |(_, listed)| *listed))
}

/// An exact factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Factor {
    numerator: u64,
    denominator: u64,
}

impl Factor {
    /// Changes nothing.
    pub(crate) const ONE: Factor = Factor {
        numerator: 1,
        denominator: 1,
    };

    /// Reads a positive decimal such as `1.1` as the fraction 11/10.
    pub(crate) fn read(listed: Money) -> Option<Factor> {
        let numerator = u64::try_from(listed.pico()).ok().filter(|pico| *pico > 0)?;
        let one = 1_000_000_000_000;
        let divisor = greatest_common_divisor(numerator, one);
        Some(Factor {
            numerator: numerator / divisor,
            denominator: one / divisor,
        })
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Factors by the provider's word, for regions or speeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Factors(pub(crate) Vec<(String, Factor)>);

/// Which factor a word brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applies {
    /// The listed price as it is.
    Plain,
    /// The listed price times this.
    Times(Factor),
    /// The list prices such words apart, but not this one.
    NotListed,
}

impl Factors {
    /// Regions: `global` and no region are plain, and so is any region of a model whose price does not depend on it.
    pub(crate) fn for_region(&self, word: Option<&str>) -> Applies {
        match word {
            None | Some("" | "global" | "not_available") => Applies::Plain,
            Some(_) if self.0.is_empty() => Applies::Plain,
            Some(word) => self
                .find(word)
                .or_else(|| self.find("*"))
                .map_or(Applies::NotListed, Applies::Times),
        }
    }

    /// Speeds: only the usual speed is plain; a special one that is not listed has an unknown price.
    pub(crate) fn for_speed(&self, word: Option<&str>) -> Applies {
        match word {
            None | Some("" | "standard" | "default" | "normal") => Applies::Plain,
            Some(word) => self.find(word).map_or(Applies::NotListed, Applies::Times),
        }
    }

    /// The largest factor; at least one.
    pub(crate) fn dearest(&self) -> Factor {
        let larger = |one: Factor, other: Factor| {
            let left = u128::from(one.numerator) * u128::from(other.denominator);
            let right = u128::from(other.numerator) * u128::from(one.denominator);
            if left < right { other } else { one }
        };
        self.0
            .iter()
            .map(|(_, factor)| *factor)
            .fold(Factor::ONE, larger)
    }

    fn find(&self, word: &str) -> Option<Factor> {
        self.0
            .iter()
            .find(|(listed, _)| listed.eq_ignore_ascii_case(word))
            .map(|(_, factor)| *factor)
    }
}

/// The product of a sum in pico-dollars and two factors, rounded once to the nearest pico-dollar, a half up.
///
/// `None` when it exceeds 128 bits on the way.
pub(crate) fn multiply(pico: u128, factors: [Factor; 2]) -> Option<u128> {
    let mut numerator = pico;
    let mut denominator: u128 = 1;
    for factor in factors {
        if factor == Factor::ONE {
            continue;
        }
        numerator = numerator.checked_mul(u128::from(factor.numerator))?;
        denominator = denominator.checked_mul(u128::from(factor.denominator))?;
    }
    if denominator == 1 {
        return Some(numerator);
    }
    numerator
        .checked_add(denominator / 2)
        .map(|raised| raised / denominator)
}
