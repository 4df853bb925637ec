//! A secret, ready to be looked for.

use std::io::{self, Read};

use aho_corasick::{AhoCorasick, BuildError};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::form::Form;

/// A fragment of this many characters is a leak.
const WINDOW: usize = 12;

/// Shorter secrets are not looked for: chance, or any word, would be found in their place.
const SHORTEST: usize = 8;

/// How keys begin; that is no secret and stands in documents, settings and this program.
const BEGINNINGS: &[&str] = &[
    "sk-ant-api03-",
    "sk-ant-admin01-",
    "sk-svcacct-",
    "sk-or-v1-",
    "sk-proj-",
    "sk-ant-",
    "sk-",
    "AIza",
    "AQ.",
    "gsk_",
    "xai-",
    "pplx-",
    "fw_",
    "tgp_",
];

/// A key without what its kind has in common, such as `sk-ant-api03-`.
#[must_use]
pub fn own_part(key: &str) -> &str {
    let rest = BEGINNINGS
        .iter()
        .find_map(|beginning| key.strip_prefix(beginning));
    rest.unwrap_or(key)
}

/// The secret is too short to be told from chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret of fewer than {SHORTEST} characters cannot be told from chance")]
pub struct TooShort;

/// Where a secret was found, and how it is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Counted in bytes from the beginning.
    pub at: u64,
    /// How it is written.
    pub form: Form,
}

/// A secret in every form, and in every fragment of twelve characters, ready to be looked for. It is not printed and cannot
/// be got back out.
pub struct Needle {
    finder: AhoCorasick,
    /// The form of each pattern.
    forms: Vec<Form>,
}

impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Needle").finish_non_exhaustive()
    }
}

impl Needle {
    /// Readies a secret. What its kind has in common with all others, such as `sk-ant-api03-`, is left out.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn of(secret: &SecretString) -> Result<Self, TooShort> {
        let text = secret.expose_secret();
        let own = own_part(text);
        let own = match own.chars().count() {
            0..SHORTEST => text,
            _ => own,
        };
        let starts: Vec<usize> = own.char_indices().map(|(at, _)| at).collect();
        if starts.len() < SHORTEST {
            return Err(TooShort);
        }
        let window = starts.len().min(WINDOW);
        let mut patterns: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        let mut forms = Vec::new();
        for first in 0..=starts.len() - window {
            let end = starts.get(first + window).copied().unwrap_or(own.len());
            let part = &own[starts[first]..end];
            for form in Form::ALL {
                for spelling in form.spellings(part) {
                    patterns.push(spelling);
                    forms.push(form);
                }
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&patterns)
            .map_err(|_: BuildError| TooShort)?;
        Ok(Self { finder, forms })
    }

    /// Where the secret is in what `from` yields, each run of it once. Memory is bounded, however long that is.
    ///
    /// # Errors
    /// What reading meets.
    pub fn find(&self, from: impl Read) -> io::Result<Vec<Hit>> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut last_end = 0;
        for found in self.finder.stream_find_iter(from) {
            let found = found?;
            let form = self.forms[found.pattern()];
            // Fragments of one secret follow each other; base64 leaves out the characters that two of them share.
            let goes_on = hits.last().is_some_and(|hit| hit.form == form)
                && found.start() <= last_end + found.len() / 2;
            last_end = found.end();
            if !goes_on {
                let at = found.start() as u64;
                hits.push(Hit { at, form });
            }
        }
        Ok(hits)
    }

    /// As [`Needle::find`], in bytes that are at hand.
    #[must_use]
    pub fn find_in(&self, bytes: &[u8]) -> Vec<Hit> {
        // Bytes that are at hand can always be read.
        self.find(bytes).unwrap_or_default()
    }
}
