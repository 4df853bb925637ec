//! The part of a text that a search found, cut to a line, with what was found marked.
//!
//! The index keeps no text, so the words are looked for again, in the rows that are shown only, and read as the index reads
//! them: letters and digits, without case and diacritics. Where the two disagree the beginning of the text is shown, unmarked.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::query::Query;
use super::spaced::stands_alone;

/// About how many characters an excerpt has, and how many of them stand before what was found.
const LENGTH: usize = 180;
const BEFORE: usize = 48;
/// Further into a text nothing is looked for: the excerpt of a very long one must not cost more than its search.
const LOOKED_AT: usize = 256 * 1024;

/// A piece of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// This was looked for.
    pub is_hit: bool,
}

/// A word of a text: where it stands, and as it is compared.
struct Word {
    from: usize,
    to: usize,
    folded: String,
}

/// Part of the text around the first place where something of the query stands.
pub(super) fn excerpt(text: &str, query: &Query) -> Vec<Piece> {
    let text = head(text, LOOKED_AT);
    let hits = hits(text, query);
    let first = hits.first().map_or(0, |hit| hit.0);
    let from = start_of(text, first);
    let to = end_of(text, from);
    pieces(text, from, to, &hits)
}

/// All of a name, with what was looked for marked.
pub(super) fn marked(text: &str, query: &Query) -> Vec<Piece> {
    pieces(text, 0, text.len(), &hits(text, query))
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where what is looked for stands, from first to last, none overlapping another.
fn hits(text: &str, query: &Query) -> Vec<(usize, usize)> {
    let words = words(text);
    let mut hits: Vec<(usize, usize)> = Vec::new();
    for term in &query.terms {
        let wanted = self::words(&term.text);
        let Some((last, before)) = wanted.split_last() else {
            continue;
        };
        for (at, run) in words.windows(wanted.len()).enumerate() {
            let begins = before
                .iter()
                .zip(run)
                .all(|(wanted, word)| wanted.folded == word.folded);
            let ends = run.last().is_some_and(|word| {
                word.folded == last.folded
                    || (term.is_open && word.folded.starts_with(&last.folded))
            });
            if begins && ends {
                hits.push((words[at].from, words[at + wanted.len() - 1].to));
            }
        }
    }
    hits.sort_unstable();
    let mut end = 0;
    hits.retain(|&(from, to)| {
        let is_new = from >= end;
        if is_new {
            end = to;
        }
        is_new
    });
    hits
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for (at, character) in text.char_indices() {
        let to = at + character.len_utf8();
        let alone = stands_alone(character);
        if is_combining_mark(character) && !alone {
            // Belongs to the letter before it, and is not compared.
            if let Some(word) = words.last_mut().filter(|_| open) {
                word.to = to;
            }
        } else if !character.is_alphanumeric() {
            open = false;
        } else {
            if !open || alone {
                words.push(Word {
                    from: at,
                    to,
                    folded: String::new(),
                });
            }
            if let Some(word) = words.last_mut() {
                word.to = to;
                fold(character, &mut word.folded);
            }
            open = !alone;
        }
    }
    words
}

fn fold(character: char, into: &mut String) {
    if character.is_ascii() {
        into.push(character.to_ascii_lowercase());
    } else {
        let letters = std::iter::once(character)
            .nfd()
            .filter(|part| !is_combining_mark(*part));
        into.extend(letters.flat_map(char::to_lowercase));
    }
}

/// Where the excerpt begins: some characters before what was found, at the beginning of a word if there is one.
fn start_of(text: &str, found: usize) -> usize {
    let before = &text[..found];
    let Some((start, _)) = before.char_indices().rev().nth(BEFORE) else {
        return 0;
    };
    let space = text[start..found].find(char::is_whitespace);
    space.map_or(start, |space| {
        let rest = &text[start + space..];
        start + space + rest.chars().next().map_or(0, char::len_utf8)
    })
}

fn end_of(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let Some((end, _)) = rest.char_indices().nth(LENGTH) else {
        return text.len();
    };
    // A long word is cut, rather than the excerpt emptied.
    let space = rest[..end]
        .rfind(char::is_whitespace)
        .filter(|space| *space > end / 2);
    from + space.unwrap_or(end)
}

fn pieces(text: &str, from: usize, to: usize, hits: &[(usize, usize)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: String, is_hit: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text, is_hit });
        }
    };
    let mut at = from;
    let mut line = if from > 0 {
        "…".to_owned()
    } else {
        String::new()
    };
    for &(start, end) in hits
        .iter()
        .filter(|(start, end)| *start >= from && *end <= to)
    {
        one_line(&text[at..start], &mut line);
        push(std::mem::take(&mut line), false);
        let mut hit = String::new();
        one_line(&text[start..end], &mut hit);
        push(hit, true);
        at = end;
    }
    one_line(&text[at..to], &mut line);
    if to < text.len() {
        line.push('…');
    }
    push(line, false);
    pieces
}

/// Appends text with every run of white space and control characters as one space.
fn one_line(text: &str, into: &mut String) {
    let mut was_space = into.ends_with(' ');
    for character in text.chars() {
        let is_space = character.is_whitespace() || character.is_control();
        if !is_space {
            into.push(character);
        } else if !was_space {
            into.push(' ');
        }
        was_space = is_space;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, typed: &str) -> String {
        excerpt(text, &Query::read(typed).unwrap())
            .into_iter()
            .map(|piece| {
                if piece.is_hit {
                    format!("[{}]", piece.text)
                } else {
                    piece.text
                }
            })
            .collect()
    }

    #[test]
    fn what_was_found_is_marked_whatever_its_case_and_accents() {
        assert_eq!(
            shown("One Café near a Kafferia", "cafe"),
            "One [Café] near a Kafferia"
        );
        assert_eq!(shown("Cafe\u{301}s close", "CAFÉ"), "[Cafe\u{301}s] close");
        assert_eq!(
            shown("one two\n\nthree two", "two "),
            "one [two] three [two]"
        );
        assert_eq!(
            shown("the nightly export", "\"nightly exp"),
            "the [nightly export]"
        );
        assert_eq!(shown("東京で日本語を話す", "日本"), "東京で[日本]語を話す");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_place() {
        let text = format!("{} needle {}", "hay ".repeat(500), "straw ".repeat(500));
        let shown = shown(&text, "needle");
        assert!(shown.starts_with("…hay "), "{shown}");
        assert!(shown.contains("[needle] straw"), "{shown}");
        assert!(shown.ends_with("straw…"), "{shown}");
        assert!(shown.chars().count() < LENGTH + 8, "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_and_query_make_an_excerpt_of_that_text(text in any::<String>(), typed in any::<String>()) {
            if let Some(query) = Query::read(&typed) {
                let all: String = marked(&text, &query).into_iter().map(|piece| piece.text).collect();
                let mut line = String::new();
                one_line(&text, &mut line);
                prop_assert_eq!(all, line);
                let cut: usize = excerpt(&text, &query).iter().map(|piece| piece.text.chars().count()).sum();
                prop_assert!(cut <= LENGTH + 2);
            }
        }
    }
}
