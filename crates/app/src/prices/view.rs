//! Negotiated prices, as the command shows them.

use brasskey_metering::{PriceRow, SheetError};
use serde::Serialize;

/// A price that was negotiated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NegotiatedView {
    /// The price list's family of the provider.
    pub family: String,
    /// The model.
    pub model: String,
    /// The row: `family/model`, with `@day` when it starts on one.
    pub row: String,
    /// Dollars per million input tokens, exact decimal.
    pub input: String,
    /// Dollars per million output tokens.
    pub output: String,
}

impl From<&PriceRow> for NegotiatedView {
    fn from(row: &PriceRow) -> Self {
        Self {
            family: row.family.clone(),
            model: row.model.clone(),
            row: row.id.clone(),
            input: row.input_per_million().to_string(),
            output: row.output_per_million().to_string(),
        }
    }
}

/// A wrong place of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SheetProblemView {
    /// The line, from 1.
    pub line: u64,
    /// The column; none where the whole line is wrong.
    pub column: Option<String>,
    /// What is wrong, in English.
    pub what: String,
}

impl From<SheetError> for SheetProblemView {
    fn from(error: SheetError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            what: error.what.to_string(),
        }
    }
}
