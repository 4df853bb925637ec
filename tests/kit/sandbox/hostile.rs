//! What someone who means harm makes a model say. The same file is read by the tests of the Markdown view and of the window
//! in Chromium. A script that ran would set `window.__hostile`; whatever loads would ask `https://sink.example`.
//!
//! It is only ever sent as an answer: nothing here may understand it.

use std::sync::LazyLock;

use serde::Deserialize;

/// One message.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Hostile {
    /// What it goes for.
    pub kind: String,
    /// Its own name.
    pub name: String,
    /// What is said.
    pub text: String,
    /// It has no end: what follows it in the same answer would be a part of it.
    pub alone: bool,
}

/// A message as it stands in the file: in parts, of which some repeat.
#[derive(Deserialize)]
struct Written {
    kind: String,
    name: String,
    text: Vec<Part>,
    #[serde(default)]
    alone: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Repeated { times: usize, of: String },
}

impl From<Written> for Hostile {
    fn from(written: Written) -> Self {
        let text = written.text.into_iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Repeated { times, of } => of.repeat(times),
        });
        Self {
            text: text.collect(),
            kind: written.kind,
            name: written.name,
            alone: written.alone,
        }
    }
}

/// All messages.
pub static HOSTILE: LazyLock<Vec<Hostile>> =
    LazyLock::new(
        || match serde_json::from_str(include_str!("../fixtures/hostile.json")) {
            Ok(messages) => messages,
            Err(error) => panic!("fixtures/hostile.json: {error}"),
        },
    );

/// The message of that name.
pub fn hostile(name: &str) -> Option<&'static Hostile> {
    HOSTILE.iter().find(|message| message.name == name)
}

/// A page with a little of everything.
pub fn hostile_page() -> &'static str {
    HOSTILE.first().map_or("", |page| &page.text)
}
