//! Sheets of negotiated prices: one that is taken makes a whole book, and one that is refused names a place.

use brasskey_metering::{ListName, PriceBook, read_sheet};

pub(crate) fn check(input: &[u8]) {
    let name = ListName {
        name: "Negotiated".to_owned(),
        as_of: "2026-11-27".to_owned(),
    };
    let family = |word: &str| (word == "openai").then(|| word.to_owned());
    match read_sheet(input, name, family) {
        Ok(list) => {
            let rows = PriceBook::negotiated(&list).map(|book| book.rows().len());
            assert!(rows.is_ok_and(|rows| rows > 0), "it makes no book");
        }
        Err(errors) => assert!(!errors.is_empty(), "it is refused without a reason"),
    }
}
