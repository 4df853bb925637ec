//! The few members of a JSON body that say what it used, taken out while the body passes.
//!
//! It follows nesting and strings and nothing else: whether the rest is proper JSON is the reader's business. It must never
//! keep more than the members it looks for, nor those beyond a bound.

use memchr::memchr2;

/// The members that say what was used, under which terms, and what went wrong, in all four protocols.
const WANTED: &[&str] = &[
    "error",
    "id",
    "model",
    "modelVersion",
    "promptFeedback",
    "responseId",
    "service_tier",
    "status",
    "usage",
    "usageMetadata",
    "x_groq",
];
/// The longest of those names.
const LONGEST_NAME: usize = 16;
/// The most bytes of the wanted members of one object.
const LONGEST: usize = 64 * 1024;

/// What was found.
pub(super) enum Piece<'a> {
    /// An object of an array, reduced to its wanted members.
    Member(&'a [u8]),
    /// The body is complete: its object, or the last one of its array, reduced to its wanted members.
    End(&'a [u8]),
}

/// The state between two pieces of a body.
#[derive(Default)]
pub(super) struct Members {
    depth: u32,
    /// The depth at which members are looked at: 1 in an object, 2 in an array of objects.
    level: u32,
    in_object: bool,
    in_string: bool,
    after_backslash: bool,
    /// A name is expected rather than a value.
    at_name: bool,
    name: Vec<u8>,
    taking: bool,
    /// The wanted members so far, as an object under way, and where the last one begins.
    object: Vec<u8>,
    member: usize,
    text_bytes: u64,
    over: bool,
}

impl Members {
    /// Bytes of strings that passed, names of nested members included.
    pub(super) fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    pub(super) fn read(&mut self, mut bytes: &[u8], found: &mut impl FnMut(Piece<'_>)) {
        while !self.over {
            if self.in_string {
                bytes = self.string(bytes);
            }
            let Some((byte, rest)) = bytes.split_first() else {
                return;
            };
            if !self.in_string {
                self.structure(*byte, found);
                bytes = rest;
            }
        }
    }

    /// Reads on in a string and returns what follows its end, or nothing when it goes on.
    fn string<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        while let Some(first) = bytes.first() {
            if self.after_backslash {
                self.after_backslash = false;
                self.text(&[*first]);
                bytes = &bytes[1..];
                continue;
            }
            let Some(length) = memchr2(b'"', b'\\', bytes) else {
                self.text(bytes);
                return &[];
            };
            let (text, rest) = bytes.split_at(length);
            self.text(text);
            if rest.first() == Some(&b'"') {
                self.in_string = false;
                if !self.is_name() {
                    self.take(b"\"");
                }
                return &rest[1..];
            }
            self.text(b"\\");
            self.after_backslash = true;
            bytes = &rest[1..];
        }
        bytes
    }

    fn text(&mut self, part: &[u8]) {
        if self.is_name() {
            if self.name.len() <= LONGEST_NAME {
                let room = LONGEST_NAME + 1 - self.name.len();
                self.name.extend_from_slice(&part[..part.len().min(room)]);
            }
        } else {
            self.text_bytes = self.text_bytes.saturating_add(part.len() as u64);
            self.take(part);
        }
    }

    fn is_name(&self) -> bool {
        self.at_name && self.depth == self.level
    }

    fn structure(&mut self, byte: u8, found: &mut impl FnMut(Piece<'_>)) {
        let at_level = self.in_object && self.depth == self.level;
        match byte {
            b'"' => {
                self.in_string = true;
                if self.is_name() {
                    self.name.clear();
                } else {
                    self.take(b"\"");
                }
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.shut(byte, at_level, found),
            b',' if at_level => {
                self.taking = false;
                self.at_name = true;
            }
            b':' if self.is_name() => self.value(),
            _ => self.take(&[byte]),
        }
    }

    fn open(&mut self, byte: u8) {
        if self.depth == 0 {
            self.level = if byte == b'{' { 1 } else { 2 };
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth == self.level && byte == b'{' {
            self.in_object = true;
            self.at_name = true;
            self.taking = false;
            self.object.clear();
            self.object.push(b'{');
        } else {
            self.take(&[byte]);
        }
    }

    fn shut(&mut self, byte: u8, at_level: bool, found: &mut impl FnMut(Piece<'_>)) {
        if at_level {
            self.taking = false;
            self.at_name = false;
            self.in_object = false;
            self.object.push(b'}');
            if self.level == 2 {
                found(Piece::Member(&self.object));
            }
        } else {
            self.take(&[byte]);
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.over = true;
            if self.object.is_empty() {
                self.object.extend_from_slice(b"{}");
            }
            found(Piece::End(&self.object));
        }
    }

    fn value(&mut self) {
        self.at_name = false;
        self.taking = WANTED
            .iter()
            .any(|wanted| wanted.as_bytes() == self.name.as_slice());
        if self.taking {
            self.member = self.object.len();
            if self.member > 1 {
                self.object.push(b',');
            }
            self.object.push(b'"');
            self.object.extend_from_slice(&self.name);
            self.object.extend_from_slice(b"\":");
        }
    }

    fn take(&mut self, part: &[u8]) {
        if !self.taking {
            return;
        }
        if self.object.len() + part.len() > LONGEST {
            self.object.truncate(self.member);
            self.taking = false;
        } else {
            self.object.extend_from_slice(part);
        }
    }
}
