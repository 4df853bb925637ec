//! Joins the two lists into one: one entry for each model, one period for each change of its price.

use std::collections::{BTreeMap, BTreeSet};

use brasskey_metering::{ListedModel, ListedRates, Money, OffPeak, Period, Step};

use super::genai::{self, Price};
use super::{GENAI, LITELLM};

const STANDARD: &str = "standard";
/// A thousand dollars per million tokens. No model costs as much; a list that says so has mistaken the unit.
const IMPLAUSIBLE: Money = Money::from_pico(1_000_000_000_000_000);

/// The models of both lists, ordered by family and id.
pub(crate) fn models(
    litellm: Vec<ListedModel>,
    genai: &[genai::Model],
    as_of: &str,
) -> Vec<ListedModel> {
    let mut models: BTreeMap<(String, String), ListedModel> = BTreeMap::new();
    for model in litellm {
        let key = (model.family.clone(), model.model.clone());
        match models.remove(&key) {
            None => models.insert(key, model),
            Some(twin) => models.insert(key, dearer_twin(twin, &model)),
        };
    }
    let mut named: BTreeMap<(&str, &str), &genai::Model> = BTreeMap::new();
    for model in genai {
        for name in &model.names {
            named.entry((model.family, name)).or_insert(model);
        }
    }
    for ((family, name), model) in &mut models {
        // Google sells the same models under the same ids at two places, and the second list does not tell them apart.
        let family = if family == "vertex" {
            "gemini"
        } else {
            family.as_str()
        };
        let Some(other) = named.get(&(family, name.as_str())) else {
            continue;
        };
        model.context_window = model.context_window.or(other.context_window);
        if let Some(listed) = model.periods.pop() {
            model.periods = periods(listed, other, as_of);
        }
    }
    for model in genai {
        add(&mut models, &named, model, as_of);
    }
    models.into_values().filter(is_plausible).collect()
}

fn is_plausible(model: &ListedModel) -> bool {
    let steps = model
        .periods
        .iter()
        .flat_map(|period| period.tiers.values().flatten());
    steps
        .flat_map(|step| step.rates.to_array())
        .flatten()
        .all(|rate| rate < IMPLAUSIBLE)
}

/// Adds those ids of a model that the first list lacks: as aliases of an id that is listed, else as an entry of its own.
fn add(
    models: &mut BTreeMap<(String, String), ListedModel>,
    named: &BTreeMap<(&str, &str), &genai::Model>,
    model: &genai::Model,
    as_of: &str,
) {
    let key = |name: &String| (model.family.to_owned(), name.clone());
    // Two models may claim one name; the first one has it.
    let own = |name: &&String| {
        named
            .get(&(model.family, name.as_str()))
            .is_some_and(|owner| std::ptr::eq(*owner, model))
    };
    let mut missing: Vec<&String> = model
        .names
        .iter()
        .filter(own)
        .filter(|name| !models.contains_key(&key(name)))
        .collect();
    let listed = model
        .names
        .iter()
        .find(|name| models.contains_key(&key(name)));
    if let Some(entry) = listed.and_then(|name| models.get_mut(&key(name))) {
        entry.aliases.extend(missing.into_iter().cloned());
        return;
    }
    if missing.is_empty() {
        return;
    }
    let first = missing.remove(0);
    let entry = ListedModel {
        family: model.family.to_owned(),
        model: first.clone(),
        aliases: missing.into_iter().cloned().collect(),
        context_window: model.context_window,
        max_output: None,
        periods: dated(model, as_of, None),
    };
    models.insert(key(first), entry);
}

/// The first list's price of today, checked against the second list and set into its history and its future.
fn periods(listed: Period, other: &genai::Model, as_of: &str) -> Vec<Period> {
    let checked = check(listed, other, as_of);
    if other.has_hours() {
        // The second list cannot say weekdays or join a day with hours, so its dates are of no use here.
        return vec![checked];
    }
    dated(other, as_of, Some(checked))
}

/// One period for each start in the second list; the one of today may be given.
fn dated(model: &genai::Model, as_of: &str, today: Option<Period>) -> Vec<Period> {
    let starts: BTreeSet<&str> = if model.has_hours() {
        BTreeSet::new()
    } else {
        model.starts()
    };
    let current = starts.range(..=as_of).next_back().copied();
    let mut periods = Vec::new();
    // Before the first start, any earlier day finds the first price.
    for start in std::iter::once(None).chain(starts.iter().map(|start| Some(*start))) {
        let from = start.map(str::to_owned);
        if start == current {
            let period = today.clone().unwrap_or_else(|| from_genai(model, as_of));
            periods.push(Period { from, ..period });
            continue;
        }
        let past = start < current;
        let mut period = from_genai(model, start.unwrap_or("0000-00-00"));
        if past {
            // When the other tiers of a past price began is not known.
            period.tiers.retain(|tier, _| tier == STANDARD);
            period.speeds.clear();
        } else if let Some(today) = &today {
            period.regions = today.regions.clone();
            period.speeds = today.speeds.clone();
            period.web_search = today.web_search;
        }
        periods.push(Period { from, ..period });
    }
    periods
}

/// A period from the second list alone.
fn from_genai(model: &genai::Model, day: &str) -> Period {
    let standard = model.price_on(day).cloned().unwrap_or_default();
    let hourly = model.hourly_prices().map(|price| price.steps.clone());
    let disputed = model.has_hours();
    let steps = hourly.fold(standard.steps, |steps, hours| {
        dearer_steps(&steps, &hours).0
    });
    let mut tiers = model.tiers_on(day);
    tiers.insert(STANDARD.to_owned(), steps);
    let fast = model
        .fast_factor_on(day)
        .map(|factor| ("fast".to_owned(), factor));
    Period {
        from: None,
        list: GENAI,
        disputed,
        web_search: standard.web_search,
        regions: BTreeMap::new(),
        speeds: fast.into_iter().collect(),
        tiers,
        off_peak: None,
    }
}

/// Takes the higher figure where the lists disagree, and the second list's where the first has none.
fn check(mut listed: Period, other: &genai::Model, as_of: &str) -> Period {
    let Some(price) = other.price_on(as_of) else {
        return listed;
    };
    let mut differs = false;
    if let Some(off_peak) = &mut listed.off_peak {
        differs |= check_hours(&mut listed.tiers, off_peak, price, other);
    } else {
        let steps = other
            .hourly_prices()
            .fold(price.steps.clone(), |steps, hours| {
                dearer_steps(&steps, &hours.steps).0
            });
        differs |= take_dearer(&mut listed, STANDARD, &steps);
    }
    for (tier, steps) in other.tiers_on(as_of) {
        differs |= take_dearer(&mut listed, &tier, &steps);
    }
    if listed.speeds.is_empty()
        && let Some(factor) = other.fast_factor_on(as_of)
    {
        listed.speeds.insert("fast".to_owned(), factor);
    }
    listed.disputed |= differs;
    listed
}

/// Compares full-price hours with the second list's special hours, and off-peak hours with its price outside of them.
fn check_hours(
    tiers: &mut BTreeMap<String, Vec<Step>>,
    off_peak: &mut OffPeak,
    outside: &Price,
    other: &genai::Model,
) -> bool {
    let mut differs = false;
    if let Some([step]) = tiers.get_mut(STANDARD).map(Vec::as_mut_slice) {
        for price in other.hourly_prices() {
            if let [hours] = price.steps.as_slice() {
                let (rates, differ) = dearer_rates(&step.rates, &hours.rates);
                step.rates = rates;
                differs |= differ;
            }
        }
    }
    if let [outside] = outside.steps.as_slice() {
        let (rates, differ) = dearer_rates(&off_peak.rates, &outside.rates);
        off_peak.rates = rates;
        differs |= differ;
    }
    differs
}

/// Replaces a tier by the dearer of it and the other list's; whether they differ.
fn take_dearer(listed: &mut Period, tier: &str, other: &[Step]) -> bool {
    let Some(own) = listed.tiers.get(tier) else {
        listed.tiers.insert(tier.to_owned(), other.to_vec());
        return false;
    };
    // A tier that lacks a threshold says nothing about it; the standard tier says that there is none.
    let (steps, differ) = if tier == STANDARD {
        dearer_steps(own, other)
    } else {
        dearer_named_steps(own, other)
    };
    if differ && tier == STANDARD && steps == other {
        listed.list = GENAI;
    }
    listed.tiers.insert(tier.to_owned(), steps);
    differ
}

/// Step by step the dearer rates of both; whether any two figures differ.
fn dearer_steps(own: &[Step], other: &[Step]) -> (Vec<Step>, bool) {
    let thresholds: BTreeSet<Option<u64>> = own.iter().chain(other).map(|step| step.over).collect();
    let at = |steps: &[Step], threshold: Option<u64>| {
        steps
            .iter()
            .rev()
            .find(|step| step.over <= threshold)
            .map(|step| step.rates)
    };
    join(thresholds, |over| (at(own, over), at(other, over)))
}

/// As [`dearer_steps`], but a threshold that one of them lacks is taken from the other unchanged.
fn dearer_named_steps(own: &[Step], other: &[Step]) -> (Vec<Step>, bool) {
    let thresholds: BTreeSet<Option<u64>> = own.iter().chain(other).map(|step| step.over).collect();
    let at = |steps: &[Step], threshold: Option<u64>| {
        steps
            .iter()
            .find(|step| step.over == threshold)
            .map(|step| step.rates)
    };
    join(thresholds, |over| (at(own, over), at(other, over)))
}

fn join(
    thresholds: BTreeSet<Option<u64>>,
    rates_at: impl Fn(Option<u64>) -> (Option<ListedRates>, Option<ListedRates>),
) -> (Vec<Step>, bool) {
    let mut differs = false;
    let mut steps = Vec::new();
    for over in thresholds {
        let (rates, differ) = match rates_at(over) {
            (Some(own), Some(other)) => dearer_rates(&own, &other),
            (Some(rates), None) | (None, Some(rates)) => (rates, false),
            (None, None) => continue,
        };
        differs |= differ;
        steps.push(Step { over, rates });
    }
    (steps, differs)
}

fn dearer_rates(own: &ListedRates, other: &ListedRates) -> (ListedRates, bool) {
    let mut differs = false;
    let mut rates = own.to_array();
    for (own, other) in rates.iter_mut().zip(other.to_array()) {
        differs |= matches!((*own, other), (Some(own), Some(other)) if own != other);
        *own = (*own).max(other);
    }
    (ListedRates::from_array(rates), differs)
}

/// One id at two endpoints of one provider: the dearer price, disputed where they differ.
fn dearer_twin(mut twin: ListedModel, model: &ListedModel) -> ListedModel {
    twin.context_window = twin.context_window.max(model.context_window);
    twin.max_output = twin.max_output.max(model.max_output);
    for (period, other) in twin.periods.iter_mut().zip(&model.periods) {
        let mut differs = false;
        for (tier, steps) in &other.tiers {
            differs |= take_dearer(period, tier, steps);
        }
        period.list = LITELLM;
        period.web_search = period.web_search.max(other.web_search);
        for (factors, others) in [
            (&mut period.regions, &other.regions),
            (&mut period.speeds, &other.speeds),
        ] {
            for (word, factor) in others {
                let dearer = factors
                    .get(word)
                    .copied()
                    .max(Some(*factor))
                    .unwrap_or(Money::ZERO);
                factors.insert(word.clone(), dearer);
            }
        }
        period.disputed |= differs;
    }
    twin
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_OF: &str = "2026-11-23";

    fn litellm(input: &str, more: &str) -> Vec<ListedModel> {
        let text = format!(
            r#"{{"xai/m": {{"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": {input},
            "output_cost_per_token": 6e-06{more}}}}}"#
        );
        super::super::litellm::models(&text).unwrap()
    }

    fn genai(prices: &str) -> Vec<genai::Model> {
        let module = format!(
            "providers = [Provider(id='x-ai', models=[ModelInfo(id='m', match=ClauseOr(or_=[\
             ClauseEquals(equals='m-latest'), ClauseStartsWith(starts_with='m-')]), prices={prices})])]"
        );
        genai::models(&module).unwrap()
    }

    fn price(input: &str, output: &str) -> String {
        format!("ModelPrice(input_mtok=Decimal('{input}'), output_mtok=Decimal('{output}'))")
    }

    fn input(period: &Period) -> String {
        period.tiers[STANDARD][0].rates.input.unwrap().to_string()
    }

    #[test]
    fn equal_lists_are_not_disputed_and_the_other_name_is_an_alias() {
        let models = models(litellm("2e-06", ""), &genai(&price("2", "6")), AS_OF);
        assert_eq!(models.len(), 1);
        assert_eq!(models[0].aliases, ["m-latest"]);
        let period = &models[0].periods[0];
        assert_eq!(
            (period.disputed, period.list, input(period)),
            (false, LITELLM, "2".to_owned())
        );
    }

    #[test]
    fn of_two_prices_the_higher_one_is_kept_and_disputed() {
        for (mine, other, list) in [("3e-06", "2", LITELLM), ("2e-06", "3", GENAI)] {
            let models = models(litellm(mine, ""), &genai(&price(other, "6")), AS_OF);
            let period = &models[0].periods[0];
            assert_eq!(
                (period.disputed, period.list, input(period)),
                (true, list, "3".to_owned())
            );
        }
    }

    #[test]
    fn a_threshold_that_only_one_list_knows_is_kept_and_disputed() {
        let threshold = r#", "input_cost_per_token_above_200k_tokens": 4e-06, "output_cost_per_token_above_200k_tokens": 12e-06"#;
        let models = models(litellm("2e-06", threshold), &genai(&price("2", "6")), AS_OF);
        let period = &models[0].periods[0];
        assert!(period.disputed);
        assert_eq!(period.tiers[STANDARD][1].over, Some(199_999));
        assert_eq!(
            period.tiers[STANDARD][1].rates.output,
            Some(Money::parse("12").unwrap())
        );
    }

    #[test]
    fn an_announced_price_starts_on_its_day_and_keeps_factors() {
        let entry = |day: &str, input: &str| {
            let prices = price(input, "6");
            format!(
                "ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date({day})), prices={prices})"
            )
        };
        let dated = format!(
            "[ConditionalPrice(prices={}), {}, {}]",
            price("1", "6"),
            entry("2026, 5, 1", "2"),
            entry("2027, 1, 1", "4")
        );
        let factor = r#", "regional_processing_uplift_multiplier_eu": 1.1"#;
        let models = models(litellm("2e-06", factor), &genai(&dated), AS_OF);
        let periods: Vec<_> = models[0]
            .periods
            .iter()
            .map(|period| {
                (
                    period.from.as_deref(),
                    input(period),
                    period.list,
                    period.regions.len(),
                )
            })
            .collect();
        assert_eq!(
            periods,
            [
                (None, "1".to_owned(), GENAI, 0),
                (Some("2026-05-01"), "2".to_owned(), LITELLM, 1),
                (Some("2027-01-01"), "4".to_owned(), GENAI, 1),
            ]
        );
        assert!(!models[0].periods[1].disputed);
    }

    #[test]
    fn a_price_in_a_mistaken_unit_is_left_out() {
        assert_eq!(models(litellm("3.2e-03", ""), &[], AS_OF), []);
    }

    #[test]
    fn a_model_that_only_the_second_list_has_is_added() {
        let models = models(Vec::new(), &genai(&price("2", "6")), AS_OF);
        assert_eq!(
            (models[0].model.as_str(), models[0].aliases.as_slice()),
            ("m", ["m-latest".to_owned()].as_slice())
        );
        assert_eq!(models[0].periods[0].list, GENAI);
    }
}
