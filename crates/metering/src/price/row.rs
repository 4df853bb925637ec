//! One model's price from one day on, ready to be applied.
//!
//! Applying it is integer arithmetic without allocation, so that a running answer can be priced with every chunk.

use crate::price::list::{ListedModel, ListedRates, Period, Step, Window};
use crate::price::rates::{Rates, Sum};
use crate::price::terms::{Applies, Factor, Factors, Terms, listed_tier, multiply};
use crate::{Money, PriceSource, Tokens, UnknownCost};

const MS_PER_MINUTE: i64 = 60_000;
const MINUTES_PER_DAY: i64 = 1_440;
/// The tier every row has.
const STANDARD: &str = "standard";

/// The price of one model of one provider from one day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// Names the row inside its list: `openai/gpt-6.1-sol`, with `@2027-01-01` when it starts on a day.
    pub id: String,
    /// Who bills: `openai`, `anthropic`, `gemini`, ...
    pub family: String,
    /// The model id as the provider serves it.
    pub model: String,
    /// The largest input in tokens.
    pub context_window: Option<u64>,
    /// The largest output in tokens.
    pub max_output: Option<u64>,
    /// The list with its version, and the ISO date of that list.
    pub(crate) list: String,
    pub(crate) as_of: String,
    pub(crate) disputed: bool,
    input_per_million: Money,
    output_per_million: Money,
    standard: Tier,
    others: Vec<(String, Tier)>,
    off_peak: Option<OffPeakRates>,
    web_search: Option<Money>,
    regions: Factors,
    speeds: Factors,
}

/// The rates of one service tier: up to the first threshold, and over each threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tier {
    base: Rates,
    /// Ascending; the last one that the input exceeds applies to all tokens.
    over: Vec<(u64, Rates)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct OffPeakRates {
    windows: Vec<Window>,
    rates: Rates,
}

/// What a call costs as far as the row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priced {
    /// All of it.
    Exactly(Money),
    /// This much at least; something it used has no known price.
    AtLeast(Option<Money>),
    /// More than an amount can hold.
    TooMuch,
}

impl PriceRow {
    /// Makes a row of a listed period.
    ///
    /// # Errors
    /// A short description of what is wrong with the entry.
    pub(crate) fn read(
        entry: &ListedModel,
        period: &Period,
        list: &str,
        as_of: &str,
    ) -> Result<PriceRow, &'static str> {
        let listed = period
            .tiers
            .get(STANDARD)
            .ok_or("it has no standard tier")?;
        let reference = listed.first().ok_or("its standard tier is empty")?.rates;
        let lacking = "its standard tier lacks the input or the output rate";
        let input_per_million = reference.input.ok_or(lacking)?;
        let output_per_million = reference.output.ok_or(lacking)?;
        let standard = Tier::read(listed, &reference, &[])?;
        let mut others = Vec::new();
        for (name, steps) in period.tiers.iter().filter(|(name, _)| *name != STANDARD) {
            others.push((name.clone(), Tier::read(steps, &reference, &standard.over)?));
        }
        let off_peak = match &period.off_peak {
            None => None,
            Some(_) if !standard.over.is_empty() => {
                return Err("it has off-peak hours and a threshold");
            }
            Some(off_peak) => Some(OffPeakRates {
                windows: checked_windows(&off_peak.windows)?,
                rates: Rates::read(&off_peak.rates, &reference)?,
            }),
        };
        let id = match &period.from {
            None => format!("{}/{}", entry.family, entry.model),
            Some(day) => format!("{}/{}@{day}", entry.family, entry.model),
        };
        Ok(PriceRow {
            id,
            family: entry.family.clone(),
            model: entry.model.clone(),
            context_window: entry.context_window,
            max_output: entry.max_output,
            list: list.to_owned(),
            as_of: as_of.to_owned(),
            disputed: period.disputed,
            input_per_million,
            output_per_million,
            standard,
            others,
            off_peak,
            web_search: period.web_search,
            regions: factors(&period.regions)?,
            speeds: factors(&period.speeds)?,
        })
    }

    /// What these tokens cost under these terms at this moment (milliseconds since 1970, UTC).
    ///
    /// Cheap enough for every chunk of a running answer, and for the worst case before a call.
    ///
    /// # Errors
    /// [`UnknownCost::NoPrice`] when a token kind, the tier, the region, the speed or a web search has no known price;
    /// [`UnknownCost::Overflow`] when the amount is out of range.
    pub fn price(
        &self,
        tokens: &Tokens,
        terms: &Terms<'_>,
        at_ms: i64,
    ) -> Result<Money, UnknownCost> {
        match self.priced(tokens, terms, at_ms) {
            Priced::Exactly(amount) => Ok(amount),
            Priced::AtLeast(_) => Err(UnknownCost::NoPrice),
            Priced::TooMuch => Err(UnknownCost::Overflow),
        }
    }

    /// The most that so much input and output can cost under any of the row's tiers, hours, kinds of input, regions and speeds;
    /// none when it is out of range. Web searches come on top.
    #[must_use]
    pub fn dearest(&self, input: u64, output: u64) -> Option<Money> {
        let reached = |tier: &Tier| {
            let over = tier.over.iter().filter(|(threshold, _)| input > *threshold);
            let over = over.map(|(_, rates)| rates.dearest());
            over.fold(tier.base.dearest(), dearer)
        };
        let tiers = self.others.iter().map(|(_, tier)| reached(tier));
        let off_peak = self
            .off_peak
            .iter()
            .map(|off_peak| off_peak.rates.dearest());
        let (per_input, per_output) = tiers.chain(off_peak).fold(reached(&self.standard), dearer);
        let pico = u128::from(input)
            .checked_mul(u128::from(per_input))?
            .checked_add(u128::from(output).checked_mul(u128::from(per_output))?)?;
        let pico = multiply(pico, [self.regions.dearest(), self.speeds.dearest()])?;
        i64::try_from(pico).ok().map(Money::from_pico)
    }

    /// Dollars per million tokens of plain input: standard tier, short input, full-price hours.
    #[must_use]
    pub fn input_per_million(&self) -> Money {
        self.input_per_million
    }

    /// Dollars per million tokens of output: standard tier, short input, full-price hours.
    #[must_use]
    pub fn output_per_million(&self) -> Money {
        self.output_per_million
    }

    /// Where this price comes from.
    #[must_use]
    pub fn source(&self) -> PriceSource {
        PriceSource {
            list: self.list.clone(),
            as_of: self.as_of.clone(),
            row: self.id.clone(),
            to_be_confirmed: self.disputed,
        }
    }

    pub(crate) fn priced(&self, tokens: &Tokens, terms: &Terms<'_>, at_ms: i64) -> Priced {
        let Some(rates) = self.rates(tokens.input(), terms.service_tier, at_ms) else {
            return Priced::AtLeast(None);
        };
        let Some(Sum { pico, mut complete }) = rates.sum(tokens) else {
            return Priced::TooMuch;
        };
        let mut factors = [Factor::ONE; 2];
        let applied = [
            self.regions.for_region(terms.region),
            self.speeds.for_speed(terms.speed),
        ];
        for (slot, applies) in factors.iter_mut().zip(applied) {
            match applies {
                Applies::Plain => {}
                Applies::Times(factor) => *slot = factor,
                Applies::NotListed => complete = false,
            }
        }
        let Some(mut total) = multiply(pico, factors) else {
            return Priced::TooMuch;
        };
        if terms.web_searches > 0 {
            let searches = self
                .web_search
                .map(|price| price.checked_mul(u64::from(terms.web_searches)));
            match searches {
                None => complete = false,
                Some(None) => return Priced::TooMuch,
                Some(Some(searches)) => {
                    total = total.saturating_add(u128::from(searches.pico().unsigned_abs()))
                }
            }
        }
        match i64::try_from(total) {
            Err(_) => Priced::TooMuch,
            Ok(pico) if complete => Priced::Exactly(Money::from_pico(pico)),
            Ok(pico) => Priced::AtLeast((pico > 0).then_some(Money::from_pico(pico))),
        }
    }

    fn rates(&self, input: u64, service_tier: Option<&str>, at_ms: i64) -> Option<&Rates> {
        let Some(word) = listed_tier(service_tier) else {
            if let Some(off_peak) = &self.off_peak
                && off_peak.applies(at_ms)
            {
                return Some(&off_peak.rates);
            }
            return Some(self.standard.rates(input));
        };
        let tier = self
            .others
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word));
        tier.map(|(_, tier)| tier.rates(input))
    }
}

impl Tier {
    /// `thresholds` are those of the standard tier: over one of them, a tier without a figure of its own is unknown.
    fn read(
        steps: &[Step],
        standard: &ListedRates,
        thresholds: &[(u64, Rates)],
    ) -> Result<Tier, &'static str> {
        let (first, rest) = steps.split_first().ok_or("a tier is empty")?;
        if first.over.is_some() {
            return Err("a tier's first step has a threshold");
        }
        let mut over = Vec::with_capacity(rest.len());
        for step in rest {
            let threshold = step.over.ok_or("a tier's later step has no threshold")?;
            over.push((threshold, Rates::read(&step.rates, standard)?));
        }
        for (threshold, _) in thresholds {
            if !over.iter().any(|(own, _)| own == threshold) {
                over.push((*threshold, Rates::UNKNOWN));
            }
        }
        over.sort_by_key(|(threshold, _)| *threshold);
        if over
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
        {
            return Err("a tier has a threshold twice");
        }
        Ok(Tier {
            base: Rates::read(&first.rates, standard)?,
            over,
        })
    }

    fn rates(&self, input: u64) -> &Rates {
        let step = self
            .over
            .iter()
            .rev()
            .find(|(threshold, _)| input > *threshold);
        step.map_or(&self.base, |(_, rates)| rates)
    }
}

impl OffPeakRates {
    fn applies(&self, at_ms: i64) -> bool {
        let minutes = at_ms.div_euclid(MS_PER_MINUTE);
        // 1 January 1970 was a Thursday, ISO weekday 4.
        let weekday = (minutes.div_euclid(MINUTES_PER_DAY) + 3).rem_euclid(7) + 1;
        let minute = minutes.rem_euclid(MINUTES_PER_DAY);
        self.windows.iter().any(|window| {
            (i64::from(window.from)..i64::from(window.until)).contains(&minute)
                && window.days.iter().any(|day| i64::from(*day) == weekday)
        })
    }
}

fn dearer(one: (u64, u64), other: (u64, u64)) -> (u64, u64) {
    (one.0.max(other.0), one.1.max(other.1))
}

fn checked_windows(windows: &[Window]) -> Result<Vec<Window>, &'static str> {
    let minutes = 0..=1_440;
    for window in windows {
        let days = window.days.iter().all(|day| (1..=7).contains(day));
        if !days || window.from >= window.until || !minutes.contains(&window.until) {
            return Err("an off-peak window is wrong");
        }
    }
    Ok(windows.to_vec())
}

fn factors(listed: &std::collections::BTreeMap<String, Money>) -> Result<Factors, &'static str> {
    let mut factors = Vec::with_capacity(listed.len());
    for (word, factor) in listed {
        let factor = Factor::read(*factor).ok_or("a factor is not positive")?;
        factors.push((word.clone(), factor));
    }
    Ok(Factors(factors))
}
