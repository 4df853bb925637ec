//! A key in every form in which it could hide, and the search for them.

use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A fragment of this many characters is a leak.
const WINDOW: usize = 12;

/// Every fragment of a secret in every encoding that a program could leave behind.
pub(crate) struct Needles {
    finder: AhoCorasick,
    /// What each pattern is, for the message.
    names: Vec<String>,
}

impl Needles {
    /// Of the part of a key that nothing else has in common with it.
    pub(crate) fn of(unique: &str) -> Self {
        let mut patterns: Vec<(String, Vec<u8>)> = Vec::new();
        for window in unique.as_bytes().windows(WINDOW) {
            let text = String::from_utf8(window.to_vec()).unwrap();
            let mut add = |form: &str, pattern: Vec<u8>| {
                patterns.push((format!("{form} of {text:?}"), pattern));
            };
            // Upper and lower case are found by the search itself.
            add("text", window.to_vec());
            add(
                "percent-encoding",
                each(window, |byte| format!("%{byte:02x}")).into(),
            );
            add(
                "percent-encoding of signs",
                each(window, |byte| match byte.is_ascii_alphanumeric() {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02x}"),
                })
                .into(),
            );
            add("JSON with escaped slashes", text.replace('/', "\\/").into());
            add(
                "JSON in code points",
                each(window, |byte| format!("\\u{byte:04x}")).into(),
            );
            add("hex", each(window, |byte| format!("{byte:02x}")).into());
            add(
                "hex with blanks",
                each(window, |byte| format!("{byte:02x} "))
                    .trim_end()
                    .into(),
            );
            add(
                "UTF-16LE",
                window.iter().flat_map(|byte| [*byte, 0]).collect(),
            );
            add(
                "UTF-16BE",
                window.iter().flat_map(|byte| [0, *byte]).collect(),
            );
            add("list of bytes", list(window, ", "));
            add("list of bytes without blanks", list(window, ","));
            for before in 0..3 {
                for (name, engine) in [("base64", &STANDARD), ("base64 for URLs", &URL_SAFE)] {
                    let encoded = engine.encode([&vec![0; before][..], window].concat());
                    // The first and last characters depend on what stands beside the fragment.
                    let first = (before * 8).div_ceil(6);
                    let last = (before + window.len()) * 8 / 6;
                    add(name, encoded.as_bytes()[first..last].to_vec());
                }
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(patterns.iter().map(|(_, pattern)| pattern))
            .unwrap();
        let names = patterns.into_iter().map(|(name, _)| name).collect();
        Self { finder, names }
    }

    /// What was found in `text`, with where and with what stands around it.
    pub(crate) fn find(&self, place: &str, text: &[u8]) -> Option<String> {
        let found = self.finder.find(text)?;
        let around = &text[found.start().saturating_sub(80)..(found.end() + 80).min(text.len())];
        let around = String::from_utf8_lossy(around);
        Some(format!(
            "{} in {place}: ...{around}...",
            self.names[found.pattern()]
        ))
    }

    /// What was found in the names and contents of the files below `folder`, and how many bytes were looked through.
    pub(crate) fn find_in_files(&self, folder: &Path) -> (Vec<String>, u64) {
        let (mut found, mut bytes) = (Vec::new(), 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.extend(self.find("a file's name", path.as_os_str().as_encoded_bytes()));
            if path.is_dir() {
                let (below, more) = self.find_in_files(&path);
                found.extend(below);
                bytes += more;
            } else {
                let content = std::fs::read(&path).unwrap();
                bytes += content.len() as u64;
                found.extend(self.find(&path.to_string_lossy(), &content));
            }
        }
        (found, bytes)
    }
}

fn each(window: &[u8], form: impl Fn(u8) -> String) -> String {
    window.iter().map(|byte| form(*byte)).collect()
}

fn list(window: &[u8], between: &str) -> Vec<u8> {
    let numbers: Vec<String> = window.iter().map(u8::to_string).collect();
    numbers.join(between).into_bytes()
}

#[test]
fn a_fragment_is_found_in_every_form() {
    let unique = "qZ7w+Xk/93Vb=TnR5yUe8Lp2Mc6Hd4Gs";
    let needles = Needles::of(unique);
    let fragment = &unique[5..5 + WINDOW];
    for text in [
        fragment.to_owned(),
        fragment.to_lowercase(),
        format!("\"{}\"", unique.replace('/', "\\/")),
        each(unique.as_bytes(), |byte| format!("%{byte:02X}")),
        each(unique.as_bytes(), |byte| format!("{byte:02X}")),
        format!("{:?}", unique.as_bytes()),
        STANDARD.encode(format!("sk-proj-{unique}")),
        STANDARD.encode(format!("Bearer sk-proj-{unique}")),
        URL_SAFE.encode(format!("x{unique}")),
    ] {
        assert!(needles.find("here", text.as_bytes()).is_some(), "{text}");
    }
    let wide: Vec<u8> = unique.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(needles.find("here", &wide).is_some());
    assert_eq!(needles.find("here", &unique.as_bytes()[..WINDOW - 1]), None);
    let other = "sk-proj-sandbox-0123456789abcdefghijklmnop-OA01".repeat(100);
    assert_eq!(needles.find("here", other.as_bytes()), None);
}
