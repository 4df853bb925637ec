//! Takes out of a report what is nobody's business: keys in any form, whatever looks like one, addresses of mail, and the name
//! of the user in paths.
//!
//! It must never let a line through that holds a key that is known: the whole line goes.

use std::path::{Path, PathBuf};

use brasskey_custody::Needle;
use brasskey_providers::redact;

/// Stands in the place of a line.
const KEY_LINE: &str = "[a line that held a key]";
/// Stands in the place of everything, where a key is spread over lines.
const KEY_IN_LINES: &str = "[left out: it held a key that was spread over lines]";
const MAIL: &str = "[e-mail address]";
const USER: &str = "[user]";
/// Shorter names of users are words by chance.
const SHORTEST_USER: usize = 3;

/// What is looked for.
pub(super) struct Cleaner {
    pub(super) needles: Vec<Needle>,
    home: Option<PathBuf>,
}

impl Cleaner {
    pub(super) fn new(home: Option<PathBuf>) -> Self {
        Self {
            needles: Vec::new(),
            home,
        }
    }

    /// The text, fit to be read by others.
    pub(super) fn clean(&self, text: &str) -> String {
        let cleaned: Vec<String> = text.lines().map(|line| self.line(line)).collect();
        let joined: String = cleaned.iter().map(|line| line.trim()).collect();
        if self.holds_a_key(&joined) {
            return KEY_IN_LINES.to_owned();
        }
        cleaned.join("\n")
    }

    fn holds_a_key(&self, text: &str) -> bool {
        let mut needles = self.needles.iter();
        needles.any(|needle| !needle.find_in(text.as_bytes()).is_empty())
    }

    fn line(&self, line: &str) -> String {
        if self.holds_a_key(line) {
            return KEY_LINE.to_owned();
        }
        let line = redact(line, None);
        let line = match &self.home {
            Some(home) => without_home(&line, home),
            None => line,
        };
        without_mail(&line)
    }
}

/// The home folder is `~`, and the user's name is no part of any other path.
fn without_home(line: &str, home: &Path) -> String {
    let whole = home.to_string_lossy();
    if whole.trim_matches(['/', '\\']).is_empty() {
        return line.to_owned();
    }
    let line = line.replace(&*whole, "~");
    let Some(user) = home.file_name().map(|name| name.to_string_lossy()) else {
        return line;
    };
    if user.chars().count() < SHORTEST_USER {
        return line;
    }
    ['/', '\\'].iter().fold(line, |line, separator| {
        line.replace(&format!("{separator}{user}"), &format!("{separator}{USER}"))
    })
}

fn without_mail(line: &str) -> String {
    if !line.contains('@') {
        return line.to_owned();
    }
    let is_part = |character: char| {
        character.is_alphanumeric() || matches!(character, '.' | '_' | '%' | '+' | '-' | '@')
    };
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character| !is_part(character));
        let (word, after) = from.split_at(end.unwrap_or(from.len()));
        clean.push_str(before);
        clean.push_str(if is_mail(word) { MAIL } else { word });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

fn is_mail(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.trim_matches('.').contains('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use secrecy::SecretString;

    use super::*;

    const KEY: &str = "sk-proj-Zq7w9Xk393VbTnR5yUe8Lp2Mc6Hd4Gs";

    fn cleaner() -> Cleaner {
        let mut cleaner = Cleaner::new(Some(PathBuf::from("/home/annamaria")));
        let needle = Needle::of(&SecretString::from(KEY)).unwrap();
        cleaner.needles.push(needle);
        cleaner
    }

    #[test]
    fn a_line_that_holds_a_known_key_goes_whatever_form_the_key_has() {
        let percent: String = KEY.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = "c2stcHJvai1acTd3OVhrMzkzVmJUblI1eVVlOExwMk1jNkhkNEdz";
        for form in [
            KEY,
            &percent,
            &hex,
            base64,
            &KEY.to_uppercase(),
            &KEY[10..26],
        ] {
            let clean = cleaner().clean(&format!("first\nsaid \"{form}\" of it\nlast"));
            assert_eq!(clean, format!("first\n{KEY_LINE}\nlast"), "{form}");
        }
    }

    #[test]
    fn a_key_that_is_spread_over_lines_takes_all_with_it() {
        let pieces: Vec<&str> = (0..KEY.len() / 9).map(|at| &KEY[at * 9..][..9]).collect();
        assert_eq!(cleaner().clean(&pieces.join("\n")), KEY_IN_LINES);
    }

    #[test]
    fn what_looks_like_a_key_is_cut_and_the_line_stays() {
        let clean = cleaner()
            .clean("code=x authorization: Bearer abc123 sk-ant-api03-0123456789abcdefghij");
        assert!(clean.starts_with("code=x "), "{clean}");
        assert!(
            !clean.contains("abc123def") && !clean.contains("0123456789"),
            "{clean}"
        );
    }

    #[test]
    fn the_user_is_not_named_in_a_path_and_no_address_of_mail_stays() {
        let clean = cleaner().clean(
            "db=/home/annamaria/.local/share/x media=/run/media/annamaria/disk from <anna.m+1@mail.example.org>, at 12:00@4",
        );
        assert_eq!(
            clean,
            format!("db=~/.local/share/x media=/run/media/{USER}/disk from <{MAIL}>, at 12:00@4")
        );
    }

    proptest! {
        #[test]
        fn no_twelve_characters_of_a_key_stay(before in "[ -~\n]{0,60}", after in "[ -~\n]{0,60}", from in 8_usize..24) {
            let part = &KEY[from..from + 14];
            let clean = cleaner().clean(&format!("{before}{part}{after}"));
            prop_assert!(!cleaner().holds_a_key(&clean.replace('\n', "")), "{clean}");
        }
    }
}
