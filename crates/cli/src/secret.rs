//! Keys and passphrases on their way in: from the environment, piped in, or typed where nobody sees them.
//!
//! Never from an argument: any program of the same user reads those.

use std::io::{self, IsTerminal, Read};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

/// The most bytes of a key.
const LONGEST: u64 = 16 * 1024;

/// A key from a variable of the environment; none when it is unset or empty.
pub(crate) fn from_environment(variable: &str) -> Option<SecretString> {
    trimmed(&Zeroizing::new(std::env::var(variable).ok()?))
}

/// A key that is piped in, or else typed at the terminal without being shown; none when there is neither.
pub(crate) fn piped_or_asked(prompt: &str) -> Option<SecretString> {
    if io::stdin().is_terminal() {
        return asked(prompt);
    }
    let mut piped = Zeroizing::new(String::new());
    io::stdin().take(LONGEST).read_to_string(&mut piped).ok()?;
    trimmed(&piped)
}

/// What is typed at the terminal, without being shown; none without a terminal.
pub(crate) fn asked(prompt: &str) -> Option<SecretString> {
    trimmed(&Zeroizing::new(rpassword::prompt_password(prompt).ok()?))
}

fn trimmed(text: &str) -> Option<SecretString> {
    let text = text.trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}
