//! The forms in which a secret is looked for.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// How a secret was written where it was found. Letters are found in either case, whichever case the form has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As it is.
    Plain,
    /// Base64, of the standard or the URL alphabet, at any of the three alignments.
    Base64,
    /// Two hexadecimal digits a byte, in a row or with something between them (`73 6b`, `73:6b`, `\x73\x6b`).
    Hex,
    /// Percent-encoded: all of it, or what is neither letter nor digit.
    Percent,
    /// As JSON may escape it: `\u0073`, or `\/`.
    JsonEscaped,
    /// Two bytes a character, in either order, which from the middle of a text look the same: JavaScript and Windows in memory.
    Utf16,
    /// From its end to its beginning.
    Reversed,
    /// Decimal numbers, as Rust prints a list of bytes.
    ByteList,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Base64,
        Self::Hex,
        Self::Percent,
        Self::JsonEscaped,
        Self::Utf16,
        Self::Reversed,
        Self::ByteList,
    ];

    /// Its fixed name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::JsonEscaped => "json_escaped",
            Self::Utf16 => "utf16",
            Self::Reversed => "reversed",
            Self::ByteList => "byte_list",
        }
    }

    /// Every way to write `part` in this form.
    pub(crate) fn spellings(self, part: &str) -> Vec<Zeroizing<Vec<u8>>> {
        let bytes = part.as_bytes();
        let written: Vec<Vec<u8>> = match self {
            Self::Plain => vec![bytes.to_vec()],
            Self::Base64 => (0..3).flat_map(|before| aligned(bytes, before)).collect(),
            Self::Hex => vec![
                between(bytes, "", |byte| format!("{byte:02x}")),
                between(bytes, " ", |byte| format!("{byte:02x}")),
                between(bytes, ":", |byte| format!("{byte:02x}")),
                between(bytes, "", |byte| format!("\\x{byte:02x}")),
            ],
            Self::Percent => vec![
                between(bytes, "", |byte| format!("%{byte:02x}")),
                between(bytes, "", |byte| match byte {
                    byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                    byte => format!("%{byte:02x}"),
                }),
                // What RFC 3986 leaves as it is.
                between(bytes, "", |byte| match byte {
                    b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                    byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                    byte => format!("%{byte:02x}"),
                }),
            ],
            Self::JsonEscaped => vec![
                part.encode_utf16()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<String>()
                    .into_bytes(),
                part.replace('/', "\\/").into_bytes(),
            ],
            Self::Utf16 => vec![
                part.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                part.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ],
            Self::Reversed => vec![bytes.iter().rev().copied().collect()],
            Self::ByteList => vec![
                between(bytes, ", ", |byte| byte.to_string()),
                between(bytes, ",", |byte| byte.to_string()),
            ],
        };
        written
            .into_iter()
            .map(Zeroizing::new)
            // What looks no different in this form is found as it is.
            .filter(|written| self == Self::Plain || written.as_slice() != bytes)
            .collect()
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The characters that stand for `bytes` alone when `before` bytes are encoded in front of them; those at the edges depend
/// on what stands beside them.
fn aligned(bytes: &[u8], before: usize) -> [Vec<u8>; 2] {
    let padded = Zeroizing::new([&vec![0; before], bytes].concat());
    let first = (before * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| {
        let encoded = Zeroizing::new(engine.encode(&*padded));
        encoded.as_bytes()[first..end].to_vec()
    })
}

fn between(bytes: &[u8], separator: &str, form: impl Fn(u8) -> String) -> Vec<u8> {
    let parts: Vec<String> = bytes.iter().map(|byte| form(*byte)).collect();
    parts.join(separator).into_bytes()
}
