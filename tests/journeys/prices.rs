//! What an answer must cost, computed a second time and by other means than the product's: from the text of the embedded
//! price list, with whole pico-dollars.

use brasskey_tests::Counts;
use serde_json::Value;

const LIST: &str = include_str!("../../crates/metering/data/prices.json");

/// Digits after the point of a pico-dollar.
const PICO: usize = 12;

/// Dollars for a million tokens, as decimal texts.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    pub(crate) input: String,
    pub(crate) cache_read: String,
    pub(crate) cache_write: String,
    pub(crate) output: String,
}

impl Rates {
    /// The standard rates in force today, for a request below every long-context threshold.
    pub(crate) fn listed(family: &str, model: &str) -> Self {
        let list: Value = serde_json::from_str(LIST).unwrap();
        let row = list["models"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["family"] == family && row["model"] == model)
            .unwrap_or_else(|| panic!("{family} {model} is not in the price list"));
        let today = today();
        let period = row["periods"]
            .as_array()
            .unwrap()
            .iter()
            .rfind(|period| {
                period["from"]
                    .as_str()
                    .is_none_or(|from| from <= today.as_str())
            })
            .unwrap();
        let rates = &period["tiers"]["standard"][0]["rates"];
        let rate = |name: &str| rates[name].as_str().unwrap_or("0").to_owned();
        Self {
            input: rate("i"),
            cache_read: rate("r"),
            cache_write: rate("w"),
            output: rate("o"),
        }
    }

    /// The cost of a call as exact decimal dollars.
    pub(crate) fn cost(&self, counts: &Counts) -> String {
        let pico = u128::from(counts.input_uncached) * pico_per_token(&self.input)
            + u128::from(counts.cache_read) * pico_per_token(&self.cache_read)
            + u128::from(counts.cache_write) * pico_per_token(&self.cache_write)
            + u128::from(counts.output) * pico_per_token(&self.output);
        dollars(pico)
    }
}

/// Pico-dollars for one token, from dollars for a million of them.
fn pico_per_token(rate: &str) -> u128 {
    let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
    assert!(
        fraction.len() <= 6,
        "{rate} is not a whole number of pico-dollars a token"
    );
    format!("{whole}{fraction:0<6}").parse().unwrap()
}

/// Exact decimal dollars without trailing zeros.
fn dollars(pico: u128) -> String {
    let digits = format!("{pico:0>13}");
    let (whole, fraction) = digits.split_at(digits.len() - PICO);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// The sum of exact decimal dollars.
pub(crate) fn sum(amounts: &[&str]) -> String {
    let pico = |amount: &str| -> u128 {
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        format!("{whole}{fraction:0<12}").parse().unwrap()
    };
    dollars(amounts.iter().map(|amount| pico(amount)).sum())
}

#[test]
fn dollars_are_written_to_the_last_digit() {
    assert_eq!(dollars(0), "0");
    assert_eq!(dollars(12 * 10_u128.pow(12)), "12");
    assert_eq!(dollars(5_355_200_000), "0.0053552");
    assert_eq!(pico_per_token("0.0625"), 62_500);
    assert_eq!(sum(&["0.1", "12", "0.000000000001"]), "12.100000000001");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the product prices a call at the real time"
)]
fn today() -> String {
    jiff::Timestamp::now().to_string()
}
