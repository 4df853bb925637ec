//! Takes keys out of what passes, wherever it is cut.
//!
//! What could be the beginning of a key is held back until it is known not to be one.

use secrecy::zeroize::Zeroizing;

/// What stands in the place of a key.
const MARK: &[u8] = b"[redacted]";

/// Passes bytes on without the keys in them.
pub(crate) struct Mask<'a> {
    secrets: &'a [Zeroizing<Vec<u8>>],
    held: Zeroizing<Vec<u8>>,
}

impl<'a> Mask<'a> {
    pub(crate) fn new(secrets: &'a [Zeroizing<Vec<u8>>]) -> Self {
        Self {
            secrets,
            held: Zeroizing::new(Vec::new()),
        }
    }

    /// What may be passed on of this and of what was held back before.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let mut passed = Vec::with_capacity(self.held.len());
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| !rest.is_empty()) {
            let whole = self
                .secrets
                .iter()
                .find(|secret| !secret.is_empty() && rest.starts_with(secret));
            if let Some(secret) = whole {
                passed.extend_from_slice(MARK);
                at += secret.len();
            } else if self.secrets.iter().any(|secret| secret.starts_with(rest)) {
                break;
            } else {
                passed.extend(rest.first());
                at += 1;
            }
        }
        self.held.drain(..at);
        passed
    }

    /// What was held back, at the end: it is no whole key.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"sk-sk-abcd-1234";

    /// The text, passed in pieces of so many bytes.
    fn passed(text: &[u8], size: usize) -> Vec<u8> {
        let secrets = [Zeroizing::new(KEY.to_vec())];
        let mut mask = Mask::new(&secrets);
        let mut all = Vec::new();
        for piece in text.chunks(size) {
            all.extend(mask.pass(piece));
        }
        all.extend(mask.rest());
        all
    }

    #[test]
    fn a_key_is_masked_wherever_it_is_cut() {
        let text = [b"a sk-".as_slice(), KEY, b" b ", KEY, KEY, b"sk-sk-abcd"].concat();
        for size in 1..text.len() {
            assert_eq!(
                passed(&text, size),
                b"a sk-[redacted] b [redacted][redacted]sk-sk-abcd",
                "{size}"
            );
        }
    }

    #[test]
    fn everything_else_passes_as_it_is() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(passed(&bytes, 7), bytes);
    }
}
