//! The search finds a secret in each form, wherever it stands, however it is cut by the reads, and nothing where there is none.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(
    clippy::disallowed_methods,
    reason = "planted files may be cut short by a full disk"
)]

use std::fs;
use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use brasskey_custody::{Form, Hit, Needle, TooShort, look_through};
use proptest::prelude::*;
use proptest::sample::Index;
use secrecy::SecretString;

/// Yields bytes in reads of these sizes, over and over.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: &'a [usize],
    at: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.at % self.sizes.len()]
            .min(buffer.len())
            .min(self.rest.len());
        self.at += 1;
        buffer[..size].copy_from_slice(&self.rest[..size]);
        self.rest = &self.rest[size..];
        Ok(size)
    }
}

fn needle(secret: &str) -> Needle {
    Needle::of(&SecretString::from(secret)).unwrap()
}

fn forms(hits: &[Hit]) -> Vec<Form> {
    hits.iter().map(|hit| hit.form).collect()
}

/// The key of a provider: its beginning and what is the user's own, with the signs that encodings treat specially.
fn key() -> impl Strategy<Value = String> {
    (
        prop::sample::select(vec!["sk-proj-", "sk-ant-api03-", "AIza", "AQ.", "", "sk-"]),
        "[A-Za-z0-9][A-Za-z0-9_+/=.~-]{28,90}[A-Za-z0-9]",
    )
        .prop_map(|(beginning, own)| format!("{beginning}{own}"))
}

fn hex(text: &str, before: &str, between: &str) -> String {
    let parts: Vec<String> = text
        .bytes()
        .map(|byte| format!("{before}{byte:02x}"))
        .collect();
    parts.join(between)
}

/// Every way to write a key that is to be found, as programs write it, and the form that a hit must name. Written without the
/// search's own code.
fn written(key: &str) -> Vec<(Form, Vec<u8>)> {
    let mut all: Vec<(Form, Vec<u8>)> = vec![
        (Form::Plain, key.into()),
        (Form::Plain, key.to_lowercase().into()),
        (Form::Plain, key.to_uppercase().into()),
        (Form::Hex, hex(key, "", "").into()),
        (Form::Hex, hex(key, "", "").to_uppercase().into()),
        (Form::Hex, hex(key, "", " ").into()),
        (Form::Hex, hex(key, "", ":").into()),
        (Form::Hex, hex(key, "\\x", "").into()),
        (Form::Percent, hex(key, "%", "").into()),
        (Form::Percent, hex(key, "%", "").to_uppercase().into()),
        (
            Form::JsonEscaped,
            key.chars()
                .map(|one| format!("\\u{:04X}", u32::from(one)))
                .collect::<String>()
                .into(),
        ),
        (
            Form::Utf16,
            key.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            Form::Utf16,
            key.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
        (Form::Reversed, key.bytes().rev().collect()),
        (
            Form::ByteList,
            format!("{:?}", key.as_bytes().to_vec()).into(),
        ),
        (
            Form::ByteList,
            format!("{:?}", key.as_bytes()).replace(' ', "").into(),
        ),
    ];
    for before in ["", "x", "xy"] {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(format!("{before}{key}!!"));
            all.push((Form::Base64, encoded.into()));
        }
    }
    all
}

fn planted(before: &[u8], written: &[u8], after: &[u8]) -> Vec<u8> {
    [before, written, after].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_form_is_found_wherever_it_stands_and_however_it_is_read(
        key in key(),
        before in prop::collection::vec(any::<u8>(), 0..3000),
        after in prop::collection::vec(any::<u8>(), 0..300),
        sizes in prop::collection::vec(1..700_usize, 1..6),
    ) {
        let needle = needle(&key);
        for (form, written) in written(&key) {
            let bytes = planted(&before, &written, &after);
            let hits = needle.find(Pieces { rest: &bytes, sizes: &sizes, at: 0 }).unwrap();
            let expected = before.len() as u64..(before.len() + written.len()) as u64;
            prop_assert!(
                hits.iter().any(|hit| hit.form == form && expected.contains(&hit.at)),
                "{form} is not among {hits:?}"
            );
            prop_assert_eq!(hits, needle.find_in(&bytes), "the reads make no difference");
        }
    }

    #[test]
    fn what_is_encoded_in_part_is_found(key in key()) {
        let needle = needle(&key);
        let percent = |kept: &str| -> String {
            key.bytes()
                .map(|byte| match byte.is_ascii_alphanumeric() || kept.contains(char::from(byte)) {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02X}"),
                })
                .collect()
        };
        let escaped = key.replace('/', "\\/");
        for text in [percent(""), percent("-._~"), escaped] {
            prop_assert!(!needle.find_in(text.as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_key_that_is_cut_once_is_found_by_its_longer_part(
        own in "[A-Za-z0-9]{24,90}",
        at in any::<Index>(),
        between in prop::sample::select(vec!["\r\n5\r\n", "\"}\n\ndata: {\"delta\":\"", "\0", " ", "\n"]),
    ) {
        let key = format!("sk-proj-{own}");
        let (one, other) = key.split_at(at.index(key.len() + 1));
        let hits = needle(&key).find_in(format!("{one}{between}{other}").as_bytes());
        prop_assert!(forms(&hits).contains(&Form::Plain));
    }

    #[test]
    fn every_fragment_of_twelve_characters_is_found_and_a_shorter_one_is_none(
        own in "[A-Za-z0-9]{24,60}",
        at in any::<Index>(),
    ) {
        let needle = needle(&format!("sk-ant-api03-{own}"));
        let from = at.index(own.len() - 12 + 1);
        for (form, written) in written(&own[from..from + 12]) {
            prop_assert!(forms(&needle.find_in(&written)).contains(&form), "{form}");
        }
        prop_assert_eq!(needle.find_in(&own.as_bytes()[from..from + 11]), []);
    }

    #[test]
    fn nothing_is_found_where_nothing_is(
        key in key(),
        other in "[A-Za-z0-9_-]{0,4000}",
    ) {
        let text = format!("{other} sk-ant-api03- sk-proj-sandbox-0123456789abcdef {other}");
        prop_assert_eq!(needle(&key).find_in(text.as_bytes()), []);
    }
}

#[test]
fn a_run_of_a_key_is_one_hit_and_the_next_another() {
    let own = "qZ7w+Xk/93Vb=TnR5yUe8Lp2Mc6Hd4Gs";
    let needle = needle(own);
    for (form, written) in written(own) {
        let bytes = [
            &written[..],
            b"\n\n----------------------------------------\n\n",
            &written,
        ]
        .concat();
        let hits = needle.find_in(&bytes);
        let of_form = hits.iter().filter(|hit| hit.form == form).count();
        assert_eq!(of_form, 2, "{form}: {hits:?}");
    }
}

#[test]
fn a_secret_of_other_letters_is_found() {
    let secret = "schlüssel-ä€ß😀-für-alles";
    let needle = needle(secret);
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(forms(&needle.find_in(&wide)), [Form::Utf16]);
    assert_eq!(forms(&needle.find_in(secret.as_bytes())), [Form::Plain]);
}

#[test]
fn what_is_short_is_not_looked_for() {
    for short in ["", "sk-1", "1234567"] {
        assert_eq!(Needle::of(&SecretString::from(short)).err(), Some(TooShort));
    }
    // Nothing but a beginning is looked for as it stands.
    assert!(!needle("sk-ant-api03-").find_in(b"sk-ant-api03-").is_empty());
}

#[test]
fn a_needle_prints_nothing_of_the_secret() {
    let needle = needle("sk-proj-qZ7w3Xk93VbTnR5yUe8Lp2Mc6");
    let printed = format!("{needle:?} {needle:#?}");
    assert_eq!(needle.find_in(printed.as_bytes()), []);
    assert!(printed.len() < 40, "{printed}");
}

const SECRET: &str = "sk-proj-qZ7w3Xk93VbTnR5yUe8Lp2Mc6Hd4Gs";

#[test]
fn folders_are_looked_through_names_included() {
    let root = tempfile::tempdir().unwrap();
    let below = root.path().join("below");
    fs::create_dir_all(below.join("empty")).unwrap();
    fs::write(root.path().join("clean"), vec![b'x'; 200_000]).unwrap();
    let deep = below.join("deep.db-wal");
    fs::write(&deep, [&vec![0; 300_000][..], SECRET.as_bytes()].concat()).unwrap();
    let named = below.join(SECRET);
    fs::write(&named, "").unwrap();
    let mut told = 0;
    let looked = look_through(&needle(SECRET), root.path(), &mut |so_far| {
        assert!(so_far.bytes >= told);
        told = so_far.bytes;
        true
    });
    assert_eq!(looked.files, 3);
    assert_eq!(looked.bytes, 200_000 + 300_000 + SECRET.len() as u64);
    assert!(told > 300_000, "long files tell how far they are");
    assert_eq!(looked.unread, Vec::<std::path::PathBuf>::new());
    let mut found: Vec<_> = looked.found.iter().map(|place| &place.path).collect();
    found.sort();
    assert_eq!(found, [&deep, &named]);
    let hits = looked.found.iter().find(|place| place.path == deep);
    // The beginning that all keys have in common is not looked for.
    let own = 300_000 + "sk-proj-".len() as u64;
    assert_eq!(
        hits.unwrap().hits,
        [Hit {
            at: own,
            form: Form::Plain
        }]
    );
}

#[test]
fn a_search_can_be_ended_in_the_middle_of_a_file() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), vec![b'x'; 4_000_000]).unwrap();
    fs::write(root.path().join("b"), SECRET).unwrap();
    let looked = look_through(&needle(SECRET), root.path(), &mut |so_far| {
        so_far.bytes < 500_000
    });
    assert_eq!(looked.files, 0, "none was read to its end");
    assert!(looked.bytes < 1_000_000 && looked.found.is_empty());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_passed_over_and_links_are_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("theirs"), SECRET).unwrap();
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("link")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(root.path().join("socket"));
    assert!(socket.is_ok());
    let looked = look_through(&needle(SECRET), root.path(), &mut |_| true);
    assert_eq!((looked.files, looked.found.len()), (0, 0));
    assert!(looked.unread.is_empty());
    let gone = look_through(&needle(SECRET), &root.path().join("never"), &mut |_| true);
    assert_eq!(gone, brasskey_custody::Looked::default());
}
