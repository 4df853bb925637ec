//! A sheet of negotiated prices: CSV, as an enterprise keeps it. It becomes a price list as a whole, or not at all, with every
//! wrong place named.
//!
//! The first line names the columns, in any order: `provider`, `model`, `input` and `output` have to be there; `from` (an ISO day,
//! UTC; without it always), `cache_read`, `cache_write`, `cache_write_1h` and `cache_write_12h` may be. Amounts are dollars per
//! million tokens. Several lines of one model are its prices over time.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::list::{ListName, ListedModel, ListedRates, Period, PriceList, Step};
use crate::Money;

/// The most bytes and the most rows of a sheet.
const LONGEST: usize = 4 * 1024 * 1024;
const MOST_ROWS: usize = 20_000;
/// The most errors that are told.
const MOST_ERRORS: usize = 50;
/// The longest name of a model.
const LONGEST_NAME: usize = 200;

const PROVIDER: &str = "provider";
const MODEL: &str = "model";
const FROM: &str = "from";
const INPUT: &str = "input";
const OUTPUT: &str = "output";
const COLUMNS: &[&str] = &[
    PROVIDER,
    MODEL,
    FROM,
    INPUT,
    OUTPUT,
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "cache_write_12h",
];
const NEEDED: &[&str] = &[PROVIDER, MODEL, INPUT, OUTPUT];

/// A wrong place of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetError {
    /// The line, from 1, which is the heading's.
    pub line: u64,
    /// The column's name; none where the whole line is wrong.
    pub column: Option<String>,
    /// What is wrong with it.
    pub what: SheetProblem,
}

/// What is wrong with a place of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SheetProblem {
    /// It is larger than any sheet of prices.
    #[error("the sheet is too large")]
    TooLarge,
    /// There are no prices in it.
    #[error("the sheet holds no prices")]
    Empty,
    /// No text in UTF-8, or no CSV.
    #[error("this is no CSV in UTF-8")]
    NotCsv,
    /// A column that has to be there is not.
    #[error("the column is missing")]
    MissingColumn,
    /// A column that nobody knows: a misspelt one would be left out in silence.
    #[error("the column is not known")]
    UnknownColumn,
    /// A column comes twice.
    #[error("the column comes twice")]
    ColumnTwice,
    /// Another number of fields than there are columns.
    #[error("the line has another number of fields than the heading")]
    WrongLength,
    /// Not one of the providers that have a price list.
    #[error("no such provider")]
    UnknownProvider,
    /// There is nothing where something has to be.
    #[error("there is nothing")]
    Missing,
    /// No decimal amount of dollars, or a negative one.
    #[error("not an amount of dollars, as 2.50")]
    NotAnAmount,
    /// No ISO day.
    #[error("not a day, as 2026-11-27")]
    NotADay,
    /// A name longer than any.
    #[error("the name is too long")]
    TooLong,
    /// The same model from the same day on twice.
    #[error("this model has a price from this day on already")]
    Twice,
}

/// Reads a sheet. `family` gives the price list's family of a provider's word; none for one that has no prices.
///
/// # Errors
/// Every wrong place, at most 50 of them; then nothing of the sheet is used.
pub fn read_sheet(
    bytes: &[u8],
    name: ListName,
    family: impl Fn(&str) -> Option<String>,
) -> Result<PriceList, Vec<SheetError>> {
    if bytes.len() > LONGEST {
        return Err(vec![whole(1, SheetProblem::TooLarge)]);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let mut records = reader.records();
    let Some(Ok(heading)) = records.next() else {
        return Err(vec![whole(1, SheetProblem::NotCsv)]);
    };
    let columns: Vec<String> = heading.iter().map(str::to_ascii_lowercase).collect();
    let mut errors = wrong_columns(&columns);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut models: BTreeMap<(String, String), BTreeMap<Option<Date>, Period>> = BTreeMap::new();
    let mut rows = 0;
    for record in records {
        if errors.len() >= MOST_ERRORS {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                errors.push(whole(line, SheetProblem::NotCsv));
                break;
            }
        };
        rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        if rows > MOST_ROWS {
            errors.push(whole(line, SheetProblem::TooLarge));
            break;
        }
        if record.len() != columns.len() {
            errors.push(whole(line, SheetProblem::WrongLength));
            continue;
        }
        let row = Row {
            line,
            fields: columns.iter().map(String::as_str).zip(&record).collect(),
        };
        match row.read(&family) {
            Err(wrong) => errors.extend(wrong),
            Ok((key, day, period)) => {
                let periods = models.entry(key).or_default();
                if periods.insert(day, period).is_some() {
                    errors.push(whole(line, SheetProblem::Twice));
                }
            }
        }
    }
    if errors.is_empty() && models.is_empty() {
        errors.push(whole(1, SheetProblem::Empty));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(PriceList {
        lists: vec![name],
        models: models
            .into_iter()
            .map(|((family, model), periods)| ListedModel {
                family,
                model,
                aliases: Vec::new(),
                context_window: None,
                max_output: None,
                periods: periods.into_values().collect(),
            })
            .collect(),
    })
}

fn whole(line: u64, what: SheetProblem) -> SheetError {
    SheetError {
        line,
        column: None,
        what,
    }
}

fn wrong_columns(columns: &[String]) -> Vec<SheetError> {
    let wrong = |column: &str, what| SheetError {
        line: 1,
        column: Some(column.to_owned()),
        what,
    };
    let missing = NEEDED
        .iter()
        .filter(|needed| !columns.iter().any(|column| column == *needed))
        .map(|needed| wrong(needed, SheetProblem::MissingColumn));
    let others = columns.iter().enumerate().filter_map(|(at, column)| {
        if !COLUMNS.contains(&column.as_str()) {
            Some(wrong(column, SheetProblem::UnknownColumn))
        } else if columns[..at].contains(column) {
            Some(wrong(column, SheetProblem::ColumnTwice))
        } else {
            None
        }
    });
    missing.chain(others).take(MOST_ERRORS).collect()
}

/// One line, by the names of its columns.
struct Row<'a> {
    line: u64,
    fields: BTreeMap<&'a str, &'a str>,
}

type Read = ((String, String), Option<Date>, Period);

impl Row<'_> {
    fn read(&self, family: impl Fn(&str) -> Option<String>) -> Result<Read, Vec<SheetError>> {
        let mut errors = Vec::new();
        let mut wrong = |column: &str, what| {
            errors.push(SheetError {
                line: self.line,
                column: Some(column.to_owned()),
                what,
            });
        };
        let field = |column: &str| {
            self.fields
                .get(column)
                .copied()
                .filter(|text| !text.is_empty())
        };
        let mut amount = |column: &str| -> Option<Money> {
            let text = field(column)?;
            match text.parse::<Money>() {
                Ok(money) if money >= Money::ZERO => Some(money),
                _ => {
                    wrong(column, SheetProblem::NotAnAmount);
                    None
                }
            }
        };
        let rates = ListedRates {
            input: amount(INPUT),
            output: amount(OUTPUT),
            cache_read: amount("cache_read"),
            cache_write: amount("cache_write"),
            cache_write_1h: amount("cache_write_1h"),
            cache_write_12h: amount("cache_write_12h"),
        };
        for column in NEEDED {
            if field(column).is_none() {
                wrong(column, SheetProblem::Missing);
            }
        }
        let day = match field(FROM).map(str::parse::<Date>) {
            None => None,
            Some(Ok(day)) => Some(day),
            Some(Err(_)) => {
                wrong(FROM, SheetProblem::NotADay);
                None
            }
        };
        let model = field(MODEL).unwrap_or_default();
        if model.len() > LONGEST_NAME {
            wrong(MODEL, SheetProblem::TooLong);
        }
        let provider = field(PROVIDER).unwrap_or_default();
        let family = family(provider);
        if family.is_none() && !provider.is_empty() {
            wrong(PROVIDER, SheetProblem::UnknownProvider);
        }
        match family {
            Some(family) if errors.is_empty() => {
                let step = Step { over: None, rates };
                let period = Period {
                    from: day.map(|day| day.to_string()),
                    tiers: BTreeMap::from([("standard".to_owned(), vec![step])]),
                    ..Period::default()
                };
                Ok(((family, model.to_owned()), day, period))
            }
            _ => Err(errors),
        }
    }
}
