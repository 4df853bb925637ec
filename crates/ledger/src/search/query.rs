//! What was typed, as words and phrases. Whatever the bytes, the expression made of them has no syntax of its own: every word
//! goes to the index quoted.

use super::spaced::spaced;

/// More than this of what was typed is not looked at.
const LONGEST: usize = 400;
/// Further words are not looked for: an expression has a depth limit, and each word costs.
const MOST_WORDS: usize = 16;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
}

/// A word, or a phrase in quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    /// Its last word is still being typed: anything that begins so is found.
    pub(super) is_open: bool,
}

impl Query {
    /// Reads what was typed. All words must be there; those in quotation marks next to each other; the last one may be the
    /// beginning of a word, until a space or a closing mark follows it. `None` where there is no letter and no digit.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let typed: String = typed.chars().take(LONGEST).collect();
        let mut terms = Vec::new();
        for (place, part) in typed.split(is_quote).enumerate() {
            // Every second part stands in quotation marks.
            if place % 2 == 1 {
                terms.push(part);
            } else {
                terms.extend(
                    part.split(|character: char| character.is_whitespace() || character == '\0'),
                );
            }
        }
        let last_is_open = typed
            .chars()
            .last()
            .is_some_and(|last| !last.is_whitespace() && !is_quote(last));
        let last = terms.len().saturating_sub(1);
        let mut terms: Vec<Term> = terms
            .into_iter()
            .enumerate()
            .filter(|(_, text)| text.contains(char::is_alphanumeric))
            .map(|(place, text)| Term {
                text: text.replace('\0', " "),
                is_open: place == last && last_is_open,
            })
            .collect();
        terms.truncate(MOST_WORDS);
        (!terms.is_empty()).then_some(Self { terms })
    }

    /// The expression for the index.
    pub(super) fn expression(&self) -> String {
        let mut expression = String::new();
        for term in &self.terms {
            expression.push('"');
            expression.push_str(&spaced(&term.text));
            expression.push_str(if term.is_open { "\"* " } else { "\" " });
        }
        expression
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn expression(typed: &str) -> String {
        Query::read(typed).unwrap().expression()
    }

    #[test]
    fn words_are_quoted_and_the_last_is_open_until_it_is_finished() {
        assert_eq!(expression("stream ord"), r#""stream" "ord"* "#);
        assert_eq!(expression("stream ord "), r#""stream" "ord" "#);
        assert_eq!(expression(r#""nightly exp"#), r#""nightly exp"* "#);
        assert_eq!(
            expression(r#"a "nightly export" b"#),
            r#""a" "nightly export" "b"* "#
        );
        assert_eq!(expression(r#""nightly export""#), r#""nightly export" "#);
        assert_eq!(
            expression("text: -x NOT * ^y"),
            r#""text:" "-x" "NOT" "^y"* "#
        );
        assert_eq!(expression("日本"), r#"" 日  本 "* "#);
    }

    #[test]
    fn where_nothing_can_be_found_nothing_is_asked() {
        for typed in ["", "  ", "\"", "\"\"", "*", "--", "\0", "…!?"] {
            assert_eq!(Query::read(typed), None, "{typed:?}");
        }
    }
}
