//! Markdown on a terminal, as it streams in: headings and strong words bold, code coloured, bullets as such. Everything else is
//! passed on as it is.
//!
//! It must never let a control character through: what a model writes is data, and a terminal obeys what it is sent.

const BOLD: &str = "\u{1b}[1m";
const NOT_BOLD: &str = "\u{1b}[22m";
const CODE: &str = "\u{1b}[36m";
const FENCE: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// Where the text stands.
#[derive(Default)]
pub(crate) struct Markdown {
    /// Marks whose meaning is not known before what follows them.
    marks: String,
    /// Something of this line was written.
    in_line: bool,
    fenced: bool,
    /// The line that opens or closes a fence.
    at_fence: bool,
    heading: bool,
    bold: bool,
    code: bool,
}

impl Markdown {
    /// The next piece, styled.
    pub(crate) fn pass(&mut self, text: &str) -> String {
        let mut styled = String::with_capacity(text.len() + 16);
        for character in text.chars() {
            self.take(character, &mut styled);
        }
        styled
    }

    /// What is left at the end.
    pub(crate) fn rest(&mut self) -> String {
        let mut styled = String::new();
        self.decide('\n', &mut styled);
        self.end_line(&mut styled);
        styled
    }

    fn take(&mut self, character: char, styled: &mut String) {
        let is_mark = match character {
            '`' | '*' => true,
            '#' | '-' => !self.in_line,
            _ => false,
        };
        if is_mark && self.marks.chars().all(|mark| mark == character) {
            self.marks.push(character);
            return;
        }
        self.decide(character, styled);
        if is_mark {
            self.marks.push(character);
            return;
        }
        match character {
            '\n' => {
                self.end_line(styled);
                styled.push('\n');
            }
            // The space after a heading's marks went with them.
            ' ' if self.heading && !self.in_line => {}
            ' ' if !self.in_line => styled.push(' '),
            _ => {
                styled.push(shown(character));
                self.in_line = true;
            }
        }
    }

    /// Gives the marks before `next` their meaning.
    fn decide(&mut self, next: char, styled: &mut String) {
        let marks = std::mem::take(&mut self.marks);
        let Some(mark) = marks.chars().next() else {
            return;
        };
        let starts = !self.in_line;
        match (mark, marks.len()) {
            ('`', 3..) if starts => {
                self.fenced = !self.fenced;
                self.at_fence = true;
                self.in_line = true;
                styled.push_str(FENCE);
                styled.push_str(&marks);
            }
            _ if self.fenced || self.at_fence => self.plain(&marks, styled),
            ('#', 1..=6) if starts && next == ' ' => {
                self.heading = true;
                styled.push_str(BOLD);
            }
            ('*' | '-', 1) if starts && next == ' ' => self.plain("•", styled),
            ('*', 2) => {
                self.bold = !self.bold;
                self.in_line = true;
                styled.push_str(if self.bold { BOLD } else { NOT_BOLD });
            }
            ('`', 1) => {
                self.code = !self.code;
                self.in_line = true;
                styled.push_str(if self.code { CODE } else { PLAIN });
                if !self.code && (self.bold || self.heading) {
                    styled.push_str(BOLD);
                }
            }
            _ => self.plain(&marks, styled),
        }
    }

    fn plain(&mut self, text: &str, styled: &mut String) {
        styled.push_str(text);
        self.in_line = true;
    }

    fn end_line(&mut self, styled: &mut String) {
        if self.at_fence || self.heading || self.bold || self.code {
            styled.push_str(PLAIN);
        }
        (self.at_fence, self.heading, self.bold, self.code) = (false, false, false, false);
        self.in_line = false;
    }
}

/// A character as a terminal may be shown it.
pub(crate) fn shown(character: char) -> char {
    let turns_text = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if turns_text || (character.is_control() && !matches!(character, '\n' | '\t')) {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, passed in pieces of so many characters.
    fn styled(text: &str, size: usize) -> String {
        let mut markdown = Markdown::default();
        let characters: Vec<char> = text.chars().collect();
        let mut styled = String::new();
        for piece in characters.chunks(size) {
            styled.push_str(&markdown.pass(&piece.iter().collect::<String>()));
        }
        styled + &markdown.rest()
    }

    #[test]
    fn it_is_styled_alike_wherever_it_is_cut() {
        let text = "# Title\n\nA **bold** word, `code` and 2 * 3.\n- one\n* two\n```rust\nlet a = **b;\n```\n#not a heading\nend **open";
        let whole = styled(text, text.len());
        assert_eq!(
            whole,
            "\u{1b}[1mTitle\u{1b}[0m\n\nA \u{1b}[1mbold\u{1b}[22m word, \u{1b}[36mcode\u{1b}[0m and 2 * 3.\n• one\n• two\n\
             \u{1b}[2m```rust\u{1b}[0m\nlet a = **b;\n\u{1b}[2m```\u{1b}[0m\n#not a heading\nend \u{1b}[1mopen\u{1b}[0m"
        );
        for size in 1..text.chars().count() {
            assert_eq!(styled(text, size), whole, "{size}");
        }
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let hostile = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}txt\r\u{8}";
        let shown = styled(hostile, 3);
        assert!(
            shown.chars().all(|character| !character.is_control()),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{202e}'));
    }
}
