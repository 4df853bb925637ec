//! Takes secrets out of text that came from outside before it is kept, logged or shown.
//!
//! Providers echo keys in their errors, whole (Google) or masked (OpenAI, DeepSeek, xAI). It must never let a key through
//! to keep a message readable: too much is cut rather than too little.

use std::sync::Arc;

use memchr::memchr3;
use secrecy::{ExposeSecret, SecretString};

use crate::echo::{self, Echo};
use crate::fragments::Fragments;

/// What stands in the place of a secret.
pub(crate) const MARK: &str = "[redacted]";
/// Shorter texts are not treated as keys: every word would hold them.
const SHORTEST_SECRET: usize = 4;

/// The longest name kept, in characters; real ones are much shorter.
const LONGEST_NAME: usize = 200;

/// A key's beginning and how many key characters must follow before the word is taken for a key.
const BEGINNINGS: &[(&str, usize)] = &[
    ("sk-", 16),
    ("AIza", 20),
    ("AQ.", 20),
    ("gsk_", 16),
    ("xai-", 16),
    ("pplx-", 16),
    ("fw_", 16),
    ("tgp_", 16),
    ("ABSK", 16),
    ("eyJ", 16),
];

/// Labels after which the next word is a secret whatever it looks like.
const LABELS: &[&str] = &[
    "bearer ", "?key=", "&key=", "api-key:", "api-key=", "api_key=", "apikey=",
];

/// Removes one particular secret and everything that looks like one. It does not hold the secret.
pub(crate) struct Redactor {
    fragments: Fragments,
    /// What of it is looked for in answers.
    in_answers: Arc<Fragments>,
}

impl Redactor {
    pub(crate) fn new(secret: Option<&SecretString>) -> Self {
        let secret = secret.map(|secret| secret.expose_secret().trim());
        Self {
            fragments: match secret {
                Some(secret) if secret.len() >= SHORTEST_SECRET => Fragments::of(secret),
                Some(_) | None => Fragments::none(),
            },
            in_answers: Arc::new(echo::fragments(secret)),
        }
    }

    /// For one text of an answer.
    pub(crate) fn echo(&self) -> Echo {
        Echo::of(Arc::clone(&self.in_answers))
    }

    /// A name that the provider gave (a code, a model, an identifier), without the secret and bounded.
    pub(crate) fn name(&self, text: &str) -> String {
        self.redact(text).chars().take(LONGEST_NAME).collect()
    }

    /// The text without the secret, without fragments of it, and without anything that looks like a key.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut secret = self.fragments.mark(text).secret;
        mark_words(text.as_bytes(), &mut secret);
        mark_labelled(text, &mut secret);
        if !secret.contains(&true) {
            return text.to_owned();
        }
        cut(text, &secret)
    }
}

/// Removes a known secret, its fragments and everything that looks like a key from a text.
pub fn redact(text: &str, secret: Option<&SecretString>) -> String {
    Redactor::new(secret).redact(text)
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*')
}

/// Marks words that begin like a key, and words that a provider masked with asterisks.
fn mark_words(bytes: &[u8], secret: &mut [bool]) {
    let mut start = 0;
    while start < bytes.len() {
        if !is_key_byte(bytes[start]) {
            start += 1;
            continue;
        }
        let length = bytes[start..]
            .iter()
            .take_while(|byte| is_key_byte(**byte))
            .count();
        let word = &bytes[start..start + length];
        if looks_secret(word) {
            secret[start..start + length].fill(true);
        }
        start += length;
    }
}

fn looks_secret(word: &[u8]) -> bool {
    let masked = word.windows(3).any(|part| part == b"***");
    // A key may hang on to another word: `api_key.sk-...`, so that a beginning counts anywhere in the word.
    masked
        || (0..word.len())
            .filter(|at| *at == 0 || !word[at - 1].is_ascii_alphanumeric())
            .any(|at| {
                BEGINNINGS.iter().any(|(beginning, following)| {
                    let rest = word[at..].strip_prefix(beginning.as_bytes());
                    rest.is_some_and(|rest| rest.len() >= *following)
                })
            })
}

fn mark_labelled(text: &str, secret: &mut [bool]) {
    // Every label ends with one of these. Names of models and calls, which come with each answer, have none.
    if memchr3(b' ', b'=', b':', text.as_bytes()).is_none() {
        return;
    }
    // ASCII only, so that positions stay those of `text`.
    let lower = text.to_ascii_lowercase();
    for label in LABELS {
        for (at, _) in lower.match_indices(label) {
            let after = at + label.len();
            let spaces = text[after..]
                .bytes()
                .take_while(|byte| *byte == b' ')
                .count();
            let start = after + spaces;
            let length = text[start..]
                .bytes()
                .take_while(|byte| {
                    !byte.is_ascii_whitespace()
                        && !matches!(byte, b'"' | b'\'' | b'&' | b',' | b';')
                })
                .count();
            // "Bearer token", "Bearer auth": ordinary words are not secrets.
            let ordinary = *label == "bearer " && length < 12;
            if !ordinary {
                secret[start..start + length].fill(true);
            }
        }
    }
}

/// Writes the text with each marked run replaced; a character with any marked byte counts as marked.
fn cut(text: &str, secret: &[bool]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut in_secret = false;
    for (at, character) in text.char_indices() {
        if secret[at..at + character.len_utf8()].contains(&true) {
            if !in_secret {
                kept.push_str(MARK);
            }
            in_secret = true;
        } else {
            kept.push(character);
            in_secret = false;
        }
    }
    kept
}
