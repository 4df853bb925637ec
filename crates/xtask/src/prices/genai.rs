//! genai-prices: a Python module of providers, models and prices in dollars per million tokens, with start dates.

mod price;

use std::collections::{BTreeMap, BTreeSet};

use brasskey_metering::{Money, Step};

pub(crate) use self::price::Price;
use self::price::price;
use super::python::{self, Call, Value};

/// The list's provider ids and our families.
const FAMILIES: [(&str, &str); 13] = [
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("google", "gemini"),
    ("openrouter", "openrouter"),
    ("mistral", "mistral"),
    ("groq", "groq"),
    ("deepseek", "deepseek"),
    ("x-ai", "xai"),
    ("together", "together"),
    ("fireworks", "fireworks"),
    ("cohere", "cohere"),
    ("perplexity", "perplexity"),
    ("azure", "azure"),
];

/// A model with all its prices.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Our family.
    pub(crate) family: &'static str,
    /// The list's own id first, then every id that it says equals it. Its looser rules (prefixes, patterns) are not
    /// used: they also match other models.
    pub(crate) names: Vec<String>,
    /// The largest input in tokens.
    pub(crate) context_window: Option<u64>,
    entries: Vec<Entry>,
    variants: Vec<Variant>,
}

/// A price of the standard tier and when it applies; the last one that applies counts.
#[derive(Debug, Clone)]
struct Entry {
    when: When,
    price: Price,
}

#[derive(Debug, Clone, PartialEq)]
enum When {
    Always,
    /// From this ISO day on.
    From(String),
    /// Certain hours of every day.
    Hours,
}

/// The price of another tier or speed.
#[derive(Debug, Clone)]
struct Variant {
    key: String,
    value: String,
    when: When,
    price: Price,
}

impl Model {
    /// The days on which a new price starts, ascending.
    pub(crate) fn starts(&self) -> BTreeSet<&str> {
        let day = |entry: &'_ Entry| match &entry.when {
            When::From(_) => true,
            When::Always | When::Hours => false,
        };
        self.entries
            .iter()
            .filter(|entry| day(entry))
            .filter_map(|entry| entry.when.day())
            .collect()
    }

    /// The price depends on the hour.
    pub(crate) fn has_hours(&self) -> bool {
        self.entries.iter().any(|entry| entry.when == When::Hours)
    }

    /// The standard price on a day, outside of any special hours.
    pub(crate) fn price_on(&self, day: &str) -> Option<&Price> {
        let current = self
            .entries
            .iter()
            .rev()
            .find(|entry| entry.when.covers(day));
        current.or(self.entries.first()).map(|entry| &entry.price)
    }

    /// The prices of all special hours.
    pub(crate) fn hourly_prices(&self) -> impl Iterator<Item = &Price> {
        self.entries
            .iter()
            .filter(|entry| entry.when == When::Hours)
            .map(|entry| &entry.price)
    }

    /// The rates of the other service tiers on a day.
    pub(crate) fn tiers_on(&self, day: &str) -> BTreeMap<String, Vec<Step>> {
        let mut tiers = BTreeMap::new();
        for variant in self
            .variants
            .iter()
            .filter(|variant| variant.when.covers(day))
        {
            let tier = match (variant.key.as_str(), variant.value.as_str()) {
                ("processing", "batch") => "batch",
                ("service_tier", tier @ ("flex" | "priority")) => tier,
                _ => continue,
            };
            tiers
                .entry(tier.to_owned())
                .or_insert_with(|| variant.price.steps.clone());
        }
        tiers.retain(|_, steps: &mut Vec<Step>| !steps.is_empty());
        tiers
    }

    /// By which factor the fast speed multiplies the standard rates on a day, if it is the same for all of them.
    pub(crate) fn fast_factor_on(&self, day: &str) -> Option<Money> {
        let fast = self.variants.iter().find(|variant| {
            variant.key == "speed" && variant.value == "fast" && variant.when.covers(day)
        })?;
        let [fast] = fast.price.steps.as_slice() else {
            return None;
        };
        let [standard] = self.price_on(day)?.steps.as_slice() else {
            return None;
        };
        let mut factors = BTreeSet::new();
        for (fast, standard) in fast
            .rates
            .to_array()
            .into_iter()
            .zip(standard.rates.to_array())
        {
            match (fast, standard) {
                (None, None) => {}
                (Some(fast), Some(standard)) if fast.pico() % standard.pico() == 0 => {
                    factors.insert(fast.pico() / standard.pico());
                }
                _ => return None,
            }
        }
        let whole = factors.pop_first().filter(|_| factors.is_empty())?;
        Money::parse(&whole.to_string()).ok()
    }
}

impl When {
    fn day(&self) -> Option<&str> {
        match self {
            When::From(day) => Some(day),
            When::Always | When::Hours => None,
        }
    }

    /// ISO days compare as texts.
    fn covers(&self, day: &str) -> bool {
        match self {
            When::Always => true,
            When::From(start) => start.as_str() <= day,
            When::Hours => false,
        }
    }
}

/// All models of the supported providers that have a price per token.
///
/// # Errors
/// What does not look as the module used to.
pub(crate) fn models(module: &str) -> Result<Vec<Model>, String> {
    let providers = python::assigned(module, "providers")?;
    let mut models = Vec::new();
    for provider in providers.list().ok_or("`providers` is no list")? {
        let provider = provider
            .call("Provider")
            .ok_or("a provider is no Provider(…)")?;
        let id = provider
            .get("id")
            .and_then(Value::text)
            .ok_or("a provider has no id")?;
        let Some((_, family)) = FAMILIES.iter().find(|(theirs, _)| *theirs == id) else {
            continue;
        };
        for entry in provider
            .get("models")
            .and_then(Value::list)
            .unwrap_or_default()
        {
            let info = entry
                .call("ModelInfo")
                .ok_or("a model is no ModelInfo(…)")?;
            let model = model(family, info).map_err(|what| format!("{id}: {what}"))?;
            models.extend(model);
        }
    }
    Ok(models)
}

fn model(family: &'static str, info: &Call) -> Result<Option<Model>, String> {
    let id = info
        .get("id")
        .and_then(Value::text)
        .ok_or("a model has no id")?;
    let wrong = |what: String| format!("{id}: {what}");
    let prices = info
        .get("prices")
        .ok_or_else(|| wrong("no prices".to_owned()))?;
    let mut entries = Vec::new();
    match prices {
        Value::List(conditional) => {
            for conditional in conditional {
                let entry = conditional
                    .call("ConditionalPrice")
                    .ok_or_else(|| wrong("no ConditionalPrice".to_owned()))?;
                let when = when(entry.get("constraint")).map_err(wrong)?;
                let price = price(entry.get("prices"), family).map_err(wrong)?;
                entries.push(price.map(|price| Entry { when, price }));
            }
        }
        single => {
            let price = price(Some(single), family).map_err(wrong)?;
            entries.push(price.map(|price| Entry {
                when: When::Always,
                price,
            }));
        }
    }
    // One price that cannot be expressed makes the whole history unusable: another one would take its place.
    let Some(entries) = entries.into_iter().collect::<Option<Vec<Entry>>>() else {
        return Ok(None);
    };
    let priced = |entry: &Entry| {
        let base = entry.price.steps.first().map(|step| step.rates);
        base.is_some_and(|rates| rates.input.is_some() && rates.output.is_some())
    };
    if entries.is_empty() || !entries.iter().all(priced) {
        return Ok(None);
    }
    let mut variants = Vec::new();
    for variant in info
        .get("price_variants")
        .and_then(Value::list)
        .unwrap_or_default()
    {
        let variant = variant
            .call("PriceVariant")
            .ok_or_else(|| wrong("no PriceVariant".to_owned()))?;
        let Some(Value::Dictionary(conditions)) = variant.get("when") else {
            continue;
        };
        let [(Value::Text(key), Value::Text(value))] = conditions.as_slice() else {
            continue;
        };
        let when = when(variant.get("constraint")).map_err(wrong)?;
        let Some(price) = price(variant.get("prices"), family).map_err(wrong)? else {
            continue;
        };
        variants.push(Variant {
            key: key.clone(),
            value: value.clone(),
            when,
            price,
        });
    }
    Ok(Some(Model {
        family,
        names: names(id, info.get("match")),
        context_window: info.get("context_window").and_then(Value::whole),
        entries,
        variants,
    }))
}

/// The id, and the ids that equal it by the list's own word.
fn names(id: &str, rule: Option<&Value>) -> Vec<String> {
    let mut names = vec![id.to_owned()];
    let alternatives = rule.and_then(|rule| rule.call("ClauseOr")?.get("or_")?.list());
    for rule in rule.into_iter().chain(alternatives.unwrap_or_default()) {
        let equal = rule
            .call("ClauseEquals")
            .and_then(|rule| rule.get("equals")?.text());
        if let Some(equal) = equal
            && !names.iter().any(|name| name == equal)
        {
            names.push(equal.to_owned());
        }
    }
    names
}

fn when(constraint: Option<&Value>) -> Result<When, String> {
    let Some(Value::Call(constraint)) = constraint else {
        return Ok(When::Always);
    };
    match constraint.name.as_str() {
        "StartDateConstraint" => {
            let date = constraint
                .get("start_date")
                .and_then(|date| date.call("datetime.date"));
            let parts: Vec<u64> = date
                .iter()
                .flat_map(|date| &date.positional)
                .filter_map(Value::whole)
                .collect();
            let [year, month, day] = parts.as_slice() else {
                return Err("a start is no date".to_owned());
            };
            Ok(When::From(format!("{year:04}-{month:02}-{day:02}")))
        }
        "TimeOfDateConstraint" => Ok(When::Hours),
        other => Err(format!("an unknown constraint {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "
providers: list[Provider] = [
    Provider(id='x-ai', models=[
        ModelInfo(
            id='flash',
            match=ClauseOr(or_=[ClauseEquals(equals='flash-latest'), ClauseStartsWith(starts_with='flash-')]),
            context_window=1000,
            prices=[
                ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('0.75'), output_mtok=Decimal('3.75'), web_searches_kcount=Decimal('14'))),
                ConditionalPrice(
                    constraint=StartDateConstraint(start_date=datetime.date(2027, 1, 1)),
                    prices=ModelPrice(input_mtok=TieredPrices(base=Decimal('1.5'), tiers=[Tier(start=200000, price=Decimal('3'))]), output_mtok=Decimal('7.5')),
                ),
            ],
            price_variants=[PriceVariant(when={'speed': 'fast'}, prices=ModelPrice(input_mtok=Decimal('1.5'), output_mtok=Decimal('7.5')))],
        ),
        ModelInfo(id='by-request', match=ClauseEquals(equals='by-request'),
            prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('1'), requests_kcount=Decimal('5'))),
        ModelInfo(id='nothing', match=ClauseEquals(equals='nothing'), prices=ModelPrice(input_mtok=Decimal('0'), output_mtok=Decimal('0'))),
    ]),
]
";

    fn money(text: &str) -> Option<Money> {
        Some(Money::parse(text).unwrap())
    }

    #[test]
    fn a_dated_price_starts_on_its_day() {
        let models = models(MODULE).unwrap();
        assert_eq!(models.len(), 1);
        let flash = &models[0];
        assert_eq!(
            (flash.family, flash.names.as_slice()),
            (
                "xai",
                ["flash".to_owned(), "flash-latest".to_owned()].as_slice()
            )
        );
        assert_eq!(
            flash.starts().into_iter().collect::<Vec<_>>(),
            ["2027-01-01"]
        );
        let before = flash.price_on("2026-12-31").unwrap();
        assert_eq!(
            (before.steps[0].rates.input, before.web_search),
            (money("0.75"), money("0.014"))
        );
        let after = flash.price_on("2027-01-01").unwrap();
        assert_eq!(
            (after.steps[1].over, after.steps[1].rates.input),
            (Some(200_000), money("3"))
        );
        assert_eq!(after.steps[1].rates.output, money("7.5"));
    }

    #[test]
    fn a_speed_is_a_factor_when_it_is_the_same_for_all_kinds() {
        let models = models(MODULE).unwrap();
        assert_eq!(models[0].fast_factor_on("2026-12-31"), money("2"));
        assert_eq!(models[0].fast_factor_on("2027-01-01"), None);
    }
}
