//! Takes secrets out of text that came from outside before it is kept, logged or shown.
//!
//! Providers echo keys in their errors, whole (Google) or masked (OpenAI, DeepSeek, xAI). It must never let a key through
//! to keep a message readable: too much is cut rather than too little.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use memchr::memchr3;
use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
const MARK: &str = "[redacted]";
/// A fragment of a key of this many bytes is a leak already.
const WINDOW: usize = 10;
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

/// Removes one particular secret and everything that looks like one.
///
/// It does not hold the secret: it keeps randomly keyed hashes of the secret's fragments, so that it may live as long
/// as a stream without being a copy of the key.
pub(crate) struct Redactor {
    window: usize,
    fragments: HashSet<u64>,
    hasher: RandomState,
}

impl Redactor {
    pub(crate) fn new(secret: Option<&SecretString>) -> Self {
        let hasher = RandomState::new();
        let mut fragments = HashSet::new();
        let mut window = 0;
        if let Some(secret) = secret {
            let bytes = secret.expose_secret().trim().as_bytes();
            if bytes.len() >= SHORTEST_SECRET {
                window = bytes.len().min(WINDOW);
                fragments.extend(bytes.windows(window).map(|part| hasher.hash_one(part)));
            }
        }
        Self {
            window,
            fragments,
            hasher,
        }
    }

    /// A name that the provider gave (a code, a model, an identifier), without the secret and bounded.
    pub(crate) fn name(&self, text: &str) -> String {
        self.redact(text).chars().take(LONGEST_NAME).collect()
    }

    /// The text without the secret, without fragments of it, and without anything that looks like a key.
    pub(crate) fn redact(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let mut secret = vec![false; bytes.len()];
        if self.window > 0 {
            for (at, part) in bytes.windows(self.window).enumerate() {
                if self.fragments.contains(&self.hasher.hash_one(part)) {
                    secret[at..at + self.window].fill(true);
                }
            }
        }
        mark_words(bytes, &mut secret);
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
