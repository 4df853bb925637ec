//! The texts that people accept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A version of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsText {
    /// `terms`, `byok` or `vendor`.
    pub doc: String,
    /// The version.
    pub version: String,
    /// Its language.
    pub lang: String,
    /// Of the text's exact bytes, lower-case hex.
    pub sha256: String,
    /// Whether it changes what was agreed before.
    pub material: bool,
    /// From when on it holds.
    pub effective_at: Timestamp,
    /// All versions, oldest first. What was accepted holds until a later one is material and in force.
    #[serde(default)]
    pub versions: Vec<TermsVersion>,
    /// Markdown.
    pub text: String,
}

/// A version, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsVersion {
    /// Which.
    pub version: String,
    /// Whether it changes what was agreed before.
    pub material: bool,
    /// From when on it holds.
    pub effective_at: Timestamp,
}
