//! The terms and their acceptance. A version is an immutable file; an acceptance names the exact bytes that were shown.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// One version of a document.
pub struct Document {
    /// Which document.
    pub name: &'static str,
    /// `YYYY-MM-DD.n`.
    pub version: &'static str,
    /// The text, Markdown.
    pub text: &'static str,
    /// SHA-256 of the text, lower-case hex.
    pub sha256: String,
}

/// The terms for own keys that are in force.
pub static BYOK: LazyLock<Document> = LazyLock::new(|| Document {
    name: "byok",
    version: "2026-11-23.1",
    text: include_str!("../../terms/byok-2026-11-23.1.md"),
    sha256: sha256_hex(include_bytes!("../../terms/byok-2026-11-23.1.md")),
});

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            write!(hex, "{byte:02x}").ok();
            hex
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// The text of the section whose heading holds `heading`.
    fn section(heading: &str) -> String {
        let text = BYOK.text;
        let start = text
            .lines()
            .position(|line| line.starts_with("## ") && line.contains(heading))
            .unwrap_or_else(|| panic!("no section on {heading:?}"));
        text.lines()
            .skip(start + 1)
            .take_while(|line| !line.starts_with("## "))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_user_alone_pays_every_charge_on_the_keys() {
        let clause = section("You pay every charge");
        for must in [
            "You alone are responsible",
            "every charge",
            "retry",
            "provider's bill counts",
        ] {
            assert!(clause.contains(must), "{must:?} is missing");
        }
    }

    #[test]
    fn liability_is_limited_as_far_as_the_law_allows_and_no_further() {
        let clause = section("not liable");
        for must in [
            "extent that the law allows",
            "financial loss",
            "intent",
            "gross negligence",
            "consumer",
        ] {
            assert!(clause.contains(must), "{must:?} is missing");
        }
    }

    #[test]
    fn the_security_commitment_is_there_for_both_sides() {
        let clause = section("How your keys are kept");
        for must in [
            "credential store",
            "encrypted",
            "never sent to us",
            "not logged",
            "revoke",
        ] {
            assert!(clause.contains(must), "{must:?} is missing");
        }
    }

    #[test]
    fn the_platform_fee_is_separate_from_the_providers_bill() {
        let clause = section("platform fee");
        for must in ["separate", "due also while a provider is", "cancel"] {
            assert!(clause.contains(must), "{must:?} is missing");
        }
    }

    #[test]
    fn the_version_in_the_text_is_the_version_recorded() {
        assert!(BYOK.text.contains(&format!("Version {}", BYOK.version)));
        assert_eq!(BYOK.sha256.len(), 64);
    }
}
