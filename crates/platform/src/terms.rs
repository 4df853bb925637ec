//! The terms that people accept: immutable files, each with its version, its language and the hash of its exact bytes.
//!
//! A text that somebody may have accepted is never edited and never removed: a change is a new file with a new version.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::credential::digest;

/// The index that ships with the service.
const INDEX: &str = include_str!("../data/terms/index.json");
/// The files that ship with it, by name.
const FILES: &[(&str, &str)] = &[
    (
        "terms.2026-11-26.1.en.md",
        include_str!("../data/terms/terms.2026-11-26.1.en.md"),
    ),
    (
        "byok.2026-11-26.1.en.md",
        include_str!("../data/terms/byok.2026-11-26.1.en.md"),
    ),
    (
        "vendor.2026-11-26.1.en.md",
        include_str!("../data/terms/vendor.2026-11-26.1.en.md"),
    ),
];

/// What everybody accepts.
pub(crate) const GENERAL: &str = "terms";
/// What is accepted for own keys.
pub(crate) const BYOK: &str = "byok";
/// What is accepted for vendor-billed use.
pub(crate) const VENDOR: &str = "vendor";
/// The language that every version is in.
pub(crate) const ENGLISH: &str = "en";

/// What is wrong with a set of terms.
#[derive(Debug, thiserror::Error)]
pub enum TermsError {
    /// The index is not of the expected form.
    #[error("the index of terms: {0}")]
    Index(#[from] serde_json::Error),
    /// A file that the index names is not there.
    #[error("the text {0} is missing")]
    Missing(String),
    /// A file is not what it was when it was listed.
    #[error("the text {0} was changed: its hash is {1}")]
    Changed(String, String),
    /// A document of which there has to be a version in English is missing.
    #[error("there is no {0} in English")]
    Incomplete(&'static str),
}

/// One version of one document in one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) doc: String,
    /// `YYYY-MM-DD.n`.
    pub(crate) version: String,
    pub(crate) lang: String,
    file: String,
    /// Of the exact bytes, in hexadecimal.
    pub(crate) sha256: String,
    /// Whether it changes rights or duties: such a version has to be accepted before what it is about is used.
    pub(crate) material: bool,
    pub(crate) effective_at: Timestamp,
    #[serde(skip)]
    pub(crate) text: String,
}

/// All versions, in the order in which they were published.
#[derive(Clone, Debug)]
pub struct Terms {
    texts: Vec<Text>,
}

impl Terms {
    /// The terms that ship with the service.
    ///
    /// # Errors
    /// [`TermsError`], which a test excludes.
    pub fn embedded() -> Result<Self, TermsError> {
        Self::read(INDEX, |name| {
            let (_, text) = FILES.iter().find(|(file, _)| *file == name)?;
            Some((*text).to_owned())
        })
    }

    /// The terms in a folder with an `index.json`.
    ///
    /// # Errors
    /// [`TermsError`].
    pub fn at(folder: &Path) -> Result<Self, TermsError> {
        let file = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let index =
            file("index.json").ok_or_else(|| TermsError::Missing("index.json".to_owned()))?;
        Self::read(&index, file)
    }

    fn read(index: &str, file: impl Fn(&str) -> Option<String>) -> Result<Self, TermsError> {
        let mut texts: Vec<Text> = serde_json::from_str(index)?;
        for text in &mut texts {
            text.text = file(&text.file).ok_or_else(|| TermsError::Missing(text.file.clone()))?;
            let found = digest(text.text.as_bytes());
            if found != text.sha256 {
                return Err(TermsError::Changed(text.file.clone(), found));
            }
        }
        let terms = Self { texts };
        for doc in [GENERAL, BYOK, VENDOR] {
            if terms.newest(doc, ENGLISH).is_none() {
                return Err(TermsError::Incomplete(doc));
            }
        }
        Ok(terms)
    }

    /// The names of the documents.
    pub(crate) fn docs(&self) -> impl Iterator<Item = &str> {
        [GENERAL, BYOK, VENDOR].into_iter()
    }

    /// The newest version of a document, in a language or else in English.
    pub(crate) fn newest(&self, doc: &str, lang: &str) -> Option<&Text> {
        let of = |lang: &str| self.of(doc).rfind(|text| text.lang == lang);
        of(lang).or_else(|| of(ENGLISH))
    }

    /// A version of a document, in a language or else in English.
    pub(crate) fn version(&self, doc: &str, version: &str, lang: &str) -> Option<&Text> {
        let of = |lang: &str| {
            self.of(doc)
                .find(|text| text.version == version && text.lang == lang)
        };
        of(lang).or_else(|| of(ENGLISH))
    }

    /// The newest version of a document, when it was not accepted, and whether that stands in the way of what it is about:
    /// nothing was accepted, or something material came into force since.
    pub(crate) fn due(
        &self,
        doc: &str,
        accepted: &[String],
        now: Timestamp,
    ) -> Option<(&Text, bool)> {
        let newest = self.newest(doc, ENGLISH)?;
        if accepted.contains(&newest.version) {
            return None;
        }
        let last = self
            .of(doc)
            .rposition(|text| accepted.contains(&text.version));
        let since = last.map_or(0, |position| position + 1);
        let is_blocking = last.is_none()
            || self
                .of(doc)
                .skip(since)
                .any(|text| text.material && text.effective_at <= now);
        Some((newest, is_blocking))
    }

    /// All versions of a document, oldest first, in English: each was published in it.
    pub(crate) fn versions(&self, doc: &str) -> impl Iterator<Item = &Text> {
        self.of(doc).filter(|text| text.lang == ENGLISH)
    }

    fn of<'a>(
        &'a self,
        doc: &str,
    ) -> impl DoubleEndedIterator<Item = &'a Text> + ExactSizeIterator {
        let of: Vec<&Text> = self.texts.iter().filter(|text| text.doc == doc).collect();
        of.into_iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn text(doc: &str) -> String {
        let terms = Terms::embedded().unwrap();
        // Lines are wrapped; sentences are looked for.
        let text = &terms.newest(doc, ENGLISH).unwrap().text;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_clause_of_own_keys_is_in_its_text() {
        let byok = text(BYOK);
        for (heading, sentence) in [
            (
                "Cost responsibility",
                "You alone pay every charge that the provider makes on your key",
            ),
            (
                "Provider terms",
                "You keep to the provider's terms when you use Brasskey with your key",
            ),
            (
                "No liability for interruption",
                "To the extent that the law allows, we do not answer for damage that comes from your key",
            ),
            (
                "Security commitment",
                "Your keys stay on your computer, in the protected credential store of its operating system",
            ),
            (
                "Platform fee",
                "It is not a payment for models, contains no model use, and is billed separately",
            ),
        ] {
            let heading = byok.find(&format!(". {heading} ")).expect(heading);
            let sentence = byok.find(sentence).expect(sentence);
            assert!(heading < sentence);
        }
        for kept in ["intent, gross negligence", "mandatory rights as a consumer"] {
            assert!(byok.contains(kept), "no exclusion of {kept}");
        }
    }

    #[test]
    fn fee_vendor_billing_switching_data_and_changes_are_said() {
        for (doc, sentence) in [
            (
                GENERAL,
                "It is independent of what a model provider charges.",
            ),
            (GENERAL, "within 14 days"),
            (
                GENERAL,
                "In Own keys mode:** no message, no answer and no provider key.",
            ),
            (GENERAL, "announced at least 30 days before it takes effect"),
            (VENDOR, "only up to the cap that you set"),
            (VENDOR, "your messages and the answers pass our gateway"),
            (
                VENDOR,
                "it can be used until the switch takes effect and lapses then",
            ),
            (BYOK, "who bills you for models from then on"),
        ] {
            assert!(text(doc).contains(sentence), "{doc}: {sentence}");
        }
    }

    #[test]
    fn a_text_that_was_changed_or_is_missing_is_refused() {
        let changed = Terms::read(INDEX, |_| Some("Something else.".to_owned()));
        assert!(
            matches!(changed, Err(TermsError::Changed(..))),
            "{changed:?}"
        );
        let missing = Terms::read(INDEX, |_| None);
        assert!(
            matches!(missing, Err(TermsError::Missing(_))),
            "{missing:?}"
        );
        assert!(matches!(
            Terms::read("[]", |_| None),
            Err(TermsError::Incomplete(GENERAL))
        ));
    }

    #[test]
    fn only_what_is_material_and_in_force_stands_in_the_way() {
        let at = |day: i8| {
            jiff::civil::date(2027, 1, day)
                .to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
                .timestamp()
        };
        let mut terms = Terms::embedded().unwrap();
        let first = terms.newest(BYOK, ENGLISH).unwrap().clone();
        let mut add = |version: &str, material, effective_at| {
            let version = version.to_owned();
            terms.texts.push(Text {
                version,
                material,
                effective_at,
                ..first.clone()
            });
            terms.clone()
        };
        let accepted = [first.version.clone()];
        let is_due = |terms: &Terms, accepted: &[String], day| {
            terms
                .due(BYOK, accepted, at(day))
                .map(|(text, is_blocking)| (text.version.clone(), is_blocking))
        };
        let editorial = add("2026-12-01.1", false, at(2));
        assert_eq!(
            is_due(&editorial, &[], 1),
            Some(("2026-12-01.1".to_owned(), true)),
            "nothing was accepted"
        );
        assert_eq!(
            is_due(&editorial, &accepted, 3),
            Some(("2026-12-01.1".to_owned(), false))
        );
        let material = add("2026-12-02.1", true, at(10));
        let later = add("2026-12-03.1", false, at(10));
        assert_eq!(
            is_due(&material, &accepted, 9),
            Some(("2026-12-02.1".to_owned(), false)),
            "announced"
        );
        assert_eq!(
            is_due(&material, &accepted, 10),
            Some(("2026-12-02.1".to_owned(), true))
        );
        assert_eq!(
            is_due(&later, &accepted, 10),
            Some(("2026-12-03.1".to_owned(), true)),
            "one in between was"
        );
        assert_eq!(is_due(&later, &["2026-12-03.1".to_owned()], 20), None);
        assert!(
            later.version(BYOK, &first.version, "de").is_some(),
            "earlier ones stay"
        );
    }
}
