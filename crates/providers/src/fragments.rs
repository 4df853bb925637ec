//! Where a text holds a piece of a known secret, as it is or escaped.
//!
//! It does not hold the secret: it keeps randomly keyed hashes of the secret's fragments, so that it may live as long as a
//! stream without being a copy of the key.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use zeroize::Zeroizing;

/// A fragment of a key of this many bytes is a leak already.
const WINDOW: usize = 10;

/// The fragments of one secret.
pub(crate) struct Fragments {
    window: usize,
    whole: HashSet<u64>,
    /// The beginnings of all fragments, by which a fragment is seen coming.
    begun: HashSet<u64>,
    hasher: RandomState,
}

/// What of a text belongs to the secret.
pub(crate) struct Marks {
    /// One for each byte.
    pub(crate) secret: Vec<bool>,
    /// From here on more text may show that it belongs to the secret.
    pub(crate) open_from: usize,
}

impl Fragments {
    /// Of no secret: nothing is found.
    pub(crate) fn none() -> Self {
        Self::of("")
    }

    pub(crate) fn of(secret: &str) -> Self {
        let bytes: Zeroizing<Vec<u8>> =
            Zeroizing::new(read(secret).iter().map(|read| read.byte).collect());
        let hasher = RandomState::new();
        let window = bytes.len().min(WINDOW);
        let (mut whole, mut begun) = (HashSet::new(), HashSet::new());
        if window > 0 {
            for part in bytes.windows(window) {
                whole.insert(hasher.hash_one(part));
                begun.extend((1..window).map(|length| hasher.hash_one(&part[..length])));
            }
        }
        Self {
            window,
            whole,
            begun,
            hasher,
        }
    }

    /// Marks the pieces of the secret in a text: in letters of either case, percent-encoded, or escaped as JSON does it.
    pub(crate) fn mark(&self, text: &str) -> Marks {
        let mut secret = vec![false; text.len()];
        let mut open_from = text.len();
        if self.window == 0 || text.is_empty() {
            return Marks { secret, open_from };
        }
        let read = read(text);
        let bytes: Vec<u8> = read.iter().map(|read| read.byte).collect();
        for (at, part) in bytes.windows(self.window).enumerate() {
            if self.whole.contains(&self.hasher.hash_one(part)) {
                let last = &read[at + self.window - 1];
                secret[read[at].from..last.until].fill(true);
            }
        }
        let whole = match cut_escape(text) {
            Some(at) => {
                open_from = at;
                read.partition_point(|read| read.from < at)
            }
            None => read.len(),
        };
        // The longest end that a fragment begins with.
        let longest = whole.min(self.window - 1);
        let is_begun = |length: &usize| {
            self.begun
                .contains(&self.hasher.hash_one(&bytes[whole - length..whole]))
        };
        if let Some(length) = (1..=longest).rev().find(is_begun) {
            open_from = open_from.min(read[whole - length].from);
        }
        while !text.is_char_boundary(open_from) {
            open_from -= 1;
        }
        Marks { secret, open_from }
    }
}

/// One byte as it is meant, in lower case, and where it stands.
struct Meant {
    byte: u8,
    from: usize,
    until: usize,
}

/// A text without its escapes: `%73`, `\u0073` and `\/`.
fn read(text: &str) -> Vec<Meant> {
    let bytes = text.as_bytes();
    let mut read = Vec::with_capacity(bytes.len());
    let mut from = 0;
    while from < bytes.len() {
        let (byte, length) = match bytes[from] {
            b'%' => (hex(bytes, from + 1, 2), 3),
            b'\\' if bytes.get(from + 1) == Some(&b'u') => (hex(bytes, from + 2, 4), 6),
            b'\\' if bytes.get(from + 1) == Some(&b'/') => (Some(b'/'), 2),
            byte => (Some(byte), 1),
        };
        // What only looks like an escape stands for itself.
        let (byte, length) = byte.map_or((bytes[from], 1), |byte| (byte, length));
        let until = from + length;
        let byte = byte.to_ascii_lowercase();
        read.push(Meant { byte, from, until });
        from = until;
    }
    read
}

/// The byte that so many hexadecimal digits stand for.
fn hex(bytes: &[u8], from: usize, digits: usize) -> Option<u8> {
    let digits = std::str::from_utf8(bytes.get(from..from + digits)?).ok()?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u8::try_from(u16::from_str_radix(digits, 16).ok()?).ok()
}

/// Where an escape begins that the text's end cuts off.
fn cut_escape(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = bytes.len().saturating_sub(5);
    (first..bytes.len()).find(|at| match (bytes[*at], &bytes[at + 1..]) {
        (b'%', rest) => rest.len() < 2 && rest.iter().all(u8::is_ascii_hexdigit),
        (b'\\', []) => true,
        (b'\\', [b'u', rest @ ..]) => rest.len() < 4 && rest.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    })
}
