//! What the window sees of a report.

use serde::Serialize;
use specta::Type;

/// A report of a problem, to be read before it goes anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// All of it.
    pub text: String,
    /// The address of support.
    pub send_to: String,
}

/// What came of saving one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ReportSaved {
    /// It is on the disk.
    Saved {
        /// The file's name, without its folder.
        name: String,
    },
    /// The user thought better of it.
    Cancelled,
}
