//! Which price holds for a call: what was negotiated before what is listed. An amount that the provider itself reports comes before
//! both, in the price book.
//!
//! Negotiated prices are the user's with their providers: a plan's calls are never priced by them.

pub mod view;

use std::sync::{PoisonError, RwLock};

use brasskey_ledger::Ledger;
use brasskey_metering::{Cost, ListName, PriceBook, PriceList, PriceRow, Usage, read_sheet};
use brasskey_providers::{Endpoint, Provider};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::changed::Changed;
use crate::error::Error;
use view::{NegotiatedView, SheetProblemView};

/// The setting: the sheet as it was imported.
const SHEET: &str = "price_sheet";
/// What receipts call it.
const NAME: &str = "Negotiated";

/// What is kept of a sheet.
#[derive(Serialize, Deserialize)]
struct Kept {
    csv: String,
    /// The ISO day of the import.
    as_of: String,
}

/// The books that hold now.
#[derive(Clone, Copy, Default)]
pub(crate) struct Books {
    negotiated: Option<&'static PriceBook>,
}

impl Books {
    /// Without what was negotiated: for calls that somebody else pays for.
    pub(crate) const LISTED: Self = Self { negotiated: None };

    /// The price row of a model at an endpoint, for a call made at `at`.
    pub(crate) fn row(
        self,
        endpoint: &Endpoint,
        model: &str,
        at: i64,
    ) -> Option<&'static PriceRow> {
        let family = endpoint.provider.price_family(&endpoint.base_url)?;
        self.negotiated
            .and_then(|book| book.find(family, model, at))
            .or_else(|| PriceBook::embedded().find(family, model, at))
    }

    /// What a call cost. A model on this computer without a key costs nothing; a missing price is unknown, never zero.
    pub(crate) fn cost(
        self,
        endpoint: &Endpoint,
        free: bool,
        model: &str,
        at: i64,
        usage: &Usage,
    ) -> Cost {
        if free {
            return Cost::Free;
        }
        let family = endpoint.provider.price_family(&endpoint.base_url);
        let family = family.unwrap_or_default();
        match self.negotiated {
            Some(book) if book.find(family, model, at).is_some() => {
                book.cost(family, model, at, usage)
            }
            _ => PriceBook::embedded().cost(family, model, at, usage),
        }
    }
}

/// The prices of this run.
pub(crate) struct Prices(RwLock<Books>);

impl Prices {
    pub(crate) async fn open(ledger: &Ledger) -> Result<Self, Error> {
        // Forgotten ones are kept as none.
        let kept: Option<Option<Kept>> = ledger.settings().get(SHEET).await?;
        let negotiated = kept.flatten().and_then(|kept| {
            let list = read(kept.csv.as_bytes(), kept.as_of).ok()?;
            book(&list)
        });
        Ok(Self(RwLock::new(Books { negotiated })))
    }

    pub(crate) fn books(&self) -> Books {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, books: Books) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = books;
    }
}

/// A book that lives as long as the program, as the embedded one does, so that rows are borrowed everywhere. A sheet is imported a
/// few times in a program's life, and is small.
fn book(list: &PriceList) -> Option<&'static PriceBook> {
    let book = PriceBook::negotiated(list).ok()?;
    Some(Box::leak(Box::new(book)))
}

fn read(csv: &[u8], as_of: String) -> Result<PriceList, Vec<SheetProblemView>> {
    let name = ListName {
        name: NAME.to_owned(),
        as_of,
    };
    // Both are known: the command's words for providers, and the price list's for families.
    let family = |word: &str| {
        let provider: Option<Provider> = word.to_ascii_lowercase().parse().ok();
        provider.and_then(Provider::family).map(str::to_owned)
    };
    read_sheet(csv, name, family)
        .map_err(|errors| errors.into_iter().map(SheetProblemView::from).collect())
}

impl App {
    /// Puts a sheet of negotiated prices in the place of the one before. Receipts that there are stay as they are.
    ///
    /// # Errors
    /// `storage`. What is wrong with the sheet is a result: then nothing of it is used, and what held before holds on.
    pub async fn import_prices(
        &self,
        csv: &[u8],
    ) -> Result<Result<Vec<NegotiatedView>, Vec<SheetProblemView>>, Error> {
        let today = self.clock.today();
        let as_of = today.ok_or(Error::InvalidInput("this computer's clock is wrong"))?;
        let as_of = as_of.to_string();
        let list = match read(csv, as_of.clone()) {
            Ok(list) => list,
            Err(problems) => return Ok(Err(problems)),
        };
        let Some(negotiated) = book(&list) else {
            return Err(Error::InvalidInput("the sheet contradicts itself"));
        };
        let kept = Kept {
            csv: String::from_utf8_lossy(csv).into_owned(),
            as_of,
        };
        self.ledger.settings().set(SHEET, &kept).await?;
        self.prices.set(Books {
            negotiated: Some(negotiated),
        });
        self.announce(Changed::Keys);
        Ok(Ok(self.negotiated_prices()))
    }

    /// The negotiated prices that hold.
    #[must_use]
    pub fn negotiated_prices(&self) -> Vec<NegotiatedView> {
        let rows = self.prices.books().negotiated;
        let rows = rows.into_iter().flat_map(PriceBook::rows);
        rows.map(NegotiatedView::from).collect()
    }

    /// Goes back to the listed prices.
    ///
    /// # Errors
    /// `storage`.
    pub async fn forget_prices(&self) -> Result<(), Error> {
        self.ledger.settings().set(SHEET, &None::<Kept>).await?;
        self.prices.set(Books::LISTED);
        self.announce(Changed::Keys);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use brasskey_providers::Endpoint;

    use super::*;
    use crate::models::{StoredModel, group_view};

    #[test]
    fn a_negotiated_price_comes_first_and_takes_no_size_away() {
        let endpoint = Endpoint::of(Provider::OpenAi).unwrap();
        let at = 1_795_000_000_000;
        let csv = b"provider,model,input,output\nopenai,gpt-6.1-sol,1,2\n";
        let list = read(csv, "2026-11-27".to_owned()).unwrap();
        let books = Books {
            negotiated: book(&list),
        };
        let models = [StoredModel::named("gpt-6.1-sol")];
        let shown = |books| group_view("k", &endpoint, &models, books, at).remove(0);
        let (listed, negotiated) = (shown(Books::LISTED), shown(books));
        assert_eq!(negotiated.input_price.as_deref(), Some("1"));
        assert_ne!(listed.input_price, negotiated.input_price);
        assert!(listed.context_window.is_some() && listed.max_output.is_some());
        assert_eq!(listed.context_window, negotiated.context_window);
        assert_eq!(listed.max_output, negotiated.max_output);
    }
}
