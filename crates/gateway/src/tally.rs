//! What a call costs: as reported, or estimated from what passed.
//!
//! The estimate counts one token for every three bytes of text, and at least one for every piece of a stream. Measured
//! texts hold three to five bytes a token (English more than four, program text and Chinese about three), so that it is at
//! or above the truth nearly always. It never exceeds the output that the caller allowed. Thinking that a provider does
//! not send is not seen by it; only the final report tells that. Input that was not reported is estimated from the bytes of
//! the body in the same way.
//!
//! It must never turn an unknown price into nothing.

use brasskey_metering::{Money, PriceRow, Terms, Tokens, Usage, UsageStatus};
use brasskey_providers::Meter;

/// Bytes of text that count as one token.
const BYTES_PER_TOKEN: u64 = 3;

/// What is known about the cost of a call before it is made.
pub(crate) struct Tally {
    pub(crate) price: PriceRow,
    pub(crate) limit: Money,
    pub(crate) body_bytes: u64,
    pub(crate) most_output: Option<u64>,
    /// The moment that decides about the price.
    pub(crate) at_ms: i64,
}

/// What a call came to.
pub(crate) struct Total {
    pub(crate) usage: Usage,
    pub(crate) cost: Money,
    pub(crate) is_estimated: bool,
}

impl Tally {
    /// Whether what passed so far reaches the limit. Called for every piece of a stream: it allocates nothing.
    pub(crate) fn is_spent(&self, meter: &Meter) -> bool {
        let usage = meter.usage();
        self.cost(&self.tokens(Some(meter)), &Terms::of(usage)).0 >= self.limit
    }

    /// What it came to. An estimate costs no more than the limit, unless what was reported does.
    pub(crate) fn total(&self, meter: Option<&Meter>) -> Total {
        let mut usage = meter.map_or_else(Usage::default, |meter| meter.usage().clone());
        let (reported, is_priced) = self.cost(&usage.tokens, &Terms::of(&usage));
        if usage.status == UsageStatus::Exact {
            return Total {
                usage,
                cost: reported,
                is_estimated: !is_priced,
            };
        }
        usage.tokens = self.tokens(meter);
        let (estimated, _) = self.cost(&usage.tokens, &Terms::of(&usage));
        Total {
            usage,
            cost: estimated.min(self.limit).max(reported),
            is_estimated: true,
        }
    }

    /// The tokens that were reported, or more where more passed.
    fn tokens(&self, meter: Option<&Meter>) -> Tokens {
        let usage = meter.map(Meter::usage);
        let mut tokens = usage.map_or_else(Tokens::default, |usage| usage.tokens);
        if usage.is_some_and(|usage| usage.status == UsageStatus::Exact) {
            return tokens;
        }
        if tokens.input() == 0 {
            tokens.input_uncached = self.body_bytes.div_ceil(BYTES_PER_TOKEN);
        }
        let passed = meter.map_or(0, |meter| {
            meter
                .text_bytes()
                .div_ceil(BYTES_PER_TOKEN)
                .max(meter.pieces())
        });
        let passed = passed.min(self.most_output.unwrap_or(u64::MAX));
        tokens.output = tokens.output.max(passed);
        tokens
    }

    /// The cost, and whether it is the listed one. What the list does not price (a tier, a region, a kind of token) is
    /// charged at the plain rates of input and output, which every row has.
    fn cost(&self, tokens: &Tokens, terms: &Terms<'_>) -> (Money, bool) {
        if let Ok(cost) = self.price.price(tokens, terms, self.at_ms) {
            return (cost, true);
        }
        let plain = Tokens {
            input_uncached: tokens.input(),
            output: tokens.output,
            ..Tokens::default()
        };
        let cost = self
            .price
            .price(&plain, &Terms::default(), self.at_ms)
            .unwrap_or_else(|_| self.at_plain_rates(&plain));
        (cost, false)
    }

    fn at_plain_rates(&self, tokens: &Tokens) -> Money {
        const MILLION: i128 = 1_000_000;
        let part =
            |count: u64, per_million: Money| i128::from(count) * i128::from(per_million.pico());
        let sum = part(tokens.input_uncached, self.price.input_per_million())
            + part(tokens.output, self.price.output_per_million());
        i64::try_from(sum / MILLION).map_or(Money::MAX, Money::from_pico)
    }
}

#[cfg(test)]
mod tests {
    use brasskey_metering::PriceBook;
    use brasskey_providers::{BodyKind, Endpoint, Provider};
    use proptest::prelude::*;

    use super::*;

    const AT_MS: i64 = 1_795_424_400_000;

    fn tally(limit: Money, most_output: Option<u64>) -> Tally {
        let price = PriceBook::embedded().find("anthropic", "claude-opus-5-5", AT_MS);
        Tally {
            price: price.expect("a price").clone(),
            limit,
            body_bytes: 3000,
            most_output,
            at_ms: AT_MS,
        }
    }

    fn meter(events: &[String]) -> Meter {
        let endpoint = Endpoint::of(Provider::Anthropic).expect("an endpoint");
        let mut meter = Meter::new(&endpoint, BodyKind::Events);
        for event in events {
            meter.read(format!("data: {event}\n\n").as_bytes());
        }
        meter
    }

    fn start(input: u64, tier: &str) -> String {
        format!(
            r#"{{"type":"message_start","message":{{"usage":{{"input_tokens":{input},"output_tokens":1,"service_tier":"{tier}"}}}}}}"#
        )
    }

    fn text(text: &str) -> String {
        format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
        )
    }

    #[test]
    fn a_tier_without_a_price_is_charged_at_the_plain_rates_and_said_to_be_estimated() {
        let tally = tally(Money::MAX, None);
        let end = [
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}"#.to_owned(),
            r#"{"type":"message_stop"}"#.to_owned(),
        ];
        let total = |tier| {
            let events = [&[start(1000, tier)], &end[..]].concat();
            tally.total(Some(&meter(&events)))
        };
        let (plain, unknown) = (total("standard"), total("never_heard_of"));
        assert!(!plain.is_estimated && unknown.is_estimated);
        assert!(plain.cost > Money::ZERO);
        assert_eq!(plain.cost, unknown.cost);
        assert_eq!(plain.cost, tally.at_plain_rates(&unknown.usage.tokens));
    }

    #[test]
    fn input_that_was_not_reported_is_estimated_from_the_body() {
        let total = tally(Money::MAX, None).total(None);
        assert_eq!(total.usage.tokens.input_uncached, 1000);
        assert!(total.is_estimated && total.cost > Money::ZERO);
    }

    proptest! {
        #[test]
        fn an_estimate_grows_with_what_passes_and_never_beyond_what_was_allowed(
            input in 1_u64..100_000,
            pieces in proptest::collection::vec("[a-z é]{1,40}", 0..60),
            limit in 1_i64..2_000_000_000_000,
            most_output in proptest::option::of(1_u64..400),
        ) {
            let limit = Money::from_pico(limit);
            let tally = tally(limit, most_output);
            let mut events = vec![start(input, "standard")];
            let reported = tally.cost(&meter(&events).usage().tokens, &Terms::default()).0;
            let mut before = Money::ZERO;
            for piece in &pieces {
                events.push(text(piece));
                let meter = meter(&events);
                let total = tally.total(Some(&meter));
                prop_assert!(total.is_estimated);
                prop_assert!(total.cost >= before);
                prop_assert!(total.cost <= limit.max(reported));
                prop_assert!(total.usage.tokens.output <= most_output.unwrap_or(u64::MAX));
                prop_assert_eq!(tally.is_spent(&meter), total.cost >= limit);
                before = total.cost;
            }
            let bytes: usize = pieces.iter().map(String::len).sum();
            let passed = tally.total(Some(&meter(&events))).usage.tokens.output;
            prop_assert!(passed >= (bytes as u64 / 3).min(most_output.unwrap_or(u64::MAX)));
        }
    }
}
