//! LiteLLM's list: a JSON object from model key to fields, prices in dollars per token.

use std::collections::{BTreeMap, BTreeSet};

use brasskey_metering::{ListedModel, ListedRates, Money, OffPeak, Period, Step, Window};
use serde_json::Value;
use serde_json::value::RawValue;

/// One model's fields, each kept as text so that a number keeps its digits.
type Fields = BTreeMap<String, Box<RawValue>>;

const KINDS: [&str; 6] = [
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "cache_creation_input_token_cost_above_1hr",
    "cache_creation_input_token_cost_above_12hr",
];

/// The list's suffix of each service tier that a call can be answered with.
const TIERS: [(&str, &str); 5] = [
    ("standard", ""),
    ("batch", "_batches"),
    ("flex", "_flex"),
    ("priority", "_priority"),
    ("ultrafast", "_ultrafast"),
];

/// Fields that make a price depend on something a token count does not tell; such a model is left out.
const BEYOND_TOKENS: [&str; 3] = [
    "input_cost_per_request",
    "citation_cost_per_token",
    "input_cost_per_second",
];

/// All chat models of the supported providers that have a price. A key met twice under one id stays twice.
///
/// # Errors
/// What does not look as the list used to.
pub(crate) fn models(text: &str) -> Result<Vec<ListedModel>, String> {
    let entries: BTreeMap<String, Fields> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut models = Vec::new();
    for (key, fields) in &entries {
        let Some((family, model)) = identity(key, fields) else {
            continue;
        };
        let period = period(family, fields).map_err(|what| format!("{key}: {what}"))?;
        let Some(period) = period else { continue };
        models.push(ListedModel {
            family: family.to_owned(),
            model: model.to_owned(),
            aliases: Vec::new(),
            context_window: whole(fields, "max_input_tokens"),
            max_output: whole(fields, "max_output_tokens"),
            periods: vec![period],
        });
    }
    Ok(models)
}

/// The family and the served id of a key, if it is a chat model of a supported provider.
fn identity<'a>(key: &'a str, fields: &Fields) -> Option<(&'static str, &'a str)> {
    if !matches!(text(fields, "mode")?.as_str(), "chat" | "responses") {
        return None;
    }
    let (family, prefixes): (_, &[&str]) = match text(fields, "litellm_provider")?.as_str() {
        "openai" => ("openai", &["openai/"]),
        "anthropic" => ("anthropic", &["anthropic/"]),
        "gemini" => ("gemini", &["gemini/"]),
        "openrouter" => ("openrouter", &["openrouter/"]),
        "mistral" => ("mistral", &["mistral/"]),
        "groq" => ("groq", &["groq/"]),
        "deepseek" => ("deepseek", &["deepseek/"]),
        "xai" => ("xai", &["xai/"]),
        "together_ai" => ("together", &["together_ai/"]),
        "fireworks_ai" => ("fireworks", &["fireworks_ai/"]),
        "cohere" | "cohere_chat" => ("cohere", &["cohere/", "cohere_chat/"]),
        "perplexity" => ("perplexity", &["perplexity/"]),
        "azure" | "azure_ai" => ("azure", &["azure/", "azure_ai/"]),
        "bedrock" | "bedrock_converse" | "bedrock_mantle" => {
            ("bedrock", &["bedrock/", "bedrock_mantle/"])
        }
        vertex if vertex.starts_with("vertex_ai") => ("vertex", &["vertex_ai/"]),
        _ => return None,
    };
    let model = prefixes
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix))
        .unwrap_or(key);
    // `together-ai-4.1b-8b` and `fireworks-ai-up-to-4b` are classes of size, not models.
    let class_of_size = model.starts_with("together-ai-") || model.starts_with("fireworks-ai-");
    (!class_of_size).then_some((family, model))
}

/// The model's price, or none when tokens alone do not tell it or the list has none. A zero is no price: the list
/// writes it for what is not known as well as for what is free.
fn period(family: &str, fields: &Fields) -> Result<Option<Period>, String> {
    if BEYOND_TOKENS
        .iter()
        .any(|field| fields.contains_key(*field))
    {
        return Ok(None);
    }
    let output = per_million(fields, "output_cost_per_token")?;
    let reasoning = per_million(fields, "output_cost_per_reasoning_token")?;
    if per_million(fields, "input_cost_per_token")?.is_none()
        || output.is_none()
        || (reasoning.is_some() && reasoning != output)
    {
        return Ok(None);
    }
    let thresholds = thresholds(fields);
    let mut tiers = BTreeMap::new();
    for (tier, suffix) in TIERS {
        let base = rates(fields, suffix)?;
        if base.input.is_none() && base.output.is_none() {
            continue;
        }
        let mut steps = vec![Step {
            over: None,
            rates: base,
        }];
        for thousands in &thresholds {
            let rates = rates(fields, &format!("_above_{thousands}k_tokens{suffix}"))?;
            if rates.input.is_some() || rates.output.is_some() {
                // xAI's threshold is inclusive, all others are exclusive.
                let over = thousands * 1_000 - u64::from(family == "xai");
                steps.push(Step {
                    over: Some(over),
                    rates,
                });
            }
        }
        tiers.insert(tier.to_owned(), steps);
    }
    let mut regions = BTreeMap::new();
    let mut speeds = BTreeMap::new();
    for (region, field) in [
        ("eu", "regional_processing_uplift_multiplier_eu"),
        ("us", "regional_processing_uplift_multiplier_us"),
        ("*", "regional_endpoint_uplift_multiplier"),
    ] {
        if let Some(factor) = number(fields, field)? {
            regions.insert(region.to_owned(), factor);
        }
    }
    if let Some(entry) = fields.get("provider_specific_entry") {
        let entry: Fields = serde_json::from_str(entry.get()).map_err(|error| error.to_string())?;
        for (word, factors) in [("us", &mut regions), ("fast", &mut speeds)] {
            if let Some(factor) = number(&entry, word)? {
                factors.insert(word.to_owned(), factor);
            }
        }
    }
    Ok(Some(Period {
        from: None,
        list: super::LITELLM,
        disputed: false,
        web_search: web_search(fields)?,
        regions,
        speeds,
        tiers,
        off_peak: off_peak(fields)?,
    }))
}

fn rates(fields: &Fields, suffix: &str) -> Result<ListedRates, String> {
    let mut rates = [None; KINDS.len()];
    for (rate, kind) in rates.iter_mut().zip(KINDS) {
        *rate = per_million(fields, &format!("{kind}{suffix}"))?;
    }
    Ok(ListedRates::from_array(rates))
}

/// The thresholds that any price names, in thousands of tokens.
fn thresholds(fields: &Fields) -> BTreeSet<u64> {
    let thousands = |key: &String| {
        let (head, _) = key.split_once("k_tokens")?;
        let (_, digits) = head.rsplit_once("_above_")?;
        digits.parse().ok()
    };
    fields.keys().filter_map(thousands).collect()
}

/// The price of one web search, where it neither depends on the size of the context nor on an allowance used so far.
fn web_search(fields: &Fields) -> Result<Option<Money>, String> {
    let Some(sizes) = fields.get("search_context_cost_per_query") else {
        return Ok(None);
    };
    if fields.contains_key("search_free_requests") {
        return Ok(None);
    }
    let sizes: Fields = serde_json::from_str(sizes.get()).map_err(|error| error.to_string())?;
    let mut prices = BTreeSet::new();
    for size in sizes.keys() {
        prices.insert(number(&sizes, size)?);
    }
    Ok(match prices.len() {
        1 => prices
            .pop_first()
            .flatten()
            .filter(|price| *price > Money::ZERO),
        _ => None,
    })
}

fn off_peak(fields: &Fields) -> Result<Option<OffPeak>, String> {
    let Some(off_peak) = fields.get("off_peak_pricing") else {
        return Ok(None);
    };
    let off_peak: Fields =
        serde_json::from_str(off_peak.get()).map_err(|error| error.to_string())?;
    if off_peak.contains_key("weekday_timezone") {
        return Err("off-peak weekdays of another time zone".to_owned());
    }
    let listed = off_peak
        .get("windows")
        .ok_or("off-peak hours without windows")?;
    let listed: Vec<Value> =
        serde_json::from_str(listed.get()).map_err(|error| error.to_string())?;
    let mut windows = Vec::new();
    for window in &listed {
        let days = window
            .get("weekdays")
            .and_then(Value::as_array)
            .ok_or("off-peak hours without weekdays")?;
        let days: Vec<u8> = days
            .iter()
            .filter_map(|day| u8::try_from(day.as_u64()?).ok())
            .collect();
        let hours = window
            .get("hours_utc")
            .ok_or("off-peak hours without hours")?;
        for span in hours
            .as_array()
            .map_or(std::slice::from_ref(hours), Vec::as_slice)
        {
            let (from, until) = span
                .as_str()
                .and_then(span_of_minutes)
                .ok_or("off-peak hours are no times")?;
            windows.push(Window {
                days: days.clone(),
                from,
                until,
            });
        }
    }
    Ok(Some(OffPeak {
        windows,
        rates: rates(&off_peak, "")?,
    }))
}

/// `10:00-00:00` in minutes of the day; 00:00 as an end is the end of the day.
fn span_of_minutes(span: &str) -> Option<(u16, u16)> {
    let (from, until) = span.split_once('-')?;
    let until = minute(until)?;
    Some((minute(from)?, if until == 0 { 1_440 } else { until }))
}

fn minute(time: &str) -> Option<u16> {
    let (hours, minutes) = time.split_once(':')?;
    Some(hours.parse::<u16>().ok()? * 60 + minutes.parse::<u16>().ok()?)
}

/// Dollars per token as dollars per million tokens, exactly; a zero is none.
fn per_million(fields: &Fields, key: &str) -> Result<Option<Money>, String> {
    let Some(price) = number(fields, key)? else {
        return Ok(None);
    };
    let price = price
        .checked_mul(1_000_000)
        .ok_or_else(|| format!("{key} is out of range"))?;
    Ok((price != Money::ZERO).then_some(price))
}

/// A number through its decimal text.
fn number(fields: &Fields, key: &str) -> Result<Option<Money>, String> {
    match fields.get(key).map(|raw| raw.get()) {
        None | Some("null") => Ok(None),
        Some(text) => Money::parse(text)
            .map(Some)
            .map_err(|error| format!("{key} {text}: {error}")),
    }
}

fn whole(fields: &Fields, key: &str) -> Option<u64> {
    fields.get(key)?.get().parse().ok()
}

fn text(fields: &Fields, key: &str) -> Option<String> {
    serde_json::from_str(fields.get(key)?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> ListedModel {
        let mut models = models(text).unwrap();
        assert_eq!(models.len(), 1);
        models.remove(0)
    }

    #[test]
    fn a_float_becomes_the_decimal_that_it_says() {
        let model = only(
            r#"{"xai/grok-x": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-07,
                "output_cost_per_token": 6.875e-08, "input_cost_per_token_above_200k_tokens": 4e-07,
                "cache_creation_input_token_cost": 0.0, "max_input_tokens": 5}}"#,
        );
        assert_eq!(
            (model.family.as_str(), model.model.as_str()),
            ("xai", "grok-x")
        );
        assert_eq!(model.context_window, Some(5));
        let steps = &model.periods[0].tiers["standard"];
        assert_eq!(steps[0].rates.input, Some(Money::parse("0.2").unwrap()));
        assert_eq!(
            steps[0].rates.output,
            Some(Money::parse("0.06875").unwrap())
        );
        assert_eq!(steps[0].rates.cache_write, None);
        assert_eq!(steps[1].over, Some(199_999));
    }

    #[test]
    fn a_model_without_a_price_is_left_out() {
        let without = r#"{"a": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 1e-6},
            "b": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
            "c": {"litellm_provider": "elsewhere", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
            "d": {"litellm_provider": "perplexity", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 8e-6,
                  "output_cost_per_reasoning_token": 3e-6}}"#;
        assert_eq!(models(without).unwrap(), []);
    }

    #[test]
    fn a_search_with_a_free_allowance_has_no_known_price() {
        let sizes = r#""search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_high": 0.01}"#;
        let entry = |more: &str| {
            format!(
                r#"{{"m": {{"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6,
                "output_cost_per_token": 1e-6, {sizes}{more}}}}}"#
            )
        };
        assert_eq!(
            only(&entry("")).periods[0].web_search,
            Some(Money::parse("0.01").unwrap())
        );
        let allowance = entry(r#", "search_free_requests": {"count": 5000}"#);
        assert_eq!(only(&allowance).periods[0].web_search, None);
    }
}
