//! Prices: the list as it is stored, the rows made from it, and the arithmetic from tokens to money.
//!
//! A price that the list does not name is unknown. Nothing here guesses one, and no model is priced as another.

mod book;
mod list;
mod model_id;
mod rates;
mod row;
mod sheet;
mod terms;

pub use book::PriceBook;
pub use list::{
    ListName, ListedModel, ListedRates, OffPeak, Period, PriceList, PriceListError, Step, Window,
};
pub use row::PriceRow;
pub use sheet::{SheetError, SheetProblem, read_sheet};
pub use terms::Terms;
