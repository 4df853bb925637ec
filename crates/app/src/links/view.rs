//! A link from an answer, as the confirmation shows it.

use serde::Serialize;
use specta::Type;

/// What opening a link would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    /// The complete address, normalised.
    pub url: String,
    /// The host in ASCII; `None` for mail.
    pub host: Option<String>,
    /// The host as it reads, where that differs.
    pub host_unicode: Option<String>,
    /// Plain http: others can read along.
    pub insecure: bool,
    /// Bytes of path, query and fragment that the link carries.
    pub carries: u32,
}
