//! Sheets of negotiated prices: all of a sheet or nothing, and every wrong place by its line and column.

#![allow(clippy::unwrap_used, reason = "tests")]

use brasskey_metering::{
    Cost, ListName, PriceBook, SheetProblem, Tokens, Usage, UsageStatus, read_sheet,
};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;
/// 1 December 2026, UTC.
const DECEMBER: i64 = 1_796_083_200_000;

fn name() -> ListName {
    ListName {
        name: "Negotiated".to_owned(),
        as_of: "2026-11-27".to_owned(),
    }
}

fn family(word: &str) -> Option<String> {
    ["openai", "anthropic"]
        .contains(&word)
        .then(|| word.to_owned())
}

/// The book of a sheet, or the wrong places as `line column problem`.
fn read(sheet: &str) -> Result<PriceBook, Vec<String>> {
    match read_sheet(sheet.as_bytes(), name(), family) {
        Ok(list) => Ok(PriceBook::negotiated(&list).unwrap()),
        Err(errors) => Err(errors
            .into_iter()
            .map(|error| {
                let column = error.column.unwrap_or_default();
                format!("{} {column} {:?}", error.line, error.what)
            })
            .collect()),
    }
}

fn cost(book: &PriceBook, at: i64) -> Cost {
    let usage = Usage {
        tokens: Tokens {
            input_uncached: 1_000_000,
            cache_read: 1_000_000,
            output: 1_000_000,
            ..Tokens::default()
        },
        status: UsageStatus::Exact,
        ..Usage::default()
    };
    book.cost("openai", "gpt-6.1-sol", at, &usage)
}

#[test]
fn prices_hold_from_their_day_on() {
    let book = read(
        "\u{feff}Model, Provider, Output, Input, From, cache_read\r\n\
         gpt-6.1-sol, openai, 8.00, 1.60, 2026-12-01, 0.08\r\n\
         gpt-6.1-sol, openai, 7.00, 1.50, 2026-12-03, 0.08\r\n",
    )
    .unwrap();
    assert!(book.find("openai", "gpt-6.1-sol", DECEMBER - 1).is_none());
    let amount = |at| match cost(&book, at) {
        Cost::Known { amount, source } => (amount.to_string(), source.list),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        amount(DECEMBER),
        ("9.68".to_owned(), "Negotiated".to_owned())
    );
    assert_eq!(amount(DECEMBER + 2 * DAY - 1).0, "9.68");
    assert_eq!(amount(DECEMBER + 2 * DAY).0, "8.58");
}

#[test]
fn every_wrong_place_is_named_and_nothing_is_taken() {
    let wrong = read(
        "provider,model,input,output,from\n\
         openai,gpt-6.1-sol,1.60,8.00,\n\
         nobody,x,1,2,\n\
         openai,,one,-2,tomorrow\n\
         openai,gpt-6.1-sol,1.60\n\
         openai,gpt-6.1-sol,2,3,\n",
    )
    .unwrap_err();
    assert_eq!(
        wrong,
        [
            "3 provider UnknownProvider",
            "4 input NotAnAmount",
            "4 output NotAnAmount",
            "4 model Missing",
            "4 from NotADay",
            "5  WrongLength",
            "6  Twice",
        ]
    );
}

#[test]
fn a_heading_says_which_columns_there_are() {
    assert_eq!(
        read("provider,model,input,price\nopenai,x,1,2\n").unwrap_err(),
        ["1 output MissingColumn", "1 price UnknownColumn"]
    );
    assert_eq!(
        read("provider,model,input,output,output\n").unwrap_err(),
        ["1 output ColumnTwice"]
    );
    assert_eq!(
        read("provider,model,input,output\n").unwrap_err(),
        ["1  Empty"]
    );
    assert_eq!(read("").unwrap_err(), ["1  NotCsv"]);
}

#[test]
fn a_sheet_of_a_size_that_none_has_is_refused() {
    let large = vec![b'x'; 4 * 1024 * 1024 + 1];
    let errors = read_sheet(&large, name(), family).unwrap_err();
    assert_eq!(errors[0].what, SheetProblem::TooLarge);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(list) = read_sheet(&bytes, name(), family) {
            prop_assert!(PriceBook::negotiated(&list).is_ok());
        }
    }

    #[test]
    fn any_lines_are_read_or_refused(lines in prop::collection::vec("[a-z0-9,.\"-]{0,40}", 0..12)) {
        let sheet = format!("provider,model,input,output,from\n{}", lines.join("\n"));
        if let Ok(list) = read_sheet(sheet.as_bytes(), name(), family) {
            prop_assert!(PriceBook::negotiated(&list).is_ok());
        }
    }
}
