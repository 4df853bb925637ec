//! Text of scripts that are written without spaces, with its characters set apart, so that each is a word of its own to the
//! index and a word is the phrase of its characters.
//!
//! Never changed for a text that is in an index already: the `spaced` column keeps what was indexed, and a query is spread by
//! the same rule.

use std::borrow::Cow;

/// Whether a character is of a script that puts no spaces between words.
pub(super) fn stands_alone(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0FFF}'       // Thai, Lao, Tibetan
        | '\u{1000}'..='\u{109F}'     // Myanmar
        | '\u{1780}'..='\u{17FF}'     // Khmer
        | '\u{2E80}'..='\u{2FDF}'     // radicals
        | '\u{3005}'..='\u{3007}'     // 々〆〇
        | '\u{3041}'..='\u{312F}'     // Hiragana, Katakana, Bopomofo
        | '\u{31A0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'     // Han
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}'     // half-width Katakana
        | '\u{20000}'..='\u{3FFFF}')
}

/// The text with a space after and before each such character; the text itself where it has none.
pub(super) fn spaced(text: &str) -> Cow<'_, str> {
    if !text.contains(stands_alone) {
        return Cow::Borrowed(text);
    }
    let mut apart = String::with_capacity(text.len() + text.len() / 2);
    for character in text.chars() {
        if stands_alone(character) {
            apart.extend([' ', character, ' ']);
        } else {
            apart.push(character);
        }
    }
    Cow::Owned(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_without_spaces_are_set_apart() {
        assert!(matches!(spaced("Größe, naïve, Привет"), Cow::Borrowed(_)));
        assert!(matches!(spaced("한국어 검색"), Cow::Borrowed(_)));
        assert_eq!(spaced("v2を日本"), "v2 を  日  本 ");
    }
}
