//! The key in what a model says. A provider that sends the key back, as an answer or in one, must not bring it into the window
//! and onto the disk: it is cut out piece by piece as the text arrives, however the pieces are cut.
//!
//! Nothing else is cut: an answer about keys is an answer. So only keys that no text holds by chance are looked for.

use std::sync::Arc;

use brasskey_custody::own_part;

use crate::fragments::Fragments;
use crate::redact::MARK;

/// What users call the key of a server that wants none is shorter, and may be any word.
const SHORTEST: usize = 20;

/// What of a secret is looked for in answers.
pub(crate) fn fragments(secret: Option<&str>) -> Fragments {
    match secret.map(own_part) {
        Some(own) if own.len() >= SHORTEST => Fragments::of(own),
        Some(_) | None => Fragments::none(),
    }
}

/// Cuts one key out of one text.
pub(crate) struct Echo {
    fragments: Arc<Fragments>,
    /// What came last and may turn out to belong to the key.
    held: String,
    /// Which bytes of that are known to belong to it.
    known: Vec<bool>,
    /// The last that was let through belongs to the key: it has its mark.
    in_key: bool,
}

impl Echo {
    pub(crate) fn of(fragments: Arc<Fragments>) -> Self {
        Self {
            fragments,
            held: String::new(),
            known: Vec::new(),
            in_key: false,
        }
    }

    /// Takes the next piece and gives what may be shown of the text so far.
    pub(crate) fn pass(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let marks = self.fragments.mark(&self.held);
        self.let_through(marks.secret, marks.open_from)
    }

    /// What is left when nothing more comes.
    pub(crate) fn rest(&mut self) -> String {
        let marks = self.fragments.mark(&self.held);
        self.let_through(marks.secret, self.held.len())
    }

    fn let_through(&mut self, mut secret: Vec<bool>, until: usize) -> String {
        for (secret, known) in secret.iter_mut().zip(&self.known) {
            *secret |= known;
        }
        let mut passed = String::with_capacity(until);
        for (at, character) in self.held[..until].char_indices() {
            let is_key = secret[at..at + character.len_utf8()].contains(&true);
            if !is_key {
                passed.push(character);
            } else if !self.in_key {
                passed.push_str(MARK);
            }
            self.in_key = is_key;
        }
        self.held.drain(..until);
        self.known = secret.split_off(until);
        passed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use secrecy::SecretString;

    /// What is shown of a text that arrives in pieces, cut after these characters.
    fn shown(key: &str, text: &str, cuts: &[Index]) -> String {
        let mut echo = Echo::of(Arc::new(fragments(Some(key))));
        let characters: Vec<char> = text.chars().collect();
        let mut ends: Vec<usize> = cuts
            .iter()
            .map(|cut| cut.index(characters.len() + 1))
            .collect();
        ends.push(characters.len());
        ends.sort_unstable();
        let mut shown = String::new();
        let mut from = 0;
        for end in ends {
            shown += &echo.pass(&characters[from..end].iter().collect::<String>());
            from = end;
        }
        shown + &echo.rest()
    }

    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    fn escaped(text: &str) -> String {
        text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
    }

    proptest! {
        #[test]
        fn an_echoed_key_is_cut_out_however_the_answer_is_cut(
            own in "[A-Za-z0-9_+/=.-]{20,90}",
            before in "[ a-z\n%\\\\é😀]{0,40}",
            after in "[ a-z\n%\\\\é😀]{0,40}",
            cuts in prop::collection::vec(any::<Index>(), 0..60),
            form in 0..5,
        ) {
            let key = format!("sk-proj-{own}");
            let echoed = match form {
                0 => key.clone(),
                1 => percent(&own),
                2 => escaped(&own),
                3 => own.to_uppercase(),
                _ => own.replace('/', "\\/"),
            };
            let shown = shown(&key, &format!("{before} {echoed} {after}"), &cuts);
            prop_assert!(shown.contains("[redacted]"), "{shown}");
            let needle = brasskey_custody::Needle::of(&SecretString::from(key)).unwrap();
            prop_assert_eq!(needle.find_in(shown.as_bytes()), []);
            // What stands around it stays, but for the odd letter that continues an escape.
            prop_assert!(shown.starts_with(before.trim_end_matches(['%', '\\'])), "{shown}");
        }

        #[test]
        fn any_other_answer_arrives_to_the_letter(
            key in "[A-Za-z0-9_-]{20,60}",
            text in "\\PC{0,300}",
            cuts in prop::collection::vec(any::<Index>(), 0..40),
        ) {
            prop_assert_eq!(shown(&key, &text, &cuts), text);
        }
    }

    #[test]
    fn what_no_fragment_can_follow_is_not_held_back() {
        let key = "sk-proj-0123456789abcdefghijKLMNOP";
        let mut echo = Echo::of(Arc::new(fragments(Some(key))));
        assert_eq!(echo.pass("Hello, "), "Hello, ");
        assert_eq!(echo.pass("it is 01"), "it is ");
        assert_eq!(echo.pass(". So"), "01. So");
        assert_eq!(echo.pass(" 0123456789abcdefghij"), " [redacted]");
        assert_eq!(echo.pass("KLMNOP!"), "!");
        assert_eq!(echo.rest(), "");
    }

    #[test]
    fn the_key_of_a_server_that_wants_none_is_a_word_like_any_other() {
        for key in ["ollama", "lm-studio", "sk-no-key-required"] {
            assert_eq!(
                shown(key, "ollama, lm-studio, sk-no-key-required", &[]),
                "ollama, lm-studio, sk-no-key-required"
            );
        }
        assert_eq!(
            shown(
                "sk-ant-api03-0123456789abcdefghij",
                "They begin with sk-ant-api03-.",
                &[]
            ),
            "They begin with sk-ant-api03-."
        );
    }
}
