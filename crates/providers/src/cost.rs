//! The amount that a provider itself says it charged, read without a float.

use brasskey_metering::Money;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::Count;

/// xAI: one dollar is ten thousand million ticks (checked against a recorded charge).
const PICO_PER_TICK: i64 = 100;

/// OpenRouter's `cost`, a number of dollars, or Perplexity's `cost.total_cost`. Their digits beyond a pico-dollar are the
/// noise of a float and are rounded away; a negative amount is no charge and is not taken.
pub(crate) fn in_dollars(raw: &RawValue) -> Option<Money> {
    #[derive(Deserialize)]
    struct Split<'a> {
        #[serde(borrow)]
        total_cost: &'a RawValue,
    }
    let text = raw.get();
    let number = if text.starts_with('{') {
        serde_json::from_str::<Split<'_>>(text)
            .ok()?
            .total_cost
            .get()
    } else {
        text
    };
    Money::parse_nearest(number)
        .ok()
        .filter(|cost| *cost >= Money::ZERO)
}

/// xAI's `cost_in_usd_ticks`.
pub(crate) fn in_ticks(ticks: Count) -> Option<Money> {
    let ticks = i64::try_from(ticks.get()?).ok()?;
    ticks.checked_mul(PICO_PER_TICK).map(Money::from_pico)
}
