//! Tokens, prices and exact money.
//!
//! Pure: no clock, no files, no network. The moment of a request is always passed in. Amounts are integers of
//! pico-dollars from the price list to the receipt; a float never carries money.

mod cost;
mod money;
mod price;
mod usage;

pub use cost::{Cost, PriceSource, UnknownCost};
pub use money::{Money, MoneyError};
pub use price::{
    ListName, ListedModel, ListedRates, OffPeak, Period, PriceBook, PriceList, PriceListError,
    PriceRow, SheetError, SheetProblem, Step, Terms, Window, read_sheet,
};
pub use usage::{Tokens, Usage, UsageStatus};
