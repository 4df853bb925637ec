//! Rates per token in whole pico-dollars, and the exact sum of tokens times rates.
//!
//! Integers only. A kind without a known rate is left out of the sum and reported, never counted as free.

use crate::price::list::ListedRates;
use crate::{Money, Tokens};

/// Pico-dollars per token in one dollar per million tokens.
const TOKENS_PER_LISTED_UNIT: i64 = 1_000_000;

/// Pico-dollars per token of each kind; none: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rates {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_1h: Option<u64>,
    cache_write_12h: Option<u64>,
}

/// The sum over all kinds whose rate is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Pico-dollars.
    pub(crate) pico: u128,
    /// Every kind that was used has a known rate.
    pub(crate) complete: bool,
}

impl Rates {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Rates = Rates {
        input: None,
        output: None,
        cache_read: None,
        cache_write: None,
        cache_write_1h: None,
        cache_write_12h: None,
    };

    /// Reads listed rates. `standard` are the base rates of the standard tier, which tell what the provider prices apart.
    ///
    /// Where the provider prices no cache reads or writes apart, that input costs what any input costs. Where it does,
    /// and this tier, step or retention has no figure, the rate is unknown.
    ///
    /// # Errors
    /// A short description when a figure is negative or no whole number of pico-dollars per token.
    pub(crate) fn read(
        listed: &ListedRates,
        standard: &ListedRates,
    ) -> Result<Rates, &'static str> {
        let input = per_token(listed.input)?;
        let unless_priced_apart = |own: Option<Money>, apart: bool| match own {
            Some(rate) => per_token(Some(rate)),
            None if apart => Ok(None),
            None => Ok(input),
        };
        let reads = standard.cache_read.is_some();
        let writes = standard.cache_write.is_some();
        let writes_1h = writes || standard.cache_write_1h.is_some();
        let writes_12h = writes || standard.cache_write_12h.is_some();
        Ok(Rates {
            input,
            output: per_token(listed.output)?,
            cache_read: unless_priced_apart(listed.cache_read, reads)?,
            cache_write: unless_priced_apart(listed.cache_write, writes)?,
            cache_write_1h: unless_priced_apart(listed.cache_write_1h, writes_1h)?,
            cache_write_12h: unless_priced_apart(listed.cache_write_12h, writes_12h)?,
        })
    }

    /// The dearest known rate of any kind of input, and that of output.
    pub(crate) fn dearest(&self) -> (u64, u64) {
        let inputs = [
            self.input,
            self.cache_read,
            self.cache_write,
            self.cache_write_1h,
            self.cache_write_12h,
        ];
        let input = inputs.into_iter().flatten().max();
        (input.unwrap_or(0), self.output.unwrap_or(0))
    }

    /// The cost of these tokens, or `None` when it exceeds even 128 bits.
    pub(crate) fn sum(&self, tokens: &Tokens) -> Option<Sum> {
        let mut sum = Sum {
            pico: 0,
            complete: true,
        };
        for (count, rate) in [
            (tokens.input_uncached, self.input),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write_5m, self.cache_write),
            (tokens.cache_write_30m, self.cache_write),
            (tokens.cache_write_1h, self.cache_write_1h),
            (tokens.cache_write_12h, self.cache_write_12h),
            (tokens.output, self.output),
        ] {
            if count == 0 {
                continue;
            }
            match rate {
                Some(rate) => {
                    let cost = u128::from(count).checked_mul(u128::from(rate))?;
                    sum.pico = sum.pico.checked_add(cost)?;
                }
                None => sum.complete = false,
            }
        }
        Some(sum)
    }
}

fn per_token(listed: Option<Money>) -> Result<Option<u64>, &'static str> {
    let Some(listed) = listed else {
        return Ok(None);
    };
    if listed.pico() % TOKENS_PER_LISTED_UNIT != 0 {
        return Err("a rate is finer than a pico-dollar per token");
    }
    u64::try_from(listed.pico() / TOKENS_PER_LISTED_UNIT)
        .map(Some)
        .map_err(|_| "a rate is negative")
}
