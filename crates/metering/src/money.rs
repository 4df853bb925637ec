//! Exact United States dollars, counted in whole pico-dollars (1e-12 USD).
//!
//! One token at the cheapest published price costs thousands of pico-dollars, so every list price is a whole number per
//! token and a sum of them is exact. Money must never pass through a float, not even on its way in or out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Pico-dollars in one dollar.
const PICO_PER_DOLLAR: u64 = 1_000_000_000_000;
/// Decimal places that a whole pico-dollar can express.
const PLACES: i64 = 12;
/// More digits than any 64-bit amount needs; a longer text is not an amount.
const MAX_TEXT: usize = 64;

/// An amount of United States dollars, exact to 1e-12.
///
/// The range is about ±9.2 million dollars. Written, read and serialised as a decimal text such as `0.0053552`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Why a text is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("not a decimal amount")]
    NotDecimal,
    /// Finer than 1e-12 dollars.
    #[error("the amount is finer than a pico-dollar")]
    TooFine,
    /// Beyond about 9.2 million dollars.
    #[error("the amount is out of range")]
    OutOfRange,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// The largest amount, about 9.2 million dollars.
    pub const MAX: Money = Money(i64::MAX);

    /// An amount given in pico-dollars (1e-12 USD).
    #[must_use]
    pub const fn from_pico(pico: i64) -> Money {
        Money(pico)
    }

    /// The amount in pico-dollars (1e-12 USD).
    #[must_use]
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it is out of range.
    #[must_use]
    pub const fn checked_add(self, other: Money) -> Option<Money> {
        match self.0.checked_add(other.0) {
            Some(pico) => Some(Money(pico)),
            None => None,
        }
    }

    /// The difference, or `None` when it is out of range.
    #[must_use]
    pub const fn checked_sub(self, other: Money) -> Option<Money> {
        match self.0.checked_sub(other.0) {
            Some(pico) => Some(Money(pico)),
            None => None,
        }
    }

    /// The amount taken `count` times, or `None` when it is out of range.
    #[must_use]
    pub fn checked_mul(self, count: u64) -> Option<Money> {
        let count = i64::try_from(count).ok()?;
        self.0.checked_mul(count).map(Money)
    }

    /// Reads a decimal amount exactly: `12`, `0.0053552`, `-1.5`, `2e-07`.
    ///
    /// # Errors
    /// [`MoneyError`] when the text is no decimal number, has a digit below 1e-12, or is out of range.
    pub fn parse(text: &str) -> Result<Money, MoneyError> {
        let decimal = Decimal::parse(text)?;
        decimal.scaled(Finer::Refuse)
    }

    /// Reads a decimal amount and rounds what is finer than 1e-12 to the nearest pico-dollar, a half away from zero.
    ///
    /// For amounts that a provider computed in floating point and sends as `0.00014662500000000001`.
    ///
    /// # Errors
    /// [`MoneyError::NotDecimal`] and [`MoneyError::OutOfRange`] as with [`Money::parse`].
    pub fn parse_nearest(text: &str) -> Result<Money, MoneyError> {
        let decimal = Decimal::parse(text)?;
        decimal.scaled(Finer::Round)
    }
}

/// What to do with digits below a pico-dollar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finer {
    Refuse,
    Round,
}

/// A decimal number as written: its significant digits and the power of ten of the last one.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Result<Decimal, MoneyError> {
        if text.len() > MAX_TEXT {
            return Err(MoneyError::NotDecimal);
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, mut exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, power)) => {
                let power: i16 = power.parse().map_err(|_| MoneyError::NotDecimal)?;
                (mantissa, i64::from(power))
            }
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        if whole.is_empty() || fraction.is_empty() {
            return Err(MoneyError::NotDecimal);
        }
        let mut digits = Vec::with_capacity(mantissa.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(MoneyError::NotDecimal);
            }
            digits.push(byte - b'0');
        }
        exponent -= i64::try_from(fraction.len()).map_err(|_| MoneyError::NotDecimal)?;
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        Ok(Decimal {
            negative,
            digits,
            exponent,
        })
    }

    fn scaled(&self, finer: Finer) -> Result<Money, MoneyError> {
        let mut exponent = self.exponent + PLACES;
        let mut digits = self.digits.as_slice();
        let mut round_up = false;
        while exponent < 0 && !digits.is_empty() {
            if finer == Finer::Refuse {
                return Err(MoneyError::TooFine);
            }
            if let Some((last, rest)) = digits.split_last() {
                round_up = *last >= 5;
                digits = rest;
            }
            exponent += 1;
        }
        if exponent < 0 {
            // Every digit is used up and at least one place is still missing: far below half a pico-dollar.
            return Ok(Money::ZERO);
        }
        let mut pico: i64 = 0;
        let signed = |digit: u8| {
            if self.negative {
                -i64::from(digit)
            } else {
                i64::from(digit)
            }
        };
        for digit in digits {
            pico = pico
                .checked_mul(10)
                .and_then(|pico| pico.checked_add(signed(*digit)))
                .ok_or(MoneyError::OutOfRange)?;
        }
        if pico != 0 {
            for _ in 0..exponent {
                pico = pico.checked_mul(10).ok_or(MoneyError::OutOfRange)?;
            }
        }
        if round_up {
            pico = pico.checked_add(signed(1)).ok_or(MoneyError::OutOfRange)?;
        }
        Ok(Money(pico))
    }
}

impl fmt::Display for Money {
    /// The exact decimal without trailing zeros: `0`, `12`, `0.0053552`, `-1.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let dollars = magnitude / PICO_PER_DOLLAR;
        let fraction = magnitude % PICO_PER_DOLLAR;
        let text = if fraction == 0 {
            dollars.to_string()
        } else {
            format!("{dollars}.{fraction:012}")
                .trim_end_matches('0')
                .to_owned()
        };
        f.pad_integral(self.0 >= 0, "", &text)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Money, MoneyError> {
        Money::parse(text)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let text = String::deserialize(deserializer)?;
        Money::parse(&text).map_err(serde::de::Error::custom)
    }
}
