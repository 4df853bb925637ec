//! What a device proves itself with: `bkd_` and 256 random bits. The service keeps a hash and hands the credential out once.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::clock::random;

const PREFIX: &str = "bkd_";

/// A new credential; `None` when the system has no random numbers to give.
pub(crate) fn new() -> Option<SecretString> {
    Some(SecretString::from(format!("{PREFIX}{}", hex(&random()?))))
}

/// What is kept of a credential. Guessing one from it is hopeless: it is a hash of 256 random bits, so that it needs no salt.
pub(crate) fn hash(credential: &SecretString) -> String {
    hex(&Sha256::digest(credential.expose_secret()))
}

/// Whether a text can be a credential at all.
pub(crate) fn is_one(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 64 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a credential stands somewhere in a text.
pub(crate) fn stands_in(text: &str) -> bool {
    text.match_indices(PREFIX)
        .any(|(at, _)| text.get(at..at + PREFIX.len() + 64).is_some_and(is_one))
}

/// A hash of any bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn credentials_are_never_the_same_and_are_not_in_what_is_kept() {
        let (one, other) = (new().unwrap(), new().unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(is_one(one.expose_secret()));
        assert!(!one.expose_secret().contains(&hash(&one)));
        assert_ne!(hash(&one), hash(&other));
        assert!(stands_in(&format!("{{\"a\":\"{}\"}}", one.expose_secret())));
        assert!(!stands_in(&format!("bkd_ {}", hash(&one))));
        for text in ["", "bkd_", "bkd_zz", "sk-ant-0123"] {
            assert!(!is_one(text));
        }
    }
}
